"""What happens to an episode of care, as it is stored. Every event names the participant, whose key orders it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.enrollment.domain.instruments import Number
from services.enrollment.domain.plan import Plan


class Event(Aggregate.Event):
    TOPIC = "enrollment.episode.event"
    participant_id: UUID


class Created(Aggregate.Created):
    """The decision to admit: on which referral and assessment, or on whose override."""

    TOPIC = "enrollment.episode.opened"
    PERSONAL = ("override_reason",)
    participant_id: UUID
    referral_id: UUID | None
    assessment_id: UUID | None
    override_reason: Any
    override_role: str | None
    plan: Plan
    decided_by: str
    opened_at: datetime


class ParticipantWaitlisted(Event):
    TOPIC = "enrollment.episode.participant_waitlisted"
    track_id: UUID
    priority: int
    reason: str
    waiting_since: datetime


class WaitlistLeft(Event):
    """No longer wants to be admitted, or no longer needs to be."""

    TOPIC = "enrollment.episode.waitlist_left"
    track_id: UUID
    reason: str


class ParticipantAdmitted(Event):
    TOPIC = "enrollment.episode.participant_admitted"
    track_id: UUID
    level_of_care: str
    age_group: str
    admitted_at: datetime
    admitted_on: date
    time_zone: str
    packs: tuple[str, ...]
    components: tuple[str, ...]


class EpisodeSuspended(Event):
    """Or the beginning of a suspension was corrected: the last word counts."""

    TOPIC = "enrollment.episode.suspended"
    suspension_id: UUID
    reason: str
    suspended_at: datetime


class EpisodeResumed(Event):
    """Or the end of a suspension was corrected: the last word counts."""

    TOPIC = "enrollment.episode.resumed"
    suspension_id: UUID
    resumed_at: datetime


class SuspensionCancelled(Event):
    TOPIC = "enrollment.episode.suspension_cancelled"
    suspension_id: UUID


class ResumptionCancelled(Event):
    TOPIC = "enrollment.episode.resumption_cancelled"
    suspension_id: UUID


class TransferAsked(Event):
    """A transfer was decided; it takes effect with a place in the other track."""

    TOPIC = "enrollment.episode.transfer_asked"
    kind: str
    plan: Plan
    reason: str
    asked_at: datetime


class TransferWithdrawn(Event):
    """No longer wants to, or needs to, change the track."""

    TOPIC = "enrollment.episode.transfer_withdrawn"
    track_id: UUID
    reason: str


class ParticipantTransferred(Event):
    """The episode goes on in another track."""

    TOPIC = "enrollment.episode.participant_transferred"
    kind: str
    from_track_id: UUID
    track_id: UUID
    level_of_care: str
    age_group: str
    time_zone: str
    packs: tuple[str, ...]
    components: tuple[str, ...]
    effective_at: datetime


class ParticipantDischarged(Event):
    TOPIC = "enrollment.episode.participant_discharged"
    PERSONAL = ("plan_after", "override_reason")
    track_id: UUID
    discharged_at: datetime
    discharged_on: date
    reason: str
    plan_after: Any
    to_level_of_care: str | None
    last_scores: Mapping[str, Number]
    override_reason: Any = None
