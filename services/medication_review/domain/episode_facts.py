"""What medication review keeps of an episode of care: plain values, the same whatever the order in which they came."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

Kind = Literal["reconciliation", "review"]
KINDS: tuple[Kind, ...] = ("reconciliation", "review")


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

    def suspended_at(self, instant: datetime) -> bool:
        """Whether the episode was suspended then."""
        return any(suspension.covers(instant) for suspension in self.suspensions.values())

    def suspend(self, suspension_id: UUID, since: datetime) -> None:
        """What is told again moves its begin; what was cancelled begins anew."""
        held = self.suspensions.get(suspension_id)
        until = None if held is None or held.cancelled else held.until
        self.suspensions[suspension_id] = Suspension(since, until)

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
