"""The booking desk: everything that has to change together when a seat is given or given back.

A booking is three things in one transaction: the session's seat (capacity), the participant's claimed day (one place at
a time) and the placement's booking (what suspension and discharge free). Each is a stream of its own, so two commands
that would break one of the rules conflict there, and the later one decides again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.claims import check_available, check_time, claim_time, release_time
from services.scheduling.domain.claimed_day import PARTICIPANT
from services.scheduling.domain.errors import ParticipantNotPlaceable, PlacementUnclear, SchedulingRefused
from services.scheduling.domain.identity import slot_week_id, week_of
from services.scheduling.domain.known import Person
from services.scheduling.domain.override import Override
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_seats import REGULAR, Booking, Why
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.session import Session
from services.scheduling.waitlists import offer_seat, seat_taken

Answered = Mapping[str, Any]
"""What a decision answers: ids and codes only, since it is stored as it is."""


@dataclass(frozen=True)
class Identity:
    """All ids of one person; claims are made under the first, the survivor."""

    ids: tuple[UUID, ...]
    episodes: tuple[UUID, ...]


def identity(unit: Unit, participant_id: UUID) -> Identity:
    """Follows merges from any of the ids; a stranger is known by the one id."""
    top = unit.find(Person, participant_id)
    if top is None:
        return Identity((participant_id,), ())
    above = {top.id}
    while top.merged_into is not None and top.merged_into not in above:
        top = unit.get(Person, top.merged_into)
        above.add(top.id)  # until all is told, links may lead in a circle
    ids: list[UUID] = []
    episodes: list[UUID] = []
    waiting = [top.id]
    while waiting:
        person = unit.get(Person, waiting.pop())
        ids.append(person.id)
        episodes.extend(person.episodes)
        waiting.extend(alias for alias in person.aliases if alias not in ids)
    return Identity(tuple(ids), tuple(episodes))


def placement_for(unit: Unit, person: Identity, episode_id: UUID | None, instant: datetime) -> Placement:
    """The placement to book at that time. Raises ``ParticipantNotPlaceable`` or ``PlacementUnclear``."""
    placements = [unit.get(Placement, episode) for episode in person.episodes if episode_id in (None, episode)]
    if not placements:
        raise ParticipantNotPlaceable("the participant has no open placement: scheduling knows of no admission")
    open_then = [placement for placement in placements if placement.stay.is_placeable(instant)]
    if not open_then:
        placements[-1].stay.check_placeable(instant)
    if len(open_then) > 1:
        raise PlacementUnclear("several episodes are open at that time; name the episode")
    return open_then[0]


def check_can_come(
    unit: Unit, session: Session, placement: Placement, person: Identity, override: Override | None = None
) -> None:
    """Whatever a seat takes beside the seat itself. Raises the refusal of the rule broken; ``override`` sets aside when
    they are available."""
    session.check_open(unit.context.at)
    placement.check_placeable(session)
    for participant_id in person.ids:
        check_time(unit, PARTICIPANT, participant_id, session.span)
        if override is None:
            check_available(unit, PARTICIPANT, participant_id, session.span)


def take_seat(unit: Unit, session: Session, placement: Placement, person: Identity, why: Why = REGULAR) -> UUID:
    """The new booking's id. Checks every rule before it changes anything; raises the refusal of the one broken."""
    at = unit.context.at
    check_can_come(unit, session, placement, person, why.override)
    booking_id = session.take_seat(placement.participant_id, placement.id, at)
    claim_time(unit, PARTICIPANT, person.ids[0], booking_id, session.span)
    placement.book(session, booking_id, at, why)
    for episode_id in person.episodes:
        seat_taken(unit, session, unit.get(Placement, episode_id))
    return booking_id


def free_seat(
    unit: Unit,
    placement: Placement,
    booking: Booking,
    reason: str,
    *,
    notice_hours: float | None = None,
    suspension_id: UUID | None = None,
) -> None:
    """Ends one booking and touches no other. By the rule ``one_booking_given_up``."""
    at = unit.context.at
    session = unit.get(Session, booking.session_id)
    session.free_seat(booking.booking_id, placement.participant_id, at)
    seat_came_free(unit, session)
    person = identity(unit, placement.participant_id)
    release_time(unit, PARTICIPANT, person.ids, booking.booking_id, booking.span)
    placement.cancel_booking(booking, reason, at, notice_hours=notice_hours, suspension_id=suspension_id)
    time_came_free(unit, person)


def time_came_free(unit: Unit, person: Identity) -> None:
    """What the person waits for may be possible now."""
    for episode_id in person.episodes:
        unit.get(Placement, episode_id).time_came_free(unit.context.at)


def seat_came_free(unit: Unit, session: Session) -> None:
    """Tells those who wait for it, and for a prescriber where the session is one of theirs, if it can be had."""
    at = unit.context.at
    if session.prescriber_led and session.can_be_had(at):
        unit.get(PrescriberSlots, slot_week_id(session.track_id, week_of(session.starts_at))).free(session.id, at)
    offer_seat(unit, session)


def free_suspended_seats(unit: Unit, placement: Placement, suspension_id: UUID, told_at: datetime) -> None:
    """Ends the bookings that a suspension covers, except of sessions that had begun when it was told: those are past,
    and attendance excuses them. By the rule ``suspension_frees_seats``."""
    suspension = placement.stay.suspension(suspension_id)
    for booking in placement.seats.held_from(told_at):
        if suspension.covers(booking.starts_at):
            free_seat(unit, placement, booking, "suspended", suspension_id=suspension_id)


def restore_bookings(unit: Unit, placement: Placement, told_at: datetime) -> None:
    """Gives back what suspensions took that they should not have, since they never were or began later: the same
    sessions under new bookings where seats are still free, else the loss is noted for the coordinator. Sessions that
    had begun when that was told are lost. By the rule ``suspension_cancelled_gives_back``."""
    held = {freed.booking.session_id for freed in placement.seats.freed.values()}
    spans = {session_id: unit.get(Session, session_id).span for session_id in held}
    give_back(unit, placement, [freed.booking for freed in placement.restorable(spans)], told_at)


def give_back_reopened(unit: Unit, session: Session, held: Mapping[UUID, UUID]) -> None:
    """Gives the seats back that were taken when a closure cancelled the session, as far as their participants can have
    them; of each other one a coordinator is asked. ``held``: booking → episode. Not where it was made up for meanwhile,
    was taken for a review, which has sought another, or the episode is not open then.
    By the rule ``reopening_gives_back``."""
    for booking_id, episode_id in held.items():
        placement = unit.get(Placement, episode_id)
        elsewhere = booking_id in placement.seats.made_up or booking_id in placement.reviews.taken_for
        if not elsewhere and placement.is_placeable_in(session):
            span = session.span
            booking = Booking(booking_id, session.id, span.starts_at, span.ends_at, session.prescriber_led)
            give_back(unit, placement, [booking], unit.context.at)


def give_back(unit: Unit, placement: Placement, taken: Iterable[Booking], told_at: datetime) -> None:
    """The same sessions under new bookings, or the loss is noted with its reason."""
    person = identity(unit, placement.participant_id)
    for booking in taken:
        session = unit.get(Session, booking.session_id)
        if session.starts_at < told_at:
            placement.lose(booking.at(session.span), "SessionHasPassed", unit.context.at)
            continue
        try:
            take_seat(unit, session, placement, person, Why(restores=booking.booking_id))
        except SchedulingRefused as refusal:
            placement.lose(booking.at(session.span), refusal.code, unit.context.at)
