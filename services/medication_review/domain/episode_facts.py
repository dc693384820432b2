"""What medication review keeps of an episode of care: plain values, the same whatever the order in which they came."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.medication_review.domain.rules import ReviewRules, RuleBook

Kind = Literal["reconciliation", "review"]
KINDS: tuple[Kind, ...] = ("reconciliation", "review")
SEVERE = "severe"
SEVERITIES = ("mild", "moderate", SEVERE)
"""Of adverse effects, as clinical trials grade them in words (CTCAE grades 1, 2, and 3 and above)."""


@dataclass(frozen=True)
class Suspension:
    """From ``since`` until ``until``, None while it lasts. ``cancelled``: it never was."""

    since: datetime
    until: datetime | None = None
    cancelled: bool = False

    def covers(self, instant: datetime) -> bool:
        return not self.cancelled and self.since <= instant and (self.until is None or instant < self.until)

    def meets(self, begins: datetime, ends: datetime) -> bool:
        return not self.cancelled and self.since < ends and (self.until is None or begins < self.until)


@dataclass(frozen=True)
class OrderChange:
    """A hospital order was new, changed or stopped."""

    order: str
    reported_at: datetime


@dataclass(frozen=True)
class Track:
    """Where an episode takes place: its clock, and the packs that judge."""

    time_zone: str
    packs: tuple[str, ...]


@dataclass(frozen=True)
class AdverseEffect:
    """A participant was harmed, or troubled, by a medication."""

    severity: str
    reported_at: datetime

    @property
    def severe(self) -> bool:
        return self.severity == SEVERE


def no_shows_id(count: int) -> str:
    """Of the cause that no-shows repeated so often are."""
    return f"no_shows:{count}"


@dataclass
class EpisodeFacts:
    """All that is known about one episode of care. What is not known yet is None or empty."""

    admitted_at: datetime | None = None
    track: Track = Track("UTC", ())
    """That of the admission."""
    transfers: dict[datetime, Track] = field(default_factory=dict)
    """From when → the track from then on."""
    suspensions: dict[UUID, Suspension] = field(default_factory=dict)
    discharged_at: datetime | None = None
    safety_triggers: set[datetime] = field(default_factory=set)
    adverse_effects: dict[UUID, AdverseEffect] = field(default_factory=dict)
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

    def suspended_between(self, begins: datetime, ends: datetime) -> bool:
        """Whether the episode was suspended at any time of this span, its end not included."""
        return any(suspension.meets(begins, ends) for suspension in self.suspensions.values())

    def suspend(self, suspension_id: UUID, since: datetime) -> None:
        """What is told again moves its begin; what was cancelled begins anew."""
        held = self.suspensions.get(suspension_id)
        until = None if held is None or held.cancelled else held.until
        self.suspensions[suspension_id] = Suspension(since, until)

    def change_suspension(self, suspension_id: UUID, **changes: Any) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], **changes)

    def excuse_no_shows(self, count: int) -> None:
        """Only so many are left. Should they repeat as often again, those are others, which no review answered yet."""
        excused = [told for told in self.no_shows if told > count]
        self.no_shows = {told: missed for told, missed in self.no_shows.items() if told <= count}
        self.covered.difference_update(no_shows_id(told) for told in excused)

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

    def track_at(self, instant: datetime) -> Track:
        """The track in which the episode was then."""
        past = [since for since in self.transfers if since <= instant]
        return self.transfers[max(past)] if past else self.track

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.track_at(instant).time_zone)).date()

    def judged_by(self, instant: datetime) -> tuple[tuple[str, ...], date]:
        """The packs of the track of that time, and the local day on which they have to be in force."""
        return self.track_at(instant).packs, self.local_day(instant)

    def rules(self, book: RuleBook, instant: datetime) -> ReviewRules:
        """What they say of reviews. Raises ``RuleMissing``."""
        return book.reviews(*self.judged_by(instant))
