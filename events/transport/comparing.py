"""Comparing with one source: what it has told according to its feed's heads, and the pages of what is missing here.

Touches no database. What comes of it is a ``Portion``, which the receiver takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from events.contract.envelope import CloudEvent, UnreadableMessage, partition_of
from events.transport.marks import Halt, Mark, Place
from events.transport.source import PAGE, FeedSource, Heads, SourceUnavailable, WrongAnswer

PULL_AT_ONCE = 2_000
"""Events pulled per portion at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known here when a source is asked. ``behind``: the partitions of which something is known to be missing.

    ``patient``: what may still be on its way over the broker is left to it; pulled is only where something is known to
    be missing, where nothing has moved since the last comparison, or where this is the first. ``missed``: how often
    something had been found missing by then.
    """

    marks: Mapping[Place, Mark]
    partitions: frozenset[int]
    behind: frozenset[int]
    patient: bool
    missed: int

    def mark(self, place: Place) -> Mark:
        """How far a place was received."""
        return self.marks.get(place) or Mark()


@dataclass(slots=True)
class Portion:
    """What one comparison brought, events in the order in which they follow the marks.

    ``left``: partitions of which more is to come. ``troubles``: why a partition could not be pulled; under None why the
    source could not be asked further. ``generation`` is None where it gave no heads, so that nothing is known.
    """

    source: str
    asked: Asked
    generation: int | None = None
    events: list[tuple[CloudEvent, bytes]] = field(default_factory=list)
    halts: list[Halt] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    troubles: dict[int | None, str] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many events more it may hold."""
        return PULL_AT_ONCE - len(self.events)


def readable(body: bytes) -> CloudEvent:
    """The event, if it is numbered as the transport numbers. Raises ``UnreadableMessage``."""
    event = CloudEvent.from_bytes(body)
    if event.sequence < 1 or event.generation < 1:
        raise UnreadableMessage("sequence and generation count from 1")
    if event.partition != partition_of(event.key):
        raise UnreadableMessage("partition is not that of the subject")
    return event


class Comparison:
    """Compares with one source, time after time. One partition's trouble is not the others'."""

    def __init__(self, source: FeedSource):
        self.source = source
        self._compared: dict[int, list[tuple[int, int]]] = {}
        self._known: frozenset[int] = frozenset()

    def run(self, asked: Asked) -> Portion:
        """Asks for the heads and pulls what is missing, a bounded portion of it. Never raises for the source's sake."""
        portion = Portion(self.source.source, asked)
        try:
            heads = self.source.heads()
            portion.generation = heads.generation
            unequal = self._unequal(asked, heads)
            portion.left = set(unequal)
            for partition in unequal:
                self._compare(asked, heads, partition, portion)
            self._known = asked.partitions
        except SourceUnavailable as error:
            portion.troubles[None] = str(error)
        return portion

    def _unequal(self, asked: Asked, heads: Heads) -> list[int]:
        """Partitions whose marks and heads differ, in order: after most comparisons there are none or few."""
        known: dict[int, dict[int, int]] = {}
        for place, mark in asked.marks.items():
            if place.source == self.source.source:
                known.setdefault(place.generation, {})[place.partition] = mark.sequence
        found = set(asked.behind)
        for generation, numbers in heads.generations():
            mine = known.get(generation, {})
            if mine != numbers:
                found |= {partition for partition, head in numbers.items() if mine.get(partition, 0) != head}
                found |= mine.keys() - numbers.keys()
        return sorted(found & asked.partitions)

    def _compare(self, asked: Asked, heads: Heads, partition: int, portion: Portion) -> None:
        self._refuse_shorter(asked, heads, partition, portion)
        moving = asked.patient and partition in self._known - asked.behind and self._moves(asked, heads, partition)
        try:
            if not moving:
                self._pull(asked, heads, partition, portion)
        except WrongAnswer as error:
            portion.troubles[partition] = str(error)
        else:
            if moving or portion.room > 0:
                portion.left.discard(partition)

    def _refuse_shorter(self, asked: Asked, heads: Heads, partition: int, portion: Portion) -> None:
        """A feed that ends before what it told was restored without a new generation: numbers will be used again."""
        place = Place(self.source.source, heads.generation, partition)
        mark = asked.mark(place)
        head = heads.heads.get(partition, 0)
        if mark.sequence > head and not mark.halted:
            reason = f"its feed ends at {head} and told {mark.sequence} before: restored without a new generation?"
            portion.halts.append(Halt(place, mark.sequence, reason))

    def _moves(self, asked: Asked, heads: Heads, partition: int) -> bool:
        """Whether the broker may still be bringing what is missing of a partition: no mark stood still below a head."""
        now = [(asked.mark(place).sequence, head) for place, head in self._places(heads, partition)]
        then = self._compared.get(partition, [])
        self._compared[partition] = now
        return not any(mark == before < head for (mark, _), (before, head) in zip(now, then, strict=False))

    def _pull(self, asked: Asked, heads: Heads, partition: int, portion: Portion) -> None:
        """Pulls one partition, generation by generation. Order holds across them: what ends early, for want of room or
        because it is halted, holds up those that come after it. Raises ``SourceUnavailable``."""
        for place, head in self._places(heads, partition):
            mark = asked.mark(place)
            if mark.sequence < head and (mark.halted or not self._pull_place(place, mark.sequence, head, portion)):
                return

    def _pull_place(self, place: Place, after: int, head: int, portion: Portion) -> bool:
        """Whether the portion has all of it now."""
        while after < head:
            if portion.room <= 0:
                return False
            bodies = self.source.read(place.partition, after, min(PAGE, portion.room), generation=place.generation)
            if not bodies:
                raise WrongAnswer(f"{place} has less than its heads say")
            for body in bodies:
                try:
                    event = readable(body)
                except UnreadableMessage as error:
                    portion.halts.append(Halt(place, after, f"number {after + 1} of its feed is unreadable: {error}"))
                    return False
                if Place.of(event) != place or event.sequence != after + 1:
                    raise WrongAnswer(f"{place} gave other numbers than asked for")
                portion.events.append((event, body))
                after += 1
        return True

    def _places(self, heads: Heads, partition: int) -> Iterator[tuple[Place, int]]:
        """The places of one partition with their heads, oldest generation first."""
        for generation, numbers in heads.generations():
            yield Place(self.source.source, generation, partition), numbers.get(partition, 0)
