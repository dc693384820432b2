"""What is measured in an episode and what falls due in it, as it is stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate


class Event(Aggregate.Event):
    TOPIC = "enrollment.follow_up.event"
    participant_id: UUID
    episode_id: UUID


class Created(Aggregate.Created):
    TOPIC = "enrollment.follow_up.begun"
    participant_id: UUID
    episode_id: UUID


class InstrumentScored(Event):
    """``answers``: per item, none where only scores were told. ``score``, ``band``: the leading scale's, in whole
    points. ``scales``: of each its exact ``score``, ``band`` and ``case``; none in events from before them.
    ``decided_by``: ``PARAMETER of PACK`` that says what bands, caseness and reliable change are.
    """

    TOPIC = "enrollment.follow_up.instrument_scored"
    PERSONAL = ("answers",)
    score_id: UUID
    instrument: str
    occasion: str
    answers: Any
    score: int
    band: str
    safety_trigger: bool
    scored_by: str
    scored_at: datetime
    scales: Any = None
    decided_by: tuple[str, ...] = ()


class PlanCertified(Event):
    TOPIC = "enrollment.follow_up.plan_certified"
    certified_by: str
    certified_at: datetime
    plan_version: int | None = None
    credential: str | None = None


class DueSet(Event):
    TOPIC = "enrollment.follow_up.due_set"
    kind: str
    due_at: datetime
    rule: str
    role: str | None = None
    escalates_at: datetime | None = None
    escalates_to: str | None = None
    set_at: datetime | None = None


class DueMet(Event):
    TOPIC = "enrollment.follow_up.due_met"
    kind: str
    met_at: datetime


class DueMissed(Event):
    TOPIC = "enrollment.follow_up.due_missed"
    kind: str
    due_at: datetime


class DueEscalated(Event):
    """Still not done: somebody else is told."""

    TOPIC = "enrollment.follow_up.due_escalated"
    kind: str
    due_at: datetime
    escalated_to: str


class DueWithdrawn(Event):
    """What asked for it does not hold any more."""

    TOPIC = "enrollment.follow_up.due_withdrawn"
    kind: str


class DischargeReviewAsked(Event):
    """An absence policy asks for a discharge review."""

    TOPIC = "enrollment.follow_up.discharge_review_asked"
    policy: str
    reached_at: datetime


class DischargeReviewReversed(Event):
    """An excuse or a correction took away what had reached the policy's step."""

    TOPIC = "enrollment.follow_up.discharge_review_reversed"
    policy: str


class DischargeReviewed(Event):
    TOPIC = "enrollment.follow_up.discharge_reviewed"
    PERSONAL = ("note",)
    outcome: str
    note: Any
    reviewed_by: str
    reviewed_at: datetime


class FollowUpEnded(Event):
    """The episode is over: nothing is due any more."""

    TOPIC = "enrollment.follow_up.ended"
