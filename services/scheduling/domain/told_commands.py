"""What enrollment told that scheduling follows: tracks, episodes and who is who.

``told_at``: when it happened there; what begins earlier is past and is left as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class LearnTrack:
    track_id: UUID
    name: str
    time_zone: str
    packs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenPlacement:
    participant_id: UUID
    episode_id: UUID
    track_id: UUID
    admitted_at: datetime


@dataclass(frozen=True)
class SuspendPlacement:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    suspended_at: datetime
    reason: str
    told_at: datetime


@dataclass(frozen=True)
class CancelSuspension:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    told_at: datetime


@dataclass(frozen=True)
class ResumePlacement:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    resumed_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class CancelResumption:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    told_at: datetime


@dataclass(frozen=True)
class TransferPlacement:
    participant_id: UUID
    episode_id: UUID
    from_track_id: UUID
    track_id: UUID
    effective_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class ClosePlacement:
    participant_id: UUID
    episode_id: UUID
    discharged_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class MergeParticipants:
    """``revision``: counts what was said about the retired id; the last word counts."""

    surviving_id: UUID
    retired_id: UUID
    told_at: datetime
    revision: int = 1


@dataclass(frozen=True)
class SeparateParticipants:
    """They are two people after all."""

    surviving_id: UUID
    retired_id: UUID
    told_at: datetime
    revision: int
