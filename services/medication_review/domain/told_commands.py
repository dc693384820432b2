"""What other services tell medication review."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.medication_review.domain.medications import Medication


@dataclass(frozen=True)
class AdmitToEpisode:
    episode_id: UUID
    participant_id: UUID
    admitted_at: datetime
    time_zone: str
    packs: tuple[str, ...]


@dataclass(frozen=True)
class TransferEpisode:
    """``move``: transfer, step_up or step_down."""

    episode_id: UUID
    participant_id: UUID
    move: str
    effective_at: datetime
    time_zone: str
    packs: tuple[str, ...]


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


@dataclass(frozen=True)
class NoteSafetyTrigger:
    episode_id: UUID
    participant_id: UUID
    instrument: str
    scored_at: datetime


@dataclass(frozen=True)
class NoteRepeatedNoShows:
    episode_id: UUID
    participant_id: UUID
    count: int
    last_missed_at: datetime


@dataclass(frozen=True)
class ExcuseNoShows:
    episode_id: UUID
    participant_id: UUID
    count: int


@dataclass(frozen=True)
class TakeReport:
    participant_id: UUID
    medication: Medication


@dataclass(frozen=True)
class LinkParticipants:
    """``revision``: counts what was said about the retired id; the last word counts."""

    surviving_id: UUID
    retired_id: UUID
    revision: int = 1


@dataclass(frozen=True)
class SeparateParticipants:
    surviving_id: UUID
    retired_id: UUID
    revision: int
