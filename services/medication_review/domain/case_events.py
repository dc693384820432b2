"""What happens to the medication case of an episode, as it is stored. Every event names the participant, whose key
orders it."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.medication_review.domain.episode_facts import Kind, Track
from services.medication_review.domain.escalation import Escalation
from services.medication_review.domain.reconciling import Compared
from services.medication_review.domain.review import Need


class Event(Aggregate.Event):
    TOPIC = "medication_review.case.event"
    participant_id: UUID


class Created(Aggregate.Created):
    TOPIC = "medication_review.case.case_opened"
    participant_id: UUID


class Admitted(Event):
    TOPIC = "medication_review.case.admitted"
    admitted_at: datetime
    time_zone: str
    packs: tuple[str, ...]


class Transferred(Event):
    """The episode goes on in another track: a transition. ``move``: transfer, step_up or step_down."""

    TOPIC = "medication_review.case.transferred"
    move: str
    effective_at: datetime
    track: Track


class Suspended(Event):
    """The case is in transition: the resumption will ask for a reconciliation."""

    TOPIC = "medication_review.case.suspended"
    suspension_id: UUID
    suspended_at: datetime


class Resumed(Event):
    TOPIC = "medication_review.case.resumed"
    suspension_id: UUID
    resumed_at: datetime


class SuspensionCancelled(Event):
    TOPIC = "medication_review.case.suspension_cancelled"
    suspension_id: UUID


class ResumptionCancelled(Event):
    TOPIC = "medication_review.case.resumption_cancelled"
    suspension_id: UUID


class Closed(Event):
    TOPIC = "medication_review.case.closed"
    discharged_at: datetime


class SafetyTriggered(Event):
    TOPIC = "medication_review.case.safety_triggered"
    instrument: str
    scored_at: datetime


class AdverseEffectReported(Event):
    """``source`` and ``order_id``: the medication on the list that is suspected, None where none is."""

    TOPIC = "medication_review.case.adverse_effect_reported"
    PERSONAL = ("description",)
    effect_id: UUID
    severity: str
    description: str
    source: str | None
    order_id: str | None
    reported_at: datetime


class AdverseEffectWithdrawn(Event):
    """It was reported by mistake."""

    TOPIC = "medication_review.case.adverse_effect_withdrawn"
    PERSONAL = ("reason",)
    effect_id: UUID
    reason: str


class NoShowsRepeated(Event):
    TOPIC = "medication_review.case.no_shows_repeated"
    count: int
    last_missed_at: datetime


class NoShowsExcused(Event):
    TOPIC = "medication_review.case.no_shows_excused"
    count: int


class CycleSet(Event):
    """The next regular review is due at ``due_at`` and opens at ``opens_at``."""

    TOPIC = "medication_review.case.cycle_set"
    due_at: datetime
    opens_at: datetime


class CycleReached(Event):
    TOPIC = "medication_review.case.cycle_reached"
    due_at: datetime


class ReviewOpened(Event):
    TOPIC = "medication_review.case.review_opened"
    review_id: UUID
    kind: Kind
    need: Need


class ReviewRescheduled(Event):
    """Another cause joined the open review, or one of several went away."""

    TOPIC = "medication_review.case.review_rescheduled"
    review_id: UUID
    kind: Kind
    need: Need


class ReviewWithdrawn(Event):
    TOPIC = "medication_review.case.review_withdrawn"
    review_id: UUID
    kind: Kind
    reason: str


class ReviewOverdue(Event):
    """``escalations``: who is told when, as long as it is not done; none in events from before them."""

    TOPIC = "medication_review.case.review_overdue"
    review_id: UUID
    kind: Kind
    due_at: datetime
    escalations: tuple[Escalation, ...] = ()


class ReviewEscalated(Event):
    """Still not done: somebody else is told."""

    TOPIC = "medication_review.case.review_escalated"
    review_id: UUID
    kind: Kind
    due_at: datetime
    escalated_to: str


class ReviewCompleted(Event):
    """``covered``: the causes it answers. ``undecided``: how many discrepancies are left to a prescriber; ``compared``:
    all that were seen, and what became of each."""

    TOPIC = "medication_review.case.review_completed"
    PERSONAL = ("rationale",)
    review_id: UUID
    kind: Kind
    completed_at: datetime
    covered: tuple[str, ...]
    decisions: int
    undecided: int
    rationale: str
    compared: tuple[Compared, ...] = ()
