"""The way through the program: assessed, admitted, moved, suspended, scored, discharged, and what falls due on it.

Time, ids and the actor come with the command or its context.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.enrollment.domain.instruments import Number


@dataclass(frozen=True)
class RecordHospitalFact:
    """A hospital states something about a stay; see ``stays``."""

    participant_id: UUID
    hospitalization_id: UUID
    kind: str
    stated_at: datetime
    instant: datetime | None


@dataclass(frozen=True)
class AssessLevelOfCare:
    """``answers``: per criterion true or false, or per ASAM dimension 0 to 4. ``rationale``: per answer, in words.
    ``track_id``: for which track, whose packs say by which edition; a reassessment goes by the episode's."""

    participant_id: UUID
    kind: str
    answers: Mapping[str, int]
    age_group: str
    rationale: Mapping[str, str] = field(default_factory=dict)
    assessment_id: UUID | None = None
    episode_id: UUID | None = None
    track_id: UUID | None = None


@dataclass(frozen=True)
class OpenTrack:
    name: str
    time_zone: str
    packs: tuple[str, ...]
    census_limit: int
    track_id: UUID | None = None


@dataclass(frozen=True)
class ChangeCensusLimit:
    track_id: UUID
    census_limit: int


@dataclass(frozen=True)
class AdmitParticipant:
    """Into the track, or onto its waitlist where it is full. Without a supporting assessment an override says why, and
    then the level of care and the age group have to be given."""

    participant_id: UUID
    track_id: UUID
    components: tuple[str, ...]
    assessment_id: UUID | None = None
    referral_id: UUID | None = None
    priority: int = 3
    waitlist_reason: str = "census_limit"
    packs: tuple[str, ...] | None = None
    override_reason: str | None = None
    level_of_care: str | None = None
    age_group: str | None = None
    episode_id: UUID | None = None


@dataclass(frozen=True)
class TransferParticipant:
    """To another track: ``kind`` transfer, step_up or step_down. At once where there is a place, else from its
    waitlist. What is left out stays as it is; the packs are the new track's."""

    episode_id: UUID
    track_id: UUID
    kind: str
    level_of_care: str | None = None
    age_group: str | None = None
    components: tuple[str, ...] | None = None
    packs: tuple[str, ...] | None = None
    assessment_id: UUID | None = None
    priority: int = 3
    reason: str = "clinical"


@dataclass(frozen=True)
class AcceptOffer:
    """The participant takes the place that is kept for the episode."""

    episode_id: UUID


@dataclass(frozen=True)
class DeclineOffer:
    """The place goes to the next; the participant goes on waiting."""

    episode_id: UUID
    reason: str


@dataclass(frozen=True)
class ExpireOffer:
    """The time has come until which a place was kept."""

    track_id: UUID
    episode_id: UUID
    offer_id: UUID


@dataclass(frozen=True)
class LeaveWaitlist:
    """Also of one who waits for a transfer, which is withdrawn then."""

    episode_id: UUID
    reason: str


@dataclass(frozen=True)
class SuspendEpisode:
    episode_id: UUID
    reason: str
    since: datetime | None = None


@dataclass(frozen=True)
class ResumeEpisode:
    episode_id: UUID
    since: datetime | None = None


@dataclass(frozen=True)
class ScoreInstrument:
    """From its answers, as a total, or as ``scores`` by scale; these with the safety item's answer where known."""

    episode_id: UUID
    instrument: str
    occasion: str
    answers: tuple[int | None, ...] | None = None
    score: Number | None = None
    safety_answer: int | None = None
    scores: Mapping[str, Number] | None = None


@dataclass(frozen=True)
class DischargeParticipant:
    """``override_reason``: why a planned discharge lacks what the rule packs ask for."""

    episode_id: UUID
    reason: str
    plan: str | None = None
    to_level_of_care: str | None = None
    since: datetime | None = None
    override_reason: str | None = None


@dataclass(frozen=True)
class FollowAbsenceStep:
    """An absence policy asks for a discharge review, or no longer does."""

    participant_id: UUID
    episode_id: UUID
    policy: str
    reached_at: datetime
    reached: bool


@dataclass(frozen=True)
class ReviewDischarge:
    """The coordinator looked at the absences: ``outcome`` continue or discharge."""

    episode_id: UUID
    outcome: str
    note: str | None = None


@dataclass(frozen=True)
class NoteDueMissed:
    """The time has come at which something was due."""

    episode_id: UUID
    kind: str
    due_at: datetime


@dataclass(frozen=True)
class EscalateDue:
    """What was due is overdue for so long that somebody else is told."""

    episode_id: UUID
    kind: str
    due_at: datetime
    escalate_to: str
