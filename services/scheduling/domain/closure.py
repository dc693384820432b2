"""Days on which a track, or the whole program, is closed: holidays and whatever else closes it."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.errors import ClosureMalformed
from services.scheduling.domain.series import LONGEST_HORIZON


class Closure(Aggregate):
    """From a first local day through a last, both included; of one track, or of all. The sessions to come on them are
    named where it begins, and cancelled one by one."""

    TOPIC = "scheduling.closure"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.closure.closed"
        KEY: ClassVar[str] = "originator_id"
        track_id: UUID | None
        from_date: date
        through: date
        reason: str
        sessions: tuple[UUID, ...]

    class Reopened(Aggregate.Event):
        """What was not scheduled, or was cancelled because of it, can be scheduled."""

        TOPIC = "scheduling.closure.reopened"
        KEY: ClassVar[str] = "originator_id"

    @event(Created)
    def __init__(self, track_id: UUID | None, from_date: date, through: date) -> None:
        self.track_id = track_id
        self.from_date = from_date
        self.through = through
        self.reopened = False

    @classmethod
    def close(
        cls,
        closure_id: UUID,
        track_id: UUID | None,
        from_date: date,
        through: date,
        *,
        reason: str,
        sessions: tuple[UUID, ...],
        at: datetime,
    ) -> "Closure":
        return cls._create(
            cls.Created,
            id=closure_id,
            timestamp=at,
            track_id=track_id,
            from_date=from_date,
            through=through,
            reason=reason,
            sessions=sessions,
        )

    def covers(self, track_id: UUID, day: date) -> bool:
        """Whether the track is closed on the local day because of it."""
        return not self.reopened and self.track_id in (None, track_id) and self.from_date <= day <= self.through

    def reopen(self, at: datetime) -> None:
        """Nothing happens where that was done."""
        if not self.reopened:
            self.trigger_event(self.Reopened, timestamp=at)

    @event(Reopened)
    def _reopened(self) -> None:
        self.reopened = True


def check_days(from_date: date, through: date) -> None:
    """Raises ``ClosureMalformed``."""
    if through < from_date:
        raise ClosureMalformed("the last day is before the first")
    if through - from_date > LONGEST_HORIZON:
        raise ClosureMalformed(f"a closure lasts at most {LONGEST_HORIZON.days} days; close the rest with another")
