"""What every part of the simulation needs: who asks, what time it is, and a moment at which all is quiet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from services.cli.client import Client, Refusal
from services.cli.simulator.hospital import Hospital
from services.cli.simulator.people import Person
from services.cli.simulator.timetable import ZONE
from services.platform.tokens import Role


class Line(Protocol):
    """A connection over which the hospital sends; the answer is the acknowledgment's code."""

    def send(self, message: bytes) -> str: ...


@dataclass
class Enrolled:
    """A person as the program knows them by now."""

    person: Person
    track: int
    participant_id: str = ""
    episode_id: str = ""
    waiting: bool = False
    appointment: str = ""
    reliability: float = 0.9
    left: bool = False


@dataclass
class World:
    """``settle`` blocks until every service has caught up with everything that happened."""

    url: str
    client: Callable[..., Client]
    set_clock: Callable[[datetime], None]
    settle: Callable[[], None]
    line: Line
    random: Random
    first_day: date
    say: Callable[[str], None]
    hospital: Hospital = field(default_factory=Hospital)
    people: list[Enrolled] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    group_series: list[list[str]] = field(default_factory=list)
    appointment_series: list[list[str]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    """Problem type → how often a command was refused: a simulation that is refused everything proves nothing."""

    def __post_init__(self) -> None:
        self.coordinator = self.client(Role.COORDINATOR)
        self.front_desk = self.client(Role.FRONT_DESK)
        self.therapist = self.client(Role.THERAPIST)
        self.prescriber = self.client(Role.PRESCRIBER)

    def at(self, day: date, moment: time) -> datetime:
        """A local moment of the program, in UTC."""
        return datetime.combine(day, moment, ZoneInfo(ZONE)).astimezone(UTC)

    def move_to(self, day: date, moment: time) -> datetime:
        """Sets the clock to a local moment; what fell due meanwhile has happened when this returns."""
        now = self.at(day, moment)
        self.set_clock(now)
        self.settle()
        return now

    def day(self, number: int) -> date:
        """The simulation's day, 0 being its first Monday."""
        return self.first_day + timedelta(days=number)

    def attempt(self, client: Client, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """A command that a rule may refuse; the refusal is counted by its type and None comes back."""
        try:
            return client.post(path, body)
        except Refusal as refusal:
            if refusal.status >= 500:
                raise
            self.refused[refusal.kind] = self.refused.get(refusal.kind, 0) + 1
            return None

    def present(self) -> list[Enrolled]:
        """Those admitted and not discharged."""
        return [one for one in self.people if one.episode_id and not one.waiting and not one.left]
