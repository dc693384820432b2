"""The simulated program of the command line, played in a house: no HTTP, no sockets, all services in one process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from e2e_house import House, opened

from events.contract.envelope import CloudEvent
from services.cli.simulator.days import Besides, begin, live
from services.cli.simulator.model.lives import OPENING_DAY
from services.cli.simulator.model.program import Program
from services.cli.simulator.model.traffic import instant
from services.cli.simulator.opening import prepare
from services.cli.simulator.world import World

FIRST_MONDAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Simulated:
    """``folder``: where the keys are. ``told``: service → the bytes it published, in each partition's order."""

    folder: Path
    told: Mapping[str, tuple[bytes, ...]]
    until: datetime

    def keep(self, path: Path, told: Iterable[bytes] | None = None) -> Path:
        """As a file of published events."""
        every = told if told is not None else (body for bodies in self.told.values() for body in bodies)
        path.write_bytes(b"".join(body + b"\n" for body in every))
        return path


def simulated(folder: Path, participants: int, weeks: int, seed: int) -> Simulated:
    """Plays it from the first referral until its last week is judged."""
    program = Program(participants, weeks, seed, FIRST_MONDAY)
    with opened(folder, instant(FIRST_MONDAY, OPENING_DAY - 1)) as house:
        world = World(program, house.client, house.clock.set, house.settle, _Line(house))
        prepare(world)
        begin(world)
        live(world, Besides())
        assert house.parked() == []
        return Simulated(folder, {name: tuple(published(house, name)) for name in house.services}, house.clock())


def published(house: House, name: str) -> Iterable[bytes]:
    """What a service told, as any integration reads it."""
    feed = house.services[name].feed
    for partition, head in feed.heads().heads.items():
        yield from feed.read(partition, 0, head)


def in_time(bodies: Iterable[bytes]) -> list[tuple[CloudEvent, bytes]]:
    """In the order in which they were written; of one instant by place."""
    events = ((CloudEvent.from_bytes(body), body) for body in bodies)
    return sorted(events, key=lambda one: (one[0].recorded_at, one[0].source, one[0].partition, one[0].sequence))


@dataclass
class _Line:
    """The hospital's connection."""

    house: House

    def send(self, message: bytes) -> str:
        (code,) = self.house.send(message)
        return code
