"""The timetable: planning series and putting their sessions into the days of facilitators and rooms."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from events.log.commands import Unit
from services.scheduling.desk import check_time, claim_time, free_seat, release_time
from services.scheduling.domain.claimed_day import FACILITATOR, ROOM
from services.scheduling.domain.commands import CancelSession, PlanSeries, ScheduleSessions
from services.scheduling.domain.errors import (
    FacilitatorNeeded,
    RoomNeeded,
    SchedulingRefused,
    SeriesAlreadyPlanned,
    TimeZoneDiffersFromTrack,
    TrackUnknown,
)
from services.scheduling.domain.identity import room_id, session_id, slot_week_id, week_of
from services.scheduling.domain.known import Track
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.recurrence import Occurrence, Recurrence
from services.scheduling.domain.resources import Facilitator, Room
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session
from services.scheduling.prescribers import seek_prescriber


def plan_series(unit: Unit, command: PlanSeries, rules: RuleBook) -> Mapping[str, Any]:
    """Checks who leads it, where and when, and notes the plan; no session is scheduled yet."""
    series_id = command.series_id or uuid5(unit.context.command_id, "series")
    if unit.find(Series, series_id) is not None:
        raise SeriesAlreadyPlanned("a series of this id exists; leave the id out to get a new one")
    time_zone = _time_zone(unit, command.track_id, command.time_zone)
    _check_led(unit, command.facilitators, command.component)
    _check_group(unit, rules, command, command.first_date)
    room = _room(unit, command)
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
    """Schedules what is not scheduled yet. All or, where ``allow_partial``, what is free; the answer lists both."""
    series = unit.get(Series, command.series_id)
    _time_zone(unit, series.track_id, series.recurrence.time_zone)
    from_date = command.from_date or series.next_unscheduled()
    may_prescribe = _check_led(unit, series.facilitators, series.component)
    scheduled: list[Mapping[str, Any]] = []
    refused: list[Mapping[str, Any]] = []
    for occurrence in series.occurrences(from_date, command.through):
        if unit.find(Session, session_id(series.id, occurrence.local_date)) is not None:
            continue
        try:
            _check_group(unit, rules, series, occurrence.local_date)
            session = _schedule(unit, series, occurrence, may_prescribe)
        except SchedulingRefused as refusal:
            if not command.allow_partial:
                raise type(refusal)(f"{occurrence.local_date}: {refusal.detail}") from None
            refused.append(_refusal(occurrence, refusal))
            continue
        scheduled.append({"session_id": session.id, "local_date": session.local_date, "starts_at": session.starts_at})
    series.extend_horizon(from_date, command.through, len(scheduled), unit.context.at)
    return {"series_id": series.id, "scheduled": scheduled, "refused": refused}


def cancel_session(unit: Unit, command: CancelSession) -> Mapping[str, Any]:
    """Cancels the session with every booking in it, and gives facilitators and room their time back."""
    at = unit.context.at
    session = unit.get(Session, command.session_id)
    if session.cancelled:
        return {"session_id": session.id, "bookings_cancelled": 0}
    session.cancel(command.reason, at)
    for facilitator_id in session.facilitators:
        release_time(unit, FACILITATOR, (facilitator_id,), session.id, session.span)
    if session.room_id is not None:
        release_time(unit, ROOM, (session.room_id,), session.id, session.span)
    held = list(session.taken.items())
    for booking_id, episode_id in held:
        placement = unit.get(Placement, episode_id)
        free_seat(unit, placement, placement.bookings[booking_id], "cancelled_by_program")
        seek_prescriber(unit, placement)
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


def _check_led(unit: Unit, facilitators: tuple[UUID, ...], component: str) -> bool:
    """Everyone who leads is qualified for the component; whether one of them may prescribe."""
    if not facilitators:
        raise FacilitatorNeeded("name at least one facilitator")
    leading = [unit.get(Facilitator, facilitator_id) for facilitator_id in facilitators]
    for facilitator in leading:
        facilitator.check_may_lead(component)
    return any(facilitator.may_prescribe for facilitator in leading)


def _check_group(unit: Unit, rules: RuleBook, planned: PlanSeries | Series, on: date) -> None:
    """Raises ``SeatsOutOfRange`` where the track's packs in force on the day allow no group of that size."""
    track = unit.find(Track, planned.track_id)
    if track is not None and planned.component == "group_therapy":
        rules.group_size(track.packs, on).check(planned.seats)


def _room(unit: Unit, command: PlanSeries) -> Room | None:
    if command.room is None:
        if command.modality == "in_person":
            raise RoomNeeded("a series in person needs a room; name one by its code")
        return None
    room = unit.get(Room, room_id(command.room))
    room.check_holds(command.seats, command.modality)
    return room


def _schedule(unit: Unit, series: Series, occurrence: Occurrence, may_prescribe: bool) -> Session:
    at = unit.context.at
    prescriber_led = may_prescribe and series.component == "medication_management"
    session = Session.schedule(series, occurrence, prescriber_led=prescriber_led, at=at)
    # Everything is checked before anything is claimed, so that a session refused leaves no trace in the unit.
    taken_by = [(FACILITATOR, facilitator_id) for facilitator_id in session.facilitators]
    if session.room_id is not None:
        taken_by.append((ROOM, session.room_id))
    for kind, resource_id in taken_by:
        check_time(unit, kind, resource_id, session.span)
    for kind, resource_id in taken_by:
        claim_time(unit, kind, resource_id, session.id, session.span)
    if prescriber_led:
        _offer(unit, session)
    return unit.add(session)


def _offer(unit: Unit, session: Session) -> None:
    at = unit.context.at
    week = week_of(session.starts_at)
    slots = unit.find(PrescriberSlots, slot_week_id(session.track_id, week))
    if slots is None:
        unit.add(PrescriberSlots.open(session.track_id, week, session.id, session.starts_at, at))
    else:
        slots.offer(session.id, session.starts_at, at)


def _refusal(occurrence: Occurrence, refusal: SchedulingRefused) -> Mapping[str, Any]:
    return {"local_date": occurrence.local_date, "code": refusal.code, "detail": refusal.detail}
