"""What people ask of attendance, and what falls due in it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attendance.domain.visits import Modality, Stay


@dataclass(frozen=True)
class CheckIn:
    booking_id: UUID
    checked_in_at: datetime | None = None
    """None: at the time of the command."""


@dataclass(frozen=True)
class CheckOut:
    booking_id: UUID
    checked_out_at: datetime | None = None


@dataclass(frozen=True)
class KioskCheckIn:
    session_id: UUID
    code: str


@dataclass(frozen=True)
class KioskCheckOut:
    session_id: UUID
    code: str


@dataclass(frozen=True)
class JoinTelehealth:
    booking_id: UUID
    connection: str
    joined_at: datetime | None = None


@dataclass(frozen=True)
class LeaveTelehealth:
    booking_id: UUID
    connection: str
    left_at: datetime | None = None


@dataclass(frozen=True)
class ExcuseAbsence:
    booking_id: UUID
    reason: str


@dataclass(frozen=True)
class CorrectAttendance:
    booking_id: UUID
    reason: str
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    status: str | None = None
    modality: Modality | None = None
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True)
class WriteGroupNote:
    session_id: UUID
    people: int
    written_at: datetime | None = None


@dataclass(frozen=True)
class TakeStep:
    """Somebody did what the step of an absence policy asks for."""

    episode_id: UUID
    policy: str
    step: str


@dataclass(frozen=True)
class EndGrace:
    booking_id: UUID


@dataclass(frozen=True)
class LookAhead:
    episode_id: UUID
    week_start: date


@dataclass(frozen=True)
class EndWeek:
    episode_id: UUID
    week_start: date


@dataclass(frozen=True)
class JudgeTreatmentWeek:
    episode_id: UUID
    week_start: date
