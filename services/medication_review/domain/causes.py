"""Why a review falls due: worked out from the facts, so that the order in which they came does not matter."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.medication_review.domain.rules import ReviewRules, RuleBook

Kind = Literal["reconciliation", "review"]
KINDS: tuple[Kind, ...] = ("reconciliation", "review")


@dataclass(frozen=True)
class Cause:
    """One thing that asks for a review. ``id`` is the same whenever it is worked out again."""

    id: str
    kind: Kind
    name: str
    due_at: datetime
    urgent: bool = False


@dataclass(frozen=True)
class Suspension:
    """From ``since`` until ``until``, None while it lasts. ``cancelled``: it never was."""

    since: datetime
    until: datetime | None = None
    cancelled: bool = False

    def covers(self, instant: datetime) -> bool:
        return not self.cancelled and self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class OrderChange:
    """A hospital order was new, changed or stopped."""

    order: str
    reported_at: datetime


@dataclass
class EpisodeFacts:
    """All that is known about one episode of care. What is not known yet is None or empty."""

    admitted_at: datetime | None = None
    time_zone: str = "UTC"
    packs: tuple[str, ...] = ()
    suspensions: dict[UUID, Suspension] = field(default_factory=dict)
    discharged_at: datetime | None = None
    safety_triggers: set[datetime] = field(default_factory=set)
    no_shows: dict[int, datetime] = field(default_factory=dict)
    """Count told → start of the session missed last."""
    cycle_due_at: datetime | None = None
    cycle_reached: datetime | None = None
    """The due time of the cycle whose notice has begun."""
    reviewed_at: datetime | None = None
    undecided_since: dict[UUID, datetime] = field(default_factory=dict)
    """Reconciliations that left discrepancies undecided → when they were completed."""
    covered: set[str] = field(default_factory=set)
    """Causes that a completed review answered."""
    completed: dict[Kind, int] = field(default_factory=lambda: {"reconciliation": 0, "review": 0})

    @property
    def open(self) -> bool:
        """Whether reviews fall due: admitted and not discharged."""
        return self.admitted_at is not None and self.discharged_at is None

    @property
    def in_transition(self) -> bool:
        """Suspended: the resumption will ask for a reconciliation."""
        return self.open and any(s.until is None and not s.cancelled for s in self.suspensions.values())

    def change_suspension(self, suspension_id: UUID, **changes: Any) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], **changes)

    def complete(
        self, review_id: UUID, kind: Kind, completed_at: datetime, covered: tuple[str, ...], undecided: int
    ) -> None:
        """A review of a kind answered the causes that it covers."""
        self.completed[kind] += 1
        self.covered.update(covered)
        if kind == "review":
            self.reviewed_at = completed_at
        elif undecided:
            self.undecided_since[review_id] = completed_at

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


def next_cycle(facts: EpisodeFacts, book: RuleBook) -> tuple[datetime, datetime] | None:
    """When the cycle's next review falls due and when it opens; None where none will."""
    if not facts.open or facts.admitted_at is None:
        return None
    since = facts.reviewed_at or facts.admitted_at
    rules = book.reviews(facts.packs, facts.local_day(since))
    return since + rules.cycle, since + rules.cycle - rules.cycle_notice


def open_causes(facts: EpisodeFacts, orders: Iterable[OrderChange], book: RuleBook) -> list[Cause]:
    """What asks for a review and no completed one has answered, the earliest first. Raises ``RuleMissing``."""
    if not facts.open or facts.admitted_at is None:
        return []
    found = [cause for cause in _causes(facts, facts.admitted_at, orders, book) if cause.id not in facts.covered]
    return sorted(found, key=lambda cause: (cause.due_at, cause.name, cause.id))


def _causes(
    facts: EpisodeFacts, admitted_at: datetime, orders: Iterable[OrderChange], book: RuleBook
) -> Iterable[Cause]:
    def rules(instant: datetime) -> ReviewRules:
        return book.reviews(facts.packs, facts.local_day(instant))

    yield Cause("admission", "reconciliation", "admission", admitted_at + rules(admitted_at).admission)
    for suspension_id, suspension in facts.suspensions.items():
        if suspension.until is not None and not suspension.cancelled:
            until = suspension.until
            cause_id = f"transition:{suspension_id}:{until.isoformat()}"
            yield Cause(cause_id, "reconciliation", "transition", until + rules(until).transition)
    for scored_at in facts.safety_triggers:
        since = max(scored_at, admitted_at)
        cause_id = f"safety_trigger:{scored_at.isoformat()}"
        yield Cause(cause_id, "review", "safety_trigger", since + rules(since).urgent, urgent=True)
    for count, missed_at in facts.no_shows.items():
        yield Cause(f"no_shows:{count}", "review", "no_shows", missed_at + rules(missed_at).no_shows)
    for change in orders:
        covered = any(suspension.covers(change.reported_at) for suspension in facts.suspensions.values())
        if change.reported_at > admitted_at and not covered:
            cause_id = f"order_changed:{change.order}:{change.reported_at.isoformat()}"
            due_at = change.reported_at + rules(change.reported_at).order_changed
            yield Cause(cause_id, "review", "order_changed", due_at)
    for review_id, completed_at in facts.undecided_since.items():
        due_at = completed_at + rules(completed_at).discrepancies
        yield Cause(f"discrepancies:{review_id}", "review", "discrepancies", due_at)
    if facts.cycle_reached is not None and facts.cycle_reached == facts.cycle_due_at:
        due_at = facts.cycle_reached
        yield Cause(f"cycle:{due_at.isoformat()}", "review", "cycle", due_at)
