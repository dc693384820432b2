"""A participant's place in the program during one episode: when bookings are possible, which are held, and why.

Here stands what can happen to it. What follows from it is decided by its three parts: the stay (``placement_stay``),
the seats (``placement_seats``) and the reviews that need a prescriber (``placement_reviews``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain import placement_events as events
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.errors import LossUnknown, NotWaiting, ParticipantNotPlaceable
from services.scheduling.domain.override import as_told
from services.scheduling.domain.placement_reviews import Review, Reviews
from services.scheduling.domain.placement_seats import REGULAR, Booking, Freed, Seats, Why
from services.scheduling.domain.placement_stay import Stay
from services.scheduling.domain.seat_waitlist import Awaited
from services.scheduling.domain.session import Session


class Placement(Aggregate):
    """Identified by its episode. Facts arrive in any order and are kept; whether a time is bookable is worked out."""

    TOPIC = "scheduling.placement"

    Created = events.Created
    PlacementOpened = events.PlacementOpened
    PlacementSuspended = events.PlacementSuspended
    SuspensionCancelled = events.SuspensionCancelled
    PlacementResumed = events.PlacementResumed
    ResumptionCancelled = events.ResumptionCancelled
    PlacementTransferred = events.PlacementTransferred
    PlacementClosed = events.PlacementClosed
    PersonMerged = events.PersonMerged
    PersonSeparated = events.PersonSeparated
    BookingMade = events.BookingMade
    BookingChanged = events.BookingChanged
    BookingCancelled = events.BookingCancelled
    BookingLost = events.BookingLost
    LossSettled = events.LossSettled
    ReviewAwaited = events.ReviewAwaited
    ReviewRescheduled = events.ReviewRescheduled
    ReviewBooked = events.ReviewBooked
    PrescriberRequested = events.PrescriberRequested
    ReviewClosed = events.ReviewClosed
    SeatWaitJoined = events.SeatWaitJoined
    SeatWaitLeft = events.SeatWaitLeft
    TimeCameFree = events.TimeCameFree
    AvailabilityStated = events.AvailabilityStated

    @event(events.Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.track_id: UUID | None = None
        self.stay = Stay()
        self.seats = Seats()
        self.reviews = Reviews()
        self.waits: dict[UUID, Awaited] = {}
        """By session or series."""

    @classmethod
    def expect(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "Placement":
        return cls._create(cls.Created, id=episode_id, timestamp=at, participant_id=participant_id)

    # What was told. Telling it again changes nothing.

    def open(self, track_id: UUID, admitted_at: datetime, at: datetime) -> None:
        if self.stay.admitted_at is None:
            self._tell(self.PlacementOpened, at, track_id=track_id, admitted_at=admitted_at)

    def suspend(self, suspension_id: UUID, suspended_at: datetime, reason: str, at: datetime) -> None:
        held = self.stay.suspension(suspension_id)
        if held.suspended_at != suspended_at or held.cancelled:
            self._tell(
                self.PlacementSuspended, at, suspension_id=suspension_id, suspended_at=suspended_at, reason=reason
            )

    def cancel_suspension(self, suspension_id: UUID, at: datetime) -> None:
        if not self.stay.suspension(suspension_id).cancelled:
            self._tell(self.SuspensionCancelled, at, suspension_id=suspension_id)

    def resume(self, suspension_id: UUID, resumed_at: datetime, at: datetime) -> None:
        if self.stay.suspension(suspension_id).resumed_at != resumed_at:
            self._tell(self.PlacementResumed, at, suspension_id=suspension_id, resumed_at=resumed_at)

    def cancel_resumption(self, suspension_id: UUID, at: datetime) -> None:
        if self.stay.suspension(suspension_id).resumed_at is not None:
            self._tell(self.ResumptionCancelled, at, suspension_id=suspension_id)

    def transfer(self, from_track_id: UUID, track_id: UUID, effective_at: datetime, at: datetime) -> None:
        if self.stay.transfers.get(effective_at) != (from_track_id, track_id):
            self._tell(
                self.PlacementTransferred,
                at,
                from_track_id=from_track_id,
                track_id=track_id,
                effective_at=effective_at,
            )

    def close(self, discharged_at: datetime, at: datetime) -> None:
        if self.stay.discharged_at is None:
            self._tell(self.PlacementClosed, at, discharged_at=discharged_at)

    def note_merge(self, surviving_id: UUID, retired_id: UUID, at: datetime) -> None:
        """Written although the placement itself does not change: a booking decided before the merge then conflicts."""
        self._tell(self.PersonMerged, at, surviving_id=surviving_id, retired_id=retired_id)

    def note_separation(self, surviving_id: UUID, retired_id: UUID, at: datetime) -> None:
        """Written for the same reason as ``note_merge``."""
        self._tell(self.PersonSeparated, at, surviving_id=surviving_id, retired_id=retired_id)

    def note_availability(self, at: datetime) -> None:
        """Written for the same reason as ``note_merge``."""
        self._tell(self.AvailabilityStated, at)

    # Bookings.

    def check_placeable(self, session: Session) -> None:
        """Raises ``ParticipantNotPlaceable`` saying why no seat in the session is possible."""
        self.stay.check_placeable(session.starts_at)
        self.stay.check_track(session.track_id, session.starts_at)

    def is_placeable_in(self, session: Session) -> bool:
        """Whether a seat in the session is possible."""
        try:
            self.check_placeable(session)
        except ParticipantNotPlaceable:
            return False
        return True

    def book(self, session: Session, booking_id: UUID, at: datetime, why: Why = REGULAR) -> None:
        """Notes the seat taken in the session, with the session's facts. Booked again after it was given up, it stands
        in the place of that booking, which was missed by nobody then. Raises ``ParticipantNotPlaceable``."""
        self.check_placeable(session)
        self._tell(
            self.BookingMade,
            at,
            booking_id=booking_id,
            **_session_facts(session),
            restores_booking_id=why.restores or self.seats.declined.get(session.id),
            kind=why.kind,
            makes_up_for=why.makes_up_for,
            **as_told(why.override),
        )

    def follow(self, session: Session, booking_id: UUID, at: datetime) -> None:
        """Notes the facts of a booking's session as they are now."""
        self._tell(self.BookingChanged, at, booking_id=booking_id, **_session_facts(session), sequence=session.sequence)

    def cancel_booking(
        self,
        booking: Booking,
        reason: str,
        at: datetime,
        *,
        notice_hours: float | None = None,
        suspension_id: UUID | None = None,
    ) -> None:
        """``reason``: participant, roster_changed, suspended, transferred, discharged, merged, review_withdrawn,
        review_rescheduled or cancelled_by_program."""
        self._tell(
            self.BookingCancelled,
            at,
            booking_id=booking.booking_id,
            session_id=booking.session_id,
            starts_at=booking.starts_at,
            reason=reason,
            notice_hours=notice_hours,
            suspension_id=suspension_id,
        )

    def restorable(self, spans: Mapping[UUID, Span]) -> list[Freed]:
        """Bookings that suspensions should not have taken. ``spans``: when their sessions take place now."""
        return self.seats.restorable(self.stay, spans)

    def lose(self, booking: Booking, why: str, at: datetime) -> None:
        """The booking cannot be restored; ``why`` is the refusal's code."""
        self._tell(
            self.BookingLost,
            at,
            booking_id=booking.booking_id,
            session_id=booking.session_id,
            starts_at=booking.starts_at,
            why=why,
        )

    def settle_loss(self, booking_id: UUID, outcome: str, at: datetime) -> None:
        """Raises ``LossUnknown``."""
        if booking_id not in self.seats.lost:
            raise LossUnknown("no such booking waits to be rebooked; look at the coordinator's requests")
        self._tell(self.LossSettled, at, booking_id=booking_id, outcome=outcome)

    # Seats that are waited for.

    def wait(self, awaited: Awaited, priority: int, at: datetime) -> None:
        self._tell(
            self.SeatWaitJoined,
            at,
            session_id=awaited.session_id,
            series_id=awaited.series_id,
            priority=priority,
        )

    def check_waits(self, awaited: Awaited) -> None:
        """Raises ``NotWaiting``."""
        if awaited.id not in self.waits:
            raise NotWaiting("the participant does not wait for it; look at the waitlist")

    def stop_waiting(self, awaited: Awaited, reason: str, at: datetime) -> None:
        """``reason``: promoted, withdrawn, transferred, discharged, session_cancelled or session_started."""
        self._tell(self.SeatWaitLeft, at, session_id=awaited.session_id, series_id=awaited.series_id, reason=reason)

    def time_came_free(self, at: datetime) -> None:
        """Notes that it can be elsewhere now, where it waits for anything."""
        if self.waits:
            self._tell(self.TimeCameFree, at)

    # Medication reviews that need a prescriber.

    def await_review(self, review_id: UUID, opened_at: datetime, due_at: datetime, at: datetime) -> None:
        """Also one that was withdrawn and is asked for again, under the same id."""
        known = self.reviews.of(review_id)
        if known.due_at is None or known.closed:
            self._tell(self.ReviewAwaited, at, review_id=review_id, opened_at=opened_at, due_at=due_at)

    def reschedule_review(self, review_id: UUID, due_at: datetime, told_at: datetime, at: datetime) -> None:
        """It is due then; one not heard of before is awaited from now on."""
        known = self.reviews.of(review_id)
        if known.due_at is None:
            self.await_review(review_id, told_at, due_at, at)
        elif not known.closed and known.due_at != due_at:
            self._tell(self.ReviewRescheduled, at, review_id=review_id, due_at=due_at)

    def unmet_reviews(self) -> Iterator[Review]:
        """Open reviews that no held booking sees to in time, the next due first; none before the placement is open."""
        return iter(()) if self.stay.admitted_at is None else self.reviews.unmet(self.seats.held)

    def book_review(self, review: Review, booking_id: UUID, at: datetime, *, seat_taken: bool) -> Booking | None:
        """``seat_taken``: the seat was taken for this review, and was not held before. Returns the booking, too late
        for the review now, that was made for reviews of which none needs it any more."""
        self._tell(self.ReviewBooked, at, review_id=review.review_id, booking_id=booking_id, seat_taken=seat_taken)
        return self.reviews.needless(review.booking_id, self.seats.held)

    def request_prescriber(self, review: Review, at: datetime) -> None:
        """Asks a coordinator, once for as long as nothing is found."""
        if not review.asked:
            self._tell(self.PrescriberRequested, at, review_id=review.review_id, due_at=review.due_at)

    def close_review(self, review_id: UUID, at: datetime) -> Booking | None:
        """The booking made for reviews that are all closed now, if it is still held."""
        review = self.reviews.of(review_id)
        if review.closed:
            return None
        self._tell(self.ReviewClosed, at, review_id=review_id)
        return self.reviews.needless(review.booking_id, self.seats.held)

    def _tell(self, event_class: type[Aggregate.Event], at: datetime, **facts: object) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **facts)

    # What events change.

    @event(events.PlacementOpened)
    def _placement_opened(self, track_id: UUID, admitted_at: datetime) -> None:
        self.track_id = track_id
        self.stay = replace(self.stay, admitted_at=admitted_at)

    @event(events.PlacementSuspended)
    def _placement_suspended(self, suspension_id: UUID, suspended_at: datetime) -> None:
        held = self.stay.suspension(suspension_id)
        self.stay = self.stay.with_suspension(suspension_id, held.begun(suspended_at))

    @event(events.SuspensionCancelled)
    def _suspension_cancelled(self, suspension_id: UUID) -> None:
        self._suspension_changed(suspension_id, cancelled=True)

    @event(events.PlacementResumed)
    def _placement_resumed(self, suspension_id: UUID, resumed_at: datetime) -> None:
        self._suspension_changed(suspension_id, resumed_at=resumed_at)

    @event(events.ResumptionCancelled)
    def _resumption_cancelled(self, suspension_id: UUID) -> None:
        self._suspension_changed(suspension_id, resumed_at=None)

    @event(events.PlacementTransferred)
    def _placement_transferred(self, from_track_id: UUID, track_id: UUID, effective_at: datetime) -> None:
        self.stay = self.stay.with_transfer(effective_at, from_track_id, track_id)
        self.track_id = self.stay.joined()

    @event(events.PlacementClosed)
    def _placement_closed(self, discharged_at: datetime) -> None:
        self.stay = replace(self.stay, discharged_at=discharged_at)

    @event(events.BookingMade)
    def _booking_made(
        self,
        *,
        booking_id: UUID,
        session_id: UUID,
        starts_at: datetime,
        ends_at: datetime,
        with_prescriber: bool,
        restores_booking_id: UUID | None,
        makes_up_for: UUID | None,
    ) -> None:
        booking = Booking(booking_id, session_id, starts_at, ends_at, with_prescriber)
        given_up = session_id in self.seats.declined
        self.seats.take(booking, restores_booking_id, makes_up_for)
        if restores_booking_id in self.reviews.taken_for and not given_up:
            self.reviews.taken_for.add(booking_id)

    @event(events.BookingChanged)
    def _booking_changed(self, booking_id: UUID, starts_at: datetime, ends_at: datetime) -> None:
        self.seats.move(booking_id, Span(starts_at, ends_at))

    @event(events.BookingCancelled)
    def _booking_cancelled(self, booking_id: UUID, reason: str, suspension_id: UUID | None) -> None:
        self.seats.give_up(booking_id, reason, suspension_id)

    @event(events.BookingLost)
    def _booking_lost(self, booking_id: UUID, session_id: UUID) -> None:
        self.seats.lose(booking_id, session_id)

    @event(events.LossSettled)
    def _loss_settled(self, booking_id: UUID) -> None:
        del self.seats.lost[booking_id]

    @event(events.SeatWaitJoined)
    def _seat_wait_joined(self, session_id: UUID | None, series_id: UUID | None) -> None:
        awaited = Awaited(session_id, series_id)
        self.waits[awaited.id] = awaited

    @event(events.SeatWaitLeft)
    def _seat_wait_left(self, session_id: UUID | None, series_id: UUID | None) -> None:
        del self.waits[Awaited(session_id, series_id).id]

    @event(events.ReviewAwaited)
    def _review_awaited(self, review_id: UUID, opened_at: datetime, due_at: datetime) -> None:
        self.reviews.open(review_id, opened_at, due_at)

    @event(events.ReviewRescheduled)
    def _review_rescheduled(self, review_id: UUID, due_at: datetime) -> None:
        self.reviews.change(review_id, due_at=due_at, asked=False)

    @event(events.ReviewBooked)
    def _review_booked(self, review_id: UUID, booking_id: UUID, seat_taken: bool) -> None:
        self.reviews.change(review_id, booking_id=booking_id, asked=False)
        if seat_taken:
            self.reviews.taken_for.add(booking_id)

    @event(events.PrescriberRequested)
    def _prescriber_requested(self, review_id: UUID) -> None:
        self.reviews.change(review_id, asked=True)

    @event(events.ReviewClosed)
    def _review_closed(self, review_id: UUID) -> None:
        self.reviews.change(review_id, closed=True)

    def _suspension_changed(self, suspension_id: UUID, **facts: Any) -> None:
        changed = replace(self.stay.suspension(suspension_id), **facts)
        self.stay = self.stay.with_suspension(suspension_id, changed)


def _session_facts(session: Session) -> dict[str, object]:
    return {
        "session_id": session.id,
        "series_id": session.series_id,
        "track_id": session.track_id,
        "component": session.component,
        "title": session.title,
        "modality": session.modality,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "local_date": session.local_date,
        "time_zone": session.time_zone,
        "room": session.room,
        "with_prescriber": session.prescriber_led,
    }
