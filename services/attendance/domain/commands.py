"""What attendance is told to do: by people, by its own reactions to published events, and by deadlines."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attendance.domain.episode_facts import Placement
from services.attendance.domain.seat import Seat
from services.attendance.domain.visits import Modality

# by people


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


# by what other services published


@dataclass(frozen=True)
class BookSeat:
    booking_id: UUID
    participant_id: UUID
    episode_id: UUID
    seat: Seat
    restores: UUID | None = None
    """The booking whose place it takes, when what had freed that one was cancelled."""
    makes_up_for: UUID | None = None
    """The booking missed, where it is a make-up."""


@dataclass(frozen=True)
class FreeSeat:
    booking_id: UUID
    reason: str
    notice_hours: float | None


@dataclass(frozen=True)
class ChangeSeat:
    booking_id: UUID
    seat: Seat


@dataclass(frozen=True)
class AdmitToEpisode:
    episode_id: UUID
    participant_id: UUID
    admitted_at: datetime
    placement: Placement


@dataclass(frozen=True)
class TransferEpisode:
    episode_id: UUID
    participant_id: UUID
    kind: str
    placement: Placement


@dataclass(frozen=True)
class SuspendEpisode:
    episode_id: UUID
    participant_id: UUID
    suspension_id: UUID
    suspended_at: datetime


@dataclass(frozen=True)
class ResumeEpisode:
    episode_id: UUID
    participant_id: UUID
    suspension_id: UUID
    resumed_at: datetime


@dataclass(frozen=True)
class CancelSuspension:
    episode_id: UUID
    participant_id: UUID
    suspension_id: UUID


@dataclass(frozen=True)
class CancelResumption:
    episode_id: UUID
    participant_id: UUID
    suspension_id: UUID


@dataclass(frozen=True)
class CloseEpisode:
    episode_id: UUID
    participant_id: UUID
    discharged_at: datetime
    discharged_on: date
    reason: str


@dataclass(frozen=True)
class LearnEpisode:
    """Whose an admitted episode is."""

    participant_id: UUID
    episode_id: UUID


@dataclass(frozen=True)
class MergeParticipants:
    """``revision``: counts what was said about the retired id; the last word counts."""

    surviving_id: UUID
    retired_id: UUID
    revision: int = 1


@dataclass(frozen=True)
class SeparateParticipants:
    """They are two people after all."""

    surviving_id: UUID
    retired_id: UUID
    revision: int


# by deadlines


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
