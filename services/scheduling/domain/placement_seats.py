"""The seats that a placement holds, and what became of those that were taken from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.errors import MadeUpAlready, NothingMissed
from services.scheduling.domain.override import Override
from services.scheduling.domain.placement_stay import Stay


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
class Why:
    """Why a seat is taken. ``kind``: regular, promoted from a waitlist, make_up, or override of a rule for a reason.
    ``restores``: a booking of the session taken away that should not have been. ``makes_up_for``: a booking missed or
    cancelled."""

    kind: str = "regular"
    restores: UUID | None = None
    makes_up_for: UUID | None = None
    override: Override | None = None


REGULAR = Why()
PROMOTED = Why("promoted")

ROSTER_CHANGED = "roster_changed"
"""Why a booking ends that the program gave up for the participant, because the plan changed."""


@dataclass(frozen=True)
class Freed:
    """A booking that a suspension took away, until it is restored, booked again or lost."""

    booking: Booking
    suspension_id: UUID


class Seats:
    """By booking: those held, and those taken away that may be owed."""

    def __init__(self) -> None:
        self.held: dict[UUID, Booking] = {}
        self.freed: dict[UUID, Freed] = {}
        self.merged_away: dict[UUID, Booking] = {}
        """Bookings that a merge took away, until it is undone, or the session is booked again."""
        self.lost: dict[UUID, UUID] = {}
        """Booking → session, where neither could be given back."""
        self.declined: dict[UUID, UUID] = {}
        """Sessions given up by the participant, or the program for them, until booked again → the booking."""
        self.ended: dict[UUID, UUID] = {}
        """Booking → session, cancelled for whatever reason."""
        self.restored: set[UUID] = set()
        """Bookings in whose place others stand."""
        self.made_up: dict[UUID, UUID] = {}
        """Booking missed → the one that makes up for it."""

    def held_from(self, instant: datetime) -> list[Booking]:
        """Bookings of sessions that begin then or later, in order."""
        return sorted(
            (booking for booking in self.held.values() if booking.starts_at >= instant),
            key=lambda booking: (booking.starts_at, booking.booking_id),
        )

    def held_after(self, instant: datetime) -> list[Booking]:
        """Bookings of sessions that have yet to begin then, in order."""
        return [booking for booking in self.held_from(instant) if booking.starts_at > instant]

    def restorable(self, stay: Stay, spans: Mapping[UUID, Span]) -> list[Freed]:
        """Those freed by a suspension that never was or that began later, at times that are bookable again, in order.
        ``spans``: when their sessions take place now."""
        freed_now = (
            replace(freed, booking=freed.booking.at(spans[freed.booking.session_id])) for freed in self.freed.values()
        )
        return sorted(
            (
                freed
                for freed in freed_now
                if not stay.suspension(freed.suspension_id).takes(freed.booking.starts_at)
                and stay.is_placeable(freed.booking.starts_at)
            ),
            key=lambda freed: (freed.booking.starts_at, freed.booking.booking_id),
        )

    def check_make_up(self, missed: UUID, session_id: UUID, at: datetime) -> None:
        """Raises ``NothingMissed`` where the booking is not over or cancelled, was restored, or is of the same session;
        ``MadeUpAlready`` where another makes up for it: there is one for each, again once that was given up.
        By the rule ``one_make_up_each``."""
        held = self.held.get(missed)
        of = self.ended.get(missed) if held is None else held.session_id
        if of is None:
            raise NothingMissed("the episode has no such booking; look at the participant's bookings")
        if missed in self.restored or (held is not None and at < held.ends_at):
            raise NothingMissed("the booking stands, or another stands in its place; only one that is over is made up")
        if of == session_id:
            raise NothingMissed("a session does not make up for itself; book it without")
        if missed in self.made_up:
            raise MadeUpAlready("a make-up is booked for it already; cancel that first")

    def take(self, booking: Booking, restores: UUID | None = None, makes_up_for: UUID | None = None) -> None:
        """The session is booked: what was owed of it is owed no longer."""
        of = booking.session_id
        if restores is not None:
            self.restored.add(restores)
        if makes_up_for is not None:
            self.made_up[makes_up_for] = booking.booking_id
        self.held[booking.booking_id] = booking
        self.freed = {id_: freed for id_, freed in self.freed.items() if freed.booking.session_id != of}
        self.merged_away = {id_: one for id_, one in self.merged_away.items() if one.session_id != of}
        self.lost = {id_: session for id_, session in self.lost.items() if session != of}
        self.declined.pop(of, None)

    def move(self, booking_id: UUID, span: Span) -> None:
        self.held[booking_id] = self.held[booking_id].at(span)

    def give_up(self, booking_id: UUID, reason: str, suspension_id: UUID | None) -> None:
        booking = self.held.pop(booking_id)
        self.ended[booking_id] = booking.session_id
        self.made_up = {missed: made for missed, made in self.made_up.items() if made != booking_id}
        if suspension_id is not None:
            self.freed[booking_id] = Freed(booking, suspension_id)
        if reason == "merged":
            self.merged_away[booking_id] = booking
        if reason in ("participant", ROSTER_CHANGED):
            self.declined[booking.session_id] = booking_id

    def lose(self, booking_id: UUID, session_id: UUID) -> None:
        self.freed.pop(booking_id, None)
        self.merged_away.pop(booking_id, None)
        self.lost[booking_id] = session_id
