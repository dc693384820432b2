"""A broker that may lose, delay, repeat and interleave what it carries; and services that act whenever chance says so.

Chance is hypothesis's, so that a failure is shrunk to the simplest one. What each source tells of one partition is
carried in order, as RabbitMQ carries it; everything else is free.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from e2e_house import House

from events.transport.receiver import Message

Do = Callable[[House], object]


@dataclass
class Delivery:
    """``commands``: service → what is done there, in this order, whatever the others do meanwhile."""

    house: House
    chance: Random
    commands: Mapping[str, Sequence[Do]]
    _carried: dict[tuple[str, int], int] = field(default_factory=dict)
    _waiting: dict[tuple[str, str, int], deque[bytes]] = field(default_factory=dict)
    _delivered: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = {name: deque(commands) for name, commands in self.commands.items()}
        for name, service in self.house.services.items():
            for partition, sequence in service.feed.heads().heads.items():
                self._carried[name, partition] = sequence

    def run(self, rounds: int) -> None:
        """So many things at random; then the commands that are left; then all that was lost is pulled."""
        for _ in range(rounds):
            self._something()
        for name, left in self._left.items():
            while left:
                left.popleft()(self.house)
                self._follow(name)
        self.house.settle()

    def _something(self) -> None:
        name = self.chance.choice(list(self.house.services))
        kind = self.chance.choice(("command", "command", "follow", "deliver", "deliver", "deliver", "pull"))
        if kind == "command" and self._left.get(name):
            self._left[name].popleft()(self.house)
        elif kind == "follow":
            self._follow(name)
        elif kind == "deliver":
            self._deliver(name)
        elif kind == "pull" and self.chance.random() < 0.3:
            self.house.receivers[name].catch_up()

    def _follow(self, name: str) -> None:
        """The service reacts, and tells; the broker takes what it tells, or loses it."""
        service = self.house.services[name]
        service.followers.drain()
        consumers = [one for one, other in self.house.services.items() if name in other.sources]
        for partition, head in service.feed.heads().heads.items():
            after = self._carried.get((name, partition), 0)
            for body in service.feed.read(partition, after, head - after) if head > after else ():
                for consumer in consumers:
                    if self.chance.random() > 0.15:
                        self._waiting.setdefault((consumer, name, partition), deque()).append(body)
            self._carried[name, partition] = head

    def _deliver(self, consumer: str) -> None:
        """A batch from some of the consumer's partitions, perhaps with what it had before."""
        batch = []
        places = [place for place, waiting in self._waiting.items() if place[0] == consumer and waiting]
        self.chance.shuffle(places)
        for place in places[: self.chance.randint(1, 4)]:
            waiting = self._waiting[place]
            batch += [waiting.popleft() for _ in range(self.chance.randint(1, len(waiting)))]
        self._delivered += [(consumer, body) for body in batch]
        before = [body for to, body in self._delivered if to == consumer]
        if before and self.chance.random() < 0.3:
            batch.insert(self.chance.randint(0, len(batch)), self.chance.choice(before))
        self.house.receivers[consumer].accept([Message(body) for body in batch])
