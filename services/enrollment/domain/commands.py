"""What enrollment is asked to do. Time, ids and the actor come with the command or its context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.enrollment.domain.coverage import AuthorizationTold
from services.enrollment.domain.instruments import Number
from services.enrollment.domain.participant import Identifier
from services.enrollment.domain.planned_care import Diagnosis, GoalAsked, PlannedService
from services.enrollment.domain.referral import Problem


@dataclass(frozen=True)
class HospitalNumber:
    """An identifier as a person types it."""

    authority: str
    number: str


@dataclass(frozen=True)
class RegisterParticipant:
    """``person``: family, given, birth_date (ISO), sex, phone, email, address; what is known of these."""

    person: Mapping[str, Any]
    identifiers: tuple[HospitalNumber, ...] = ()
    participant_id: UUID | None = None


@dataclass(frozen=True)
class UpdatePerson:
    participant_id: UUID
    person: Mapping[str, Any]
    identifiers: tuple[HospitalNumber, ...] = ()


@dataclass(frozen=True)
class ReferParticipant:
    participant_id: UUID
    source: str
    urgency: str
    reason: str | None = None
    from_level_of_care: str | None = None
    problems: tuple[Problem, ...] = ()
    referral_id: UUID | None = None


@dataclass(frozen=True)
class ReceiveReferral:
    """A hospital refers a person: ``person``, ``reason`` and the identifiers' numbers are sealed under
    ``participant_id``."""

    participant_id: UUID
    referral_id: UUID
    identifiers: tuple[Identifier, ...]
    person: str | None
    source: str
    urgency: str
    reason: str | None
    from_level_of_care: str | None
    problems: tuple[Problem, ...]
    referred_at: datetime


@dataclass(frozen=True)
class ReceivePerson:
    """A hospital states a person's details anew."""

    participant_id: UUID
    identifiers: tuple[Identifier, ...]
    person: str | None


@dataclass(frozen=True)
class RecordHospitalFact:
    """A hospital states something about a stay; see ``stays``."""

    participant_id: UUID
    hospitalization_id: UUID
    kind: str
    stated_at: datetime
    instant: datetime | None


@dataclass(frozen=True)
class MergeParticipants:
    """Somebody has found that two registered participants are one person."""

    surviving_id: UUID
    retired_id: UUID


@dataclass(frozen=True)
class FollowMerge:
    """A hospital merged two identities, known here or not."""

    surviving_id: UUID
    retired_id: UUID
    stated_at: datetime


@dataclass(frozen=True)
class UnmergeParticipants:
    """Somebody has found that two merged participants are two people after all."""

    surviving_id: UUID
    retired_id: UUID


@dataclass(frozen=True)
class EraseParticipant:
    """Destroys the keys of everything personal. For operators, inside the program only."""

    participant_id: UUID
    reason: str


@dataclass(frozen=True)
class GiveConsent:
    """42 CFR 2.31: who tells whom what for which purpose until when. ``signed_by``: participant or representative."""

    participant_id: UUID
    recipient: str
    scope: tuple[str, ...]
    purpose: str
    expires_on: date | None = None
    discloser: str = "program"
    signed_by: str = "participant"
    signed_at: datetime | None = None
    consent_id: UUID | None = None


@dataclass(frozen=True)
class RevokeConsent:
    consent_id: UUID


@dataclass(frozen=True)
class ExpireConsent:
    """The last day of a consent is over."""

    consent_id: UUID


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
class WritePlanOfCare:
    """The whole plan, also when only a part of it changed."""

    episode_id: UUID
    diagnoses: tuple[Diagnosis, ...]
    services: tuple[PlannedService, ...]
    goals: tuple[GoalAsked, ...]


@dataclass(frozen=True)
class MeetGoal:
    episode_id: UUID
    goal_id: UUID


@dataclass(frozen=True)
class ReviewPlanOfCare:
    episode_id: UUID
    outcome: str
    note: str | None = None


@dataclass(frozen=True)
class CertifyPlan:
    """``plan_version``: what was read, so that a plan that changed meanwhile is not certified unread."""

    episode_id: UUID
    plan_version: int | None = None


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
class RecordAuthorization:
    """A payer's authorization; with the id of one that is known, its correction."""

    episode_id: UUID
    told: AuthorizationTold
    authorization_id: UUID | None = None


@dataclass(frozen=True)
class CountBillableDay:
    """Attendance's verdict on a local day of service."""

    participant_id: UUID
    episode_id: UUID
    date: date
    billable: bool
    revision: int


@dataclass(frozen=True)
class ExpireAuthorization:
    """The last day of an authorization is over."""

    episode_id: UUID
    authorization_id: UUID
    through_date: date


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
