"""Medication reviews that need a prescriber's session: which still do, and which seats were taken for them alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.scheduling.domain.placement_seats import Booking


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

    def met_in_time(self, held: Mapping[UUID, Booking]) -> bool:
        booking = None if self.booking_id is None else held.get(self.booking_id)
        return booking is not None and self.due_at is not None and booking.starts_at < self.due_at


class Reviews:
    """By review."""

    def __init__(self) -> None:
        self.known: dict[UUID, Review] = {}
        self.taken_for: set[UUID] = set()
        """Bookings made for reviews, not held before."""

    def of(self, review_id: UUID) -> Review:
        return self.known.get(review_id, Review(review_id))

    def change(self, review_id: UUID, **facts: Any) -> None:
        self.known[review_id] = replace(self.of(review_id), **facts)

    def open(self, review_id: UUID, opened_at: datetime, due_at: datetime) -> None:
        """One that was told to be over before it was told to be open stays so; one that was open before begins anew."""
        again = self.of(review_id).due_at is not None
        known = Review(review_id) if again else self.of(review_id)
        self.known[review_id] = replace(known, opened_at=opened_at, due_at=due_at)

    def unmet(self, held: Mapping[UUID, Booking]) -> Iterator[Review]:
        """Open ones that no held booking sees to in time, the next due first."""
        waiting = [
            (review.due_at, review.review_id, review)
            for review in self.known.values()
            if review.due_at is not None and not review.closed and not review.met_in_time(held)
        ]
        for _, _, review in sorted(waiting, key=lambda entry: entry[:2]):
            yield review

    def needless(self, booking_id: UUID | None, held: Mapping[UUID, Booking]) -> Booking | None:
        """The booking where it is held, was made for reviews alone and no open one is left to it."""
        if booking_id is None or booking_id not in self.taken_for:
            return None
        needed = any(review.booking_id == booking_id and not review.closed for review in self.known.values())
        return None if needed else held.get(booking_id)
