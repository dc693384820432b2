"""One review or reconciliation of a case, and how it reads in events."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.medication_review.domain.causes import Cause
from services.medication_review.domain.episode_facts import Kind

_REVIEWS = UUID("7c1f1f0e-0a51-5a80-9d0d-53f3b2b5f0c2")


def review_id(episode_id: UUID, kind: Kind, number: int) -> UUID:
    """The n-th review of a kind in an episode has the same id, whatever caused it."""
    return uuid5(_REVIEWS, f"{episode_id}/{kind}/{number}")


@dataclass(frozen=True)
class Need:
    """What an open review answers: the earliest cause first."""

    cause: str
    causes: tuple[str, ...]
    urgent: bool
    due_at: datetime
    decided_by: tuple[str, ...] = ()
    """``PARAMETER of PACK`` that says when, of the earliest cause."""

    @classmethod
    def of(cls, causes: list[Cause]) -> "Need":
        """The rule ``one_open_review``: due at the earliest of the causes' times, urgent if any is. ``causes``: at
        least one, the earliest first."""
        names = tuple(sorted({cause.name for cause in causes}))
        first, urgent = causes[0], any(cause.urgent for cause in causes)
        return cls(first.name, names, urgent, first.due_at, first.decided_by)


@dataclass(frozen=True)
class Review:
    """A review as it stands."""

    kind: Kind
    need: Need
    status: str = "open"
    overdue: bool = False
    escalated_to: tuple[str, ...] = ()
    """Who was told since it is overdue."""

    @property
    def open(self) -> bool:
        return self.status == "open"

    def due(self, due_at: datetime) -> bool:
        """Whether this is still the time by which it has to be done."""
        return self.open and self.need.due_at == due_at

    def rescheduled(self, need: Need) -> "Review":
        """At another due time it is not overdue (yet), and nobody was told."""
        return replace(self, need=need) if self.need.due_at == need.due_at else Review(self.kind, need)
