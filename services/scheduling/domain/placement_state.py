"""The facts a placement keeps, and the verdicts that follow from them whatever the order in which they came."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.scheduling.domain.claimed_day import Span


@dataclass(frozen=True)
class Booking:
    """A seat held by the placement."""

    booking_id: UUID
    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    with_prescriber: bool

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    def at(self, span: Span) -> "Booking":
        """The same booking at another time."""
        return replace(self, starts_at=span.starts_at, ends_at=span.ends_at)


@dataclass(frozen=True)
class Suspension:
    """From when until when; ``cancelled``: it never was. Unknown instants are those nobody has told of yet."""

    suspended_at: datetime | None = None
    resumed_at: datetime | None = None
    cancelled: bool = False

    def takes(self, instant: datetime) -> bool:
        """Whether a booking for that time that it freed stays freed: what a resumption ends is not given back."""
        return not self.cancelled and self.suspended_at is not None and self.suspended_at <= instant

    def covers(self, instant: datetime) -> bool:
        """Whether no booking is possible at that time."""
        return self.takes(instant) and (self.resumed_at is None or instant < self.resumed_at)


@dataclass(frozen=True)
class Freed:
    """A booking that a suspension took away, until it is restored, booked again or lost."""

    booking: Booking
    suspension_id: UUID


@dataclass(frozen=True)
class Review:
    """A medication review that needs a prescriber before it is due; ``due_at`` is None while only its end was told."""

    review_id: UUID
    opened_at: datetime | None = None
    due_at: datetime | None = None
    booking_id: UUID | None = None
    asked: bool = False
    closed: bool = False

    def served_by(self, booking: Booking) -> bool:
        """Whether a session with a prescriber between its opening and its due date sees to it."""
        if self.opened_at is None or self.due_at is None:
            return False
        return booking.with_prescriber and self.opened_at <= booking.starts_at < self.due_at
