"""What other services tell attendance: bookings and their sessions, episodes, and who is who."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attendance.domain.episode_facts import Placement
from services.attendance.domain.seat import Seat


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
