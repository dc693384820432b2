"""Prescribers' sessions for medication reviews: sought when a review needs one, and again when one comes free.

A review that found none is noted in each week in which one would still be in time. A session scheduled there, or a seat
that comes free, has those who are noted tried again; and a request that has just been made is tried once more, since a
seat may have come free while it was decided. So whichever comes first, a request and what meets it find each other.

A session whose prescriber has lost that qualification is passed over until somebody who may prescribe leads it again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.desk import Identity, free_seat, identity, seat_came_free, take_seat
from services.scheduling.domain.claimed_day import FACILITATOR, ClaimedDay
from services.scheduling.domain.errors import SchedulingRefused
from services.scheduling.domain.identity import (
    claimed_day_id,
    request_week_id,
    slot_week_id,
    week_of,
    weeks_touched,
)
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_reviews import Review
from services.scheduling.domain.placement_seats import Booking
from services.scheduling.domain.prescriber_requests import PrescriberRequests
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.resources import Facilitator
from services.scheduling.domain.review_commands import SeekPrescriber, TryRequestsAgain
from services.scheduling.domain.series import LONGEST_HORIZON
from services.scheduling.domain.session import Session


def seek_prescriber(unit: Unit, placement: Placement) -> None:
    """Sees to every unmet review of the placement: by a booking held already, else by the earliest free prescriber's
    session before it falls due, else by asking a coordinator. A session that the participant gave up stays given up.
    By the rule ``review_finds_a_prescriber``."""
    at = unit.context.at
    person = identity(unit, placement.participant_id)
    for review in placement.unmet_reviews():
        held = _serving(unit, placement, review)
        booking_id = held[0].booking_id if held else _book_prescriber(unit, placement, person, review.due_at or at)
        if booking_id is None:
            placement.request_prescriber(review, at)
            _note_request(unit, placement, review.due_at or at)
        else:
            _see_to(unit, placement, review, booking_id, seat_taken=not held)


def try_requests_again(unit: Unit, command: TryRequestsAgain) -> Mapping[str, Any]:
    """Sees to the reviews that wait for a session in that week, the next due first, while the session can be had."""
    session = unit.get(Session, command.session_id)
    week = unit.find(PrescriberRequests, request_week_id(session.track_id, week_of(session.starts_at)))
    waiting = [unit.get(Placement, episode) for episode in week.episodes] if week else []
    due = [(review.due_at, placement.id, placement) for placement in waiting for review in placement.unmet_reviews()]
    for _, _, placement in sorted(due, key=lambda entry: entry[:2]):
        if not session.can_be_had(unit.context.at):
            break
        seek_prescriber(unit, placement)
    return {"session_id": session.id}


def seek_again(unit: Unit, command: SeekPrescriber) -> Mapping[str, Any]:
    """Sees to the unmet reviews of an episode, as the timetable is now."""
    placement = unit.get(Placement, command.episode_id)
    seek_prescriber(unit, placement)
    return {"episode_id": placement.id}


def link_reviews(unit: Unit, placement: Placement) -> None:
    """Notes which unmet reviews the bookings now held see to, without booking anything."""
    for review in placement.unmet_reviews():
        for booking in _serving(unit, placement, review)[:1]:
            _see_to(unit, placement, review, booking.booking_id, seat_taken=False)


def is_led_by_prescriber(unit: Unit, session: Session) -> bool:
    """Whether one of those who lead it may prescribe: planned with one, it may be without since."""
    return any(unit.get(Facilitator, one).may_prescribe for one in session.facilitators)


def led_again(unit: Unit, session: Session) -> None:
    """Reviews that passed it over, since nobody who led it might prescribe, can have it where somebody does now; those
    of the participants who have a seat in it are seen to by that."""
    if session.prescriber_led and is_led_by_prescriber(unit, session):
        seat_came_free(unit, session)
        for episode_id in tuple(session.taken.values()):  # one may give its seat back for an earlier session
            seek_prescriber(unit, unit.get(Placement, episode_id))


def sessions_to_come(unit: Unit, facilitator_id: UUID) -> list[Session]:
    """What somebody leads from now on, as far ahead as sessions are scheduled."""
    days = [unit.context.at.date() + timedelta(days=n) for n in range(LONGEST_HORIZON.days + 1)]
    taken = [claimed_day_id(FACILITATOR, facilitator_id, day) for day in days]
    unit.look_up(ClaimedDay, taken)
    found = [unit.find(ClaimedDay, id_) for id_ in taken]
    led = [unit.get(Session, id_) for id_ in dict.fromkeys(claim for day in found if day for claim in day.claims)]
    return [session for session in led if session.starts_at > unit.context.at]


def _serving(unit: Unit, placement: Placement, review: Review) -> list[Booking]:
    """The bookings held that see to a review, in order."""
    held = placement.seats.held_from(review.opened_at or unit.context.at)
    serving = [booking for booking in held if review.served_by(booking)]
    return [booking for booking in serving if is_led_by_prescriber(unit, unit.get(Session, booking.session_id))]


def _see_to(unit: Unit, placement: Placement, review: Review, booking_id: UUID, *, seat_taken: bool) -> None:
    """A seat that the review held before and that comes too late for it now is given back, if it was for reviews."""
    at = unit.context.at
    too_late = placement.book_review(review, booking_id, at, seat_taken=seat_taken)
    if too_late is not None and too_late.starts_at > at:
        free_seat(unit, placement, too_late, "review_rescheduled")


def _note_request(unit: Unit, placement: Placement, due_at: datetime) -> None:
    at = unit.context.at
    if placement.track_id is None:
        return
    for week in weeks_touched(at, due_at):
        noted = unit.find(PrescriberRequests, request_week_id(placement.track_id, week))
        if noted is None:
            unit.add(PrescriberRequests.open(placement.track_id, week, placement.id, at))
        else:
            noted.note(placement.id, at)


def _book_prescriber(unit: Unit, placement: Placement, person: Identity, due_at: datetime) -> UUID | None:
    for session in _prescriber_sessions(unit, placement, due_at):
        try:
            return take_seat(unit, session, placement, person)
        except SchedulingRefused:
            continue
    return None


def _prescriber_sessions(unit: Unit, placement: Placement, due_at: datetime) -> Iterable[Session]:
    at = unit.context.at
    if placement.track_id is None:
        return
    for week in weeks_touched(at, due_at):
        slots = unit.find(PrescriberSlots, slot_week_id(placement.track_id, week))
        if slots is None:
            continue
        for session_id, starts_at in sorted(slots.starts.items(), key=lambda slot: (slot[1], slot[0])):
            if at < starts_at < due_at and session_id not in placement.seats.declined:
                session = unit.get(Session, session_id)
                if is_led_by_prescriber(unit, session):
                    yield session
