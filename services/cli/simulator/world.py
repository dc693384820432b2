"""What every part of the play needs: who asks, what time it is, a moment at which all is quiet, and who is where."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from services.cli.client import Client, Refusal
from services.cli.simulator.model.closings import Closing
from services.cli.simulator.model.duties import OneOff
from services.cli.simulator.model.lives import Life
from services.cli.simulator.model.program import Program
from services.cli.simulator.model.timetable import ZONE
from services.platform.tokens import Role

ADMITTED, SUSPENDED, WAITING, DISCHARGED = "admitted", "suspended", "waiting", "discharged"


class Line(Protocol):
    """A connection over which the hospital sends; the answer is the acknowledgment's code."""

    def send(self, message: bytes) -> str: ...


@dataclass
class Enrolled:
    """A person as the program knows them by now. ``referred_on``, ``admitted_on``: of the present episode."""

    life: Life
    track: int
    referred_on: date
    participant_id: str = ""
    episode_id: str = ""
    status: str | None = None
    episodes: int = 0
    admitted_on: date | None = None
    group: "Group | None" = None
    appointment: str = ""
    booked_through: date | None = None
    measured_on: date | None = None
    transferred: bool = False
    review_asks_discharge: bool = False
    dose_order: str = ""
    came_on: date | None = None
    """The last day on which they were there."""
    is_back: bool = False
    """From hospital, and not booked again yet."""
    waits: set[str] = field(default_factory=set)
    """Series for a seat in which they wait."""
    away: list[OneOff] = field(default_factory=list)
    """What they said so far of one-off days away."""
    made_up: set[str] = field(default_factory=set)
    """Bookings missed that they made up for, or are about to."""

    def weeks(self, day: date) -> float:
        """In treatment, since the admission."""
        return (day - self.admitted_on).days / 7 if self.admitted_on else 0.0

    @property
    def present(self) -> bool:
        """Admitted and not in hospital."""
        return self.status == ADMITTED


@dataclass
class Group:
    """A group of a track, as planned: the series that all attend, and the appointments of one seat each."""

    label: str
    track: int
    seats: int
    leaders: dict[str, str]
    together: list[str]
    appointments: list[str]
    clinic: list[str]
    besides: list[str] = field(default_factory=list)
    """What nobody attends by plan: the make-up group of the track."""
    rooms: dict[str, str] = field(default_factory=dict)
    topics_through: date = date.min
    next_topic: str | None = None
    members: list[Enrolled] = field(default_factory=list)

    @property
    def series(self) -> list[str]:
        """All of them."""
        return [*self.together, *self.appointments, *self.clinic, *self.besides]


@dataclass
class World:
    """``settle`` blocks until every service has caught up with everything that happened. ``in_turn``: also where the
    next step does not depend on it, so that every run of a seed goes the same way: of two participants who want the
    same hour of a prescriber the same one gets it, and everything is done at the same time of the simulated day."""

    program: Program
    client: Callable[..., Client]
    set_clock: Callable[[datetime], None]
    settle: Callable[[], None]
    line: Line
    in_turn: bool = True
    people: list[Enrolled] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    planned_through: date = date.min
    now: datetime | None = None
    """What the clock was set to last; None before that."""
    closed: dict[Closing, str] = field(default_factory=dict)
    """What was closed → the closure's id."""
    leave: dict[str, list[OneOff]] = field(default_factory=dict)
    """Facilitator, or a room's code → what was said so far of days on which they cannot be had."""
    sent: int = 0
    """How much of the program's traffic was sent."""
    later: dict[date, list[Callable[[], None]]] = field(default_factory=dict)
    """What is done in the evening of a day."""
    done: Counter[str] = field(default_factory=Counter)
    """What staff did → how often."""
    refused: Counter[str] = field(default_factory=Counter)
    """Problem type → how often a command was refused: a simulation that is refused everything proves nothing."""

    @cached_property
    def coordinator(self) -> Client:
        return self.client(Role.COORDINATOR)

    @cached_property
    def front_desk(self) -> Client:
        return self.client(Role.FRONT_DESK)

    @cached_property
    def therapist(self) -> Client:
        return self.client(Role.THERAPIST)

    @cached_property
    def prescriber(self) -> Client:
        return self.client(Role.PRESCRIBER)

    @property
    def seed(self) -> int:
        """Of the program."""
        return self.program.seed

    def at(self, day: date, moment: time) -> datetime:
        """A local moment of the program, in UTC."""
        return datetime.combine(day, moment, ZoneInfo(ZONE)).astimezone(UTC)

    def move_to(self, day: date, moment: time) -> datetime:
        """Sets the clock to a local moment; what fell due meanwhile has happened when this returns."""
        now = self.advance(self.at(day, moment))
        self.settle()
        return now

    def advance(self, moment: datetime) -> datetime:
        """Sets the clock, which never goes back; what it shows then."""
        self.now = moment if self.now is None else max(self.now, moment)
        self.set_clock(self.now)
        return self.now

    def day(self, number: int) -> date:
        """The simulation's day, 0 being its first Monday."""
        return self.program.first_day + timedelta(days=number)

    def attempt(
        self, client: Client, path: str, body: Mapping[str, Any], *, method: str = "POST", what: str = ""
    ) -> dict[str, Any] | None:
        """A command that a rule may refuse; the refusal is counted by its type and None comes back. ``what``: the name
        under which it is counted when it is done."""
        try:
            answer = client.call(method, path, body)
        except Refusal as refusal:
            if refusal.status >= 500:
                raise
            self.refused[refusal.kind] += 1
            return None
        if what:
            self.done[what] += 1
        return answer

    def count_refused(self, refused: Iterable[Mapping[str, Any]]) -> set[str]:
        """What a command that is done in part says of the rest, counted by the rule; the rules."""
        codes = [one["code"] for one in refused]
        self.refused.update(codes)
        return set(codes)

    def take_turns(self) -> None:
        """Lets what was done come to its end, and a second pass, before the next is done; only where turns are taken.
        Of two who wait since the same instant the services take the one with the lower id, which is of this run."""
        if self.in_turn:
            self.settle()
            if self.now is not None:
                self.advance(self.now + timedelta(seconds=1))

    def send_until(self, now: datetime) -> None:
        """Sends what the hospital has sent by then."""
        traffic = self.program.traffic
        while self.sent < len(traffic) and traffic[self.sent].at <= now:
            self.line.send(traffic[self.sent].content)
            self.sent += 1
            self.take_turns()

    def due_until(self, day: date) -> list[Callable[[], None]]:
        """What was put off until this day or an earlier one, in the order of the days; it is not told again."""
        return [write for due in sorted(self.later) if due <= day for write in self.later.pop(due)]

    def present(self) -> list[Enrolled]:
        """Those admitted, not in hospital and not discharged."""
        return [one for one in self.people if one.present]
