"""The timetable: planning series and putting their sessions into the days of facilitators and rooms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from events.log.commands import Unit
from services.scheduling.claims import check_time, claim_time, release_time
from services.scheduling.desk import free_seat, give_back_reopened, seat_came_free
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.commands import CancelSession, PlanSeries, ScheduleSessions
from services.scheduling.domain.errors import (
    SchedulingRefused,
    SeriesAlreadyPlanned,
    TimeZoneDiffersFromTrack,
    TrackUnknown,
)
from services.scheduling.domain.identity import session_id
from services.scheduling.domain.known import Track
from services.scheduling.domain.override import Override
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.recurrence import Occurrence, Recurrence
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.months import closure_on, plan_in_month
from services.scheduling.planning import (
    check_all_available,
    check_group,
    check_led,
    offer,
    resources,
    room_for,
    taken_by,
)
from services.scheduling.prescribers import seek_prescriber
from services.scheduling.waitlists import end_waits


def plan_series(unit: Unit, command: PlanSeries, rules: RuleBook) -> Mapping[str, Any]:
    """Checks who leads it, where and when, and notes the plan; no session is scheduled yet."""
    series_id = command.series_id or uuid5(unit.context.command_id, "series")
    if unit.find(Series, series_id) is not None:
        raise SeriesAlreadyPlanned("a series of this id exists; leave the id out to get a new one")
    time_zone = _time_zone(unit, command.track_id, command.time_zone)
    check_led(unit, command.facilitators, command.component)
    check_group(unit, rules, command.track_id, command.component, command.seats, command.first_date)
    room = room_for(unit, command.room, command.seats, command.modality)
    series = Series.plan(
        series_id,
        track_id=command.track_id,
        component=command.component,
        title=command.title,
        recurrence=Recurrence(command.rule, command.first_date, command.starts_at, command.minutes, time_zone),
        seats_min=command.seats_min,
        seats=command.seats,
        facilitators=tuple(dict.fromkeys(command.facilitators)),
        room_id=room.id if room else None,
        room=room.code if room else None,
        modality=command.modality,
        at=unit.context.at,
    )
    unit.add(series)
    return {"series_id": series.id, "time_zone": time_zone}


def schedule_sessions(unit: Unit, command: ScheduleSessions, rules: RuleBook) -> Mapping[str, Any]:
    """Schedules what is not scheduled yet, or was cancelled by a closure that is over. All or, where ``allow_partial``,
    what is free; the answer lists both, and the days on which the program is closed."""
    series = unit.get(Series, command.series_id)
    _time_zone(unit, series.track_id, series.recurrence.time_zone)
    override = Override.by(unit.context.roles, command.override)
    from_date = command.from_date or series.next_unscheduled()
    occurrences = list(series.occurrences(from_date, command.through))
    plans = dict.fromkeys(series.plan_on(day) for day in (from_date, *(one.local_date for one in occurrences)))
    may_prescribe = {plan: check_led(unit, plan.facilitators, series.component) for plan in plans}
    scheduled: list[Mapping[str, Any]] = []
    refused: list[Mapping[str, Any]] = []
    closed: list[Mapping[str, Any]] = []
    for occurrence in occurrences:
        known = unit.find(Session, session_id(series.id, occurrence.local_date))
        if known is not None and (not known.cancelled or known.closed_by is None):
            continue
        if (closure := closure_on(unit, series.track_id, occurrence.local_date)) is not None:
            closed.append({"local_date": occurrence.local_date, "closure_id": closure.id})
            continue
        try:
            plan = series.plan_on(occurrence.local_date)
            check_group(unit, rules, series.track_id, series.component, plan.seats, occurrence.local_date)
            session = _schedule(unit, series, occurrence, known, may_prescribe[plan], override)
        except SchedulingRefused as refusal:
            if not command.allow_partial:
                raise type(refusal)(f"{occurrence.local_date}: {refusal.detail}") from None
            refused.append(_refusal(occurrence, refusal))
            continue
        scheduled.append({"session_id": session.id, "local_date": session.local_date, "starts_at": session.starts_at})
    series.extend_horizon(from_date, command.through, len(scheduled), unit.context.at)
    return {"series_id": series.id, "scheduled": scheduled, "refused": refused, "closed": closed}


def cancel_session(unit: Unit, command: CancelSession) -> Mapping[str, Any]:
    """Cancels the session with every booking in it, and gives facilitators and room their time back."""
    at = unit.context.at
    session = unit.get(Session, command.session_id)
    if session.cancelled:
        return {"session_id": session.id, "bookings_cancelled": 0}
    session.cancel(command.reason, at, command.closure_id)
    for kind, resource_id in taken_by(session):
        release_time(unit, kind, (resource_id,), session.id, session.span)
    held = list(session.taken.items())
    for booking_id, episode_id in held:
        placement = unit.get(Placement, episode_id)
        free_seat(unit, placement, placement.seats.held[booking_id], "cancelled_by_program")
        seek_prescriber(unit, placement)
    end_waits(unit, session, "session_cancelled")
    return {"session_id": session.id, "bookings_cancelled": len(held)}


def _time_zone(unit: Unit, track_id: UUID, given: str | None) -> str:
    """The track's, once it is known: it may be told after a series was planned."""
    track = unit.find(Track, track_id)
    if track is None:
        if given is None:
            raise TrackUnknown("enrollment has not told of this track yet; try again, or give the time zone")
        return given
    if given not in (None, track.time_zone):
        raise TimeZoneDiffersFromTrack(f"the track is in {track.time_zone}; plan the series without a time zone")
    return track.time_zone


def _schedule(
    unit: Unit,
    series: Series,
    occurrence: Occurrence,
    known: Session | None,
    may_prescribe: bool,
    override: Override | None,
) -> Session:
    """``known``: the session of that day, where a closure had cancelled it. Everything is checked before anything is
    claimed, so that a session refused leaves no trace in the unit."""
    at = unit.context.at
    prescriber_led = may_prescribe and series.component == "medication_management"
    plan = series.plan_on(occurrence.local_date)
    span = Span(occurrence.starts_at, occurrence.ends_at)
    taking = resources(plan.facilitators, plan.room_id)
    outside = check_all_available(unit, taking, span, override)
    for kind, resource_id in taking:
        check_time(unit, kind, resource_id, span)
    how: dict[str, Any] = {"prescriber_led": prescriber_led, "at": at, "override": override if outside else None}
    held: dict[UUID, UUID] = {}
    if known is None:
        session = unit.add(Session.schedule(series, occurrence, **how))
    else:
        session, held = known, known.held_before
        session.reinstate(series, occurrence, **how)
    for kind, resource_id in taking:
        claim_time(unit, kind, resource_id, session.id, span)
    plan_in_month(unit, session)
    if prescriber_led:
        offer(unit, session)
    if known is not None:
        give_back_reopened(unit, session, held)
        seat_came_free(unit, session)
    return session


def _refusal(occurrence: Occurrence, refusal: SchedulingRefused) -> Mapping[str, Any]:
    return {"local_date": occurrence.local_date, "code": refusal.code, "detail": refusal.detail}
