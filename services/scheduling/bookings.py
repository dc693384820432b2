"""Seats for participants: booked one by one or for a whole series, and given up again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from events.log.commands import Unit
from services.scheduling.claims import check_available
from services.scheduling.desk import Identity, free_seat, identity, placement_for, take_seat
from services.scheduling.domain.claimed_day import PARTICIPANT
from services.scheduling.domain.commands import (
    BookSeries,
    BookSession,
    CancelBooking,
    CancelSeriesBookings,
    GivenUpBy,
    SettleLoss,
)
from services.scheduling.domain.errors import (
    BookingUnknown,
    ParticipantNotAvailable,
    SchedulingRefused,
    SessionHasStarted,
)
from services.scheduling.domain.identity import session_id
from services.scheduling.domain.override import Override
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.placement_seats import REGULAR, ROSTER_CHANGED, Booking, Why
from services.scheduling.domain.recurrence import zone
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.prescribers import link_reviews, seek_prescriber
from services.scheduling.promotion import check_kept_for_nobody, is_kept_for_others


def book_session(unit: Unit, command: BookSession, rules: RuleBook) -> Mapping[str, Any]:
    """A seat in one session, also to make up for one missed. Raises the refusal of the rule that forbids it;
    ``OthersWait`` and ``ParticipantNotAvailable`` can be overridden."""
    session = unit.get(Session, command.session_id)
    person = identity(unit, command.participant_id)
    placement = placement_for(unit, person, command.episode_id, session.starts_at)
    why = _why(unit, rules, session, person, Override.by(unit.context.roles, command.override))
    if command.makes_up_for is not None:
        placement.seats.check_make_up(command.makes_up_for, session.id, unit.context.at)
        why = replace(why, kind="make_up", makes_up_for=command.makes_up_for)
    booking_id = take_seat(unit, session, placement, person, why)
    link_reviews(unit, placement)
    return {"booking_id": booking_id, "session_id": session.id, "episode_id": placement.id}


def book_series(unit: Unit, command: BookSeries, rules: RuleBook) -> Mapping[str, Any]:
    """A seat in every session planned for the range that can be had, wherever it was moved; the answer lists what was
    booked and what was refused, with the reason. What can be overridden is what can be in one session."""
    series = unit.get(Series, command.series_id)
    person = identity(unit, command.participant_id)
    override = Override.by(unit.context.roles, command.override)
    booked: list[Mapping[str, Any]] = []
    refused: list[Mapping[str, Any]] = []
    placements: dict[object, Placement] = {}
    from_date = command.from_date or _today(unit, series)
    for occurrence in series.occurrences(from_date, command.through or series.horizon or from_date):
        session = unit.find(Session, session_id(series.id, occurrence.local_date))
        if session is None:
            continue
        entry = {"session_id": session.id, "local_date": session.local_date}
        try:
            placement = placement_for(unit, person, command.episode_id, session.starts_at)
            why = _why(unit, rules, session, person, override)
            booked.append({**entry, "booking_id": take_seat(unit, session, placement, person, why)})
        except SchedulingRefused as refusal:
            refused.append({**entry, "code": refusal.code, "detail": refusal.detail})
        else:
            placements[placement.id] = placement
    for placement in placements.values():
        link_reviews(unit, placement)
    return {"series_id": series.id, "booked": booked, "refused": refused}


def cancel_series_bookings(unit: Unit, command: CancelSeriesBookings) -> Mapping[str, Any]:
    """The participant leaves the series from a day on, at the earliest now: what has begun stays, and so does everybody
    else's. Raises ``BookingUnknown`` where there is nothing to cancel."""
    series = unit.get(Series, command.series_id)
    from_date, through = command.from_date or date.min, command.through or date.max
    cancelled: list[Mapping[str, Any]] = []
    for episode in identity(unit, command.participant_id).episodes:
        placement = unit.get(Placement, episode)
        if command.episode_id not in (None, episode):
            continue
        for booking in placement.seats.held_after(unit.context.at):
            session = unit.get(Session, booking.session_id)
            if session.series_id == series.id and from_date <= session.local_date <= through:
                notice = _give_up(unit, placement, booking, command.given_up_by)
                entry = {"session_id": session.id, "local_date": session.local_date}
                cancelled.append({**entry, "booking_id": booking.booking_id, "notice_hours": notice})
        seek_prescriber(unit, placement)
    if not cancelled:
        raise BookingUnknown("the participant has no booking in a session of the series that is to come")
    return {"series_id": series.id, "cancelled": cancelled}


def cancel_booking(unit: Unit, command: CancelBooking) -> Mapping[str, Any]:
    """The participant gives up one seat, and how many hours before the session is noted; or the program takes them off
    the roster. Nobody else's booking changes."""
    at = unit.context.at
    session = unit.get(Session, command.session_id)
    placement = unit.get(Placement, session.episode_of(command.booking_id))
    if at >= session.starts_at:
        raise SessionHasStarted("the session has begun; record what came of it in attendance")
    notice = _give_up(unit, placement, placement.seats.held[command.booking_id], command.given_up_by)
    seek_prescriber(unit, placement)
    return {"booking_id": command.booking_id, "notice_hours": notice}


def _why(unit: Unit, rules: RuleBook, session: Session, person: Identity, override: Override | None) -> Why:
    """Raises ``OthersWait`` where there is no override. Whether the participant is available, taking the seat says."""
    if override is None:
        check_kept_for_nobody(unit, rules, session, person)
        return REGULAR
    if is_kept_for_others(unit, rules, session, person) or not _is_available(unit, session, person):
        return Why("override", override=override)
    return REGULAR


def _give_up(unit: Unit, placement: Placement, booking: Booking, by: GivenUpBy) -> float | None:
    """The hours of notice that the participant gave. By the rule ``roster_change_is_no_absence``."""
    if by == "program":
        free_seat(unit, placement, booking, ROSTER_CHANGED)
        return None
    notice = round((booking.starts_at - unit.context.at).total_seconds() / 3600, 2)
    free_seat(unit, placement, booking, "participant", notice_hours=notice)
    return notice


def _today(unit: Unit, series: Series) -> date:
    return unit.context.at.astimezone(zone(series.recurrence.time_zone)).date()


def _is_available(unit: Unit, session: Session, person: Identity) -> bool:
    try:
        for participant_id in person.ids:
            check_available(unit, PARTICIPANT, participant_id, session.span)
    except ParticipantNotAvailable:
        return False
    return True


def settle_loss(unit: Unit, command: SettleLoss) -> Mapping[str, Any]:
    """A seat that could not be restored was seen to in another way, or cannot be seen to any more."""
    unit.get(Placement, command.episode_id).settle_loss(command.booking_id, command.outcome, unit.context.at)
    return {"booking_id": command.booking_id, "outcome": command.outcome}
