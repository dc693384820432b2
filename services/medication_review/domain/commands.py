"""What people ask of medication review, and what falls due in it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.medication_review.domain.medications import Decision


@dataclass(frozen=True)
class ListMedication:
    """What the participant says they take, or a discharge list says. Not a decision."""

    participant_id: UUID
    source: str
    name: str
    order_id: str | None = None
    """None: a new entry."""
    status: str = "active"
    code: str | None = None
    system: str | None = None
    dose: str | None = None
    frequency: str | None = None
    route: str | None = None
    stated_at: datetime | None = None
    """Since when the source says so, such as the day of the discharge; None: now."""


@dataclass(frozen=True)
class CompleteReconciliation:
    """The sources were compared. Decisions are a prescriber's: see ``CompleteReview``. ``compared``: the marks of the
    entries as they were read, None where it is not said; ``explained``: ids of discrepancies that are none in truth."""

    episode_id: UUID
    review_id: UUID
    compared: tuple[str, ...] | None = None
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompleteReview:
    """A prescriber completes a review, or a reconciliation, with decisions. ``compared`` and ``explained``: as of a
    reconciliation."""

    episode_id: UUID
    review_id: UUID
    decisions: tuple[Decision, ...] = ()
    rationale: str = ""
    compared: tuple[str, ...] | None = None
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportAdverseEffect:
    """``source`` and ``order_id``: the medication on the list that is suspected, if one is."""

    episode_id: UUID
    severity: str
    description: str
    source: str | None = None
    order_id: str | None = None


@dataclass(frozen=True)
class WithdrawAdverseEffect:
    """It was reported by mistake."""

    episode_id: UUID
    effect_id: UUID
    reason: str


@dataclass(frozen=True)
class RecordPdmpCheck:
    """The prescription drug monitoring program was asked. ``checked_at`` None: now."""

    episode_id: UUID
    result: str
    checked_at: datetime | None = None


@dataclass(frozen=True)
class AcknowledgeInteraction:
    """A prescriber knows of a flagged pair, and why it stays. ``ingredients``: their RxNorm codes."""

    episode_id: UUID
    interaction: str
    ingredients: tuple[str, str]
    reason: str


@dataclass(frozen=True)
class MarkReviewOverdue:
    episode_id: UUID
    review_id: UUID
    due_at: datetime


@dataclass(frozen=True)
class EscalateReview:
    episode_id: UUID
    review_id: UUID
    due_at: datetime
    escalate_to: str


@dataclass(frozen=True)
class NotePdmpCheckMissed:
    episode_id: UUID


@dataclass(frozen=True)
class EndWashout:
    """A medication that was stopped acts no more."""

    episode_id: UUID


@dataclass(frozen=True)
class OpenCycleReview:
    episode_id: UUID
    due_at: datetime
