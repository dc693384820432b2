"""What is planned and what is closed in one month, over all tracks: sessions and closures find each other here."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.identity import program_month_id


class ProgramMonth(Aggregate):
    """Written by whatever schedules or moves sessions and by whatever closes days, so that neither misses the other."""

    TOPIC = "scheduling.program_month"

    class Created(Aggregate.Created):
        """The first that was planned or closed in the month."""

        TOPIC = "scheduling.program_month.month_opened"
        KEY: ClassVar[str] = "originator_id"
        month: date

    class SessionPlanned(Aggregate.Event):
        """On a local day of its track. Where it was moved or cancelled since, the session knows."""

        TOPIC = "scheduling.program_month.session_planned"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID
        local_date: date

    class ClosureNoted(Aggregate.Event):
        """Days of the month are closed. Whether they still are, the closure knows."""

        TOPIC = "scheduling.program_month.closure_noted"
        KEY: ClassVar[str] = "originator_id"
        closure_id: UUID

    @event(Created)
    def __init__(self, month: date) -> None:
        self.month = month
        self.planned: dict[UUID, date] = {}
        self.closures: tuple[UUID, ...] = ()

    @classmethod
    def open(cls, month: date, at: datetime) -> "ProgramMonth":
        """``month``: its first day."""
        return cls._create(cls.Created, id=program_month_id(month), timestamp=at, month=month)

    def plan(self, session_id: UUID, local_date: date, at: datetime) -> None:
        self.trigger_event(self.SessionPlanned, timestamp=at, session_id=session_id, local_date=local_date)

    def note_closure(self, closure_id: UUID, at: datetime) -> None:
        self.trigger_event(self.ClosureNoted, timestamp=at, closure_id=closure_id)

    @event(SessionPlanned)
    def _session_planned(self, session_id: UUID, local_date: date) -> None:
        self.planned[session_id] = local_date

    @event(ClosureNoted)
    def _closure_noted(self, closure_id: UUID) -> None:
        self.closures = (*self.closures, closure_id)
