"""What medication review is told to do: by people, by its own reactions to published events, and by deadlines."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.medication_review.domain.medications import Decision, Medication

# by people


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
class OrderDoses:
    """Observed on these weekdays, taken at home on those. ``starts_on`` None: today, in the program's local time."""

    episode_id: UUID
    medication: str
    days: tuple[str, ...]
    take_home_days: tuple[str, ...] = ()
    dose: str | None = None
    starts_on: date | None = None


@dataclass(frozen=True)
class EndDoseOrder:
    """From ``ended_on`` on, None for today, it holds no more."""

    episode_id: UUID
    order_id: UUID
    ended_on: date | None = None


@dataclass(frozen=True)
class RecordDose:
    """What came of a day's dose; ``on`` None: today's."""

    episode_id: UUID
    outcome: str
    on: date | None = None
    reason: str | None = None
    override_reason: str | None = None


# by what other services published


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


# by deadlines


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
class CloseDoseDay:
    episode_id: UUID


@dataclass(frozen=True)
class OpenCycleReview:
    episode_id: UUID
    due_at: datetime
