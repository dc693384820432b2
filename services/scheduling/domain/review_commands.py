"""How a medication review comes to a prescriber's session: what is told of it, and when to look again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class BookReview:
    """A medication review needs a prescriber's session before it falls due."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class RescheduleReview:
    """An open review falls due at another time: earlier where an urgent cause joined it, later where one went away."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    due_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class TryRequestsAgain:
    """A prescriber's session has been scheduled, or a seat in it has come free."""

    session_id: UUID


@dataclass(frozen=True)
class SeekPrescriber:
    """Whatever came free while a request was decided is looked at once it stands."""

    episode_id: UUID


@dataclass(frozen=True)
class CloseReview:
    """``withdrawn``: the review never was needed, so the seat taken for it is given back."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    withdrawn: bool
    told_at: datetime
