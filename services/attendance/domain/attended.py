"""What bookings add to a week and its days."""

from dataclasses import dataclass
from datetime import date, datetime

from services.attendance.domain.outcome import Outcome
from services.attendance.domain.rules import ATTENDED
from services.attendance.domain.seat import Seat
from services.attendance.domain.visits import in_the_call, modality_attended


@dataclass(frozen=True)
class Attended:
    """What one booking adds to its week."""

    component: str
    modality: str
    local_date: date
    status: str
    minutes: int
    telehealth_minutes: int | None = None
    """How many of them in the call only; None, as it was recorded once: all or none, by the modality."""

    @classmethod
    def of(cls, seat: Seat, outcome: Outcome) -> "Attended":
        """What a booking came to."""
        how = modality_attended(seat.modality, outcome.minutes, outcome.telehealth_minutes)
        told = (seat.component, how, seat.local_date, outcome.status, outcome.minutes, outcome.telehealth_minutes)
        return cls(*told)

    def minutes_counted(self, telehealth_counts: bool) -> int:
        """The minutes attended, or of them those in the room where telehealth counts for nothing."""
        if self.status not in ATTENDED:
            return 0
        in_call = in_the_call(self.modality, self.minutes, self.telehealth_minutes)
        return self.minutes if telehealth_counts else self.minutes - in_call


@dataclass(frozen=True)
class Expected:
    """A booking that has no outcome yet: what it may still add."""

    component: str
    modality: str
    local_date: date
    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """All of the session's time."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60
