"""A program in memory: commands are decided on real units and aggregates, and every load replays the stored events.

The store stands in for the log: it keeps domain events in order and saves a decision's events together or not at all.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate

from events.log.commands import Context, Unit
from services.platform.packs import Packs
from services.scheduling.decisions import decide
from services.scheduling.domain import commands as c
from services.scheduling.domain import told_commands
from services.scheduling.domain.identity import session_id
from services.scheduling.domain.session import Session
from services.scheduling.rulebook import PackRules

NAMES = UUID("00000000-0000-4000-8000-000000000001")
ZONE = "America/New_York"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONDAY = date(2026, 3, 2)


def named(name: str) -> UUID:
    return uuid5(NAMES, name)


TRACK = named("track")
RULES = PackRules(Packs.load())


class World:
    """``now`` is the clock that commands carry."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.events: dict[UUID, list[Any]] = {}
        self.log: list[Any] = []
        self._count = 0

    def do(self, command: object, role: str = "coordinator") -> Mapping[str, Any]:
        self._count += 1
        context = Context(uuid5(NAMES, f"command/{self._count}"), self.now, "someone", frozenset({role}), "test")
        unit = Unit(self._load, context)
        answer = decide(unit, command, RULES)
        for event in unit.collect():
            stream = self.events.setdefault(event.originator_id, [])
            assert event.originator_version == len(stream) + 1
            stream.append(event)
            self.log.append(event)
        return answer

    def _load(self, cls: type[Aggregate], streams: Sequence[UUID]) -> dict[UUID, Aggregate]:
        found: dict[UUID, Aggregate] = {}
        for stream in streams:
            for event in self.events.get(stream, []):
                found[stream] = event.mutate(found.get(stream))
        return found

    def session(self, session: UUID) -> Session:
        found = self._load(Session, [session])[session]
        assert isinstance(found, Session)
        return found

    def happened(self, name: str, since: int = 0) -> list[Any]:
        """Events of this class name, in order."""
        return [event for event in self.log[since:] if type(event).__name__ == name]

    # states

    def facilitator(self, name: str, *qualifications: str) -> UUID:
        self.do(c.RegisterFacilitator(named(name), name, qualifications))
        return named(name)

    def room(self, code: str, seats: int = 12, modality: str = "in_person") -> str:
        self.do(c.OpenRoom(code, seats, modality))
        return code

    def series(self, name: str, leader: UUID, **changes: Any) -> UUID:
        plan: dict[str, Any] = {
            "series_id": named(name),
            "track_id": TRACK,
            "component": "group_therapy",
            "title": name,
            "rule": "FREQ=WEEKLY",
            "first_date": MONDAY,
            "starts_at": time(18),
            "minutes": 90,
            "time_zone": ZONE,
            "seats_min": 1,
            "seats": 2,
            "facilitators": (leader,),
            "room": None,
            "modality": "telehealth",
        }
        self.do(c.PlanSeries(**(plan | changes)))
        return named(name)

    def sessions(self, series_id: UUID, weeks: int = 4, **changes: Any) -> list[UUID]:
        through = MONDAY + timedelta(weeks=weeks, days=-1)
        answer = self.do(c.ScheduleSessions(series_id, through, **changes))
        return [entry["session_id"] for entry in answer["scheduled"]]

    def admitted(self, name: str, episode: str | None = None, at: datetime = NOW - timedelta(days=1)) -> UUID:
        self.do(told_commands.OpenPlacement(named(name), named(episode or f"{name}'s episode"), TRACK, at))
        return named(name)

    def booked(self, session: UUID, participant: UUID) -> UUID:
        booking = self.do(c.BookSession(session, participant))["booking_id"]
        assert isinstance(booking, UUID)
        return booking

    def seats_held(self, name: str) -> list[UUID]:
        """Sessions that a participant name's episode holds seats in, by the sessions themselves, in order of start."""
        episode = named(f"{name}'s episode")
        found = [
            self.session(stream)
            for stream, events in self.events.items()
            if events[0].TOPIC == "scheduling.session.scheduled"
        ]
        return [s.id for s in sorted(found, key=lambda s: s.starts_at) if episode in s.taken.values()]


def day(n: int, hour: int = 12) -> datetime:
    """The n-th of March 2026 at an hour UTC."""
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=n - 1)


def session_on(series_id: UUID, n: int) -> UUID:
    return session_id(series_id, date(2026, 3, n))
