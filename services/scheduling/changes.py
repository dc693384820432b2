"""One session changed: moved, led by somebody else, or held elsewhere or otherwise. Its series and the other sessions
stay as they are, past sessions stay what they were, and each booking keeps its id and learns the new facts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.claims import check_available, check_time, claim_time, release_time
from services.scheduling.curricula import topic_of
from services.scheduling.desk import identity, seat_came_free, time_came_free
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM, Span
from services.scheduling.domain.commands import AlterSession, MoveSession, SettleSubstitute, SubstituteFacilitator
from services.scheduling.domain.errors import (
    NoSubstituteWanted,
    ParticipantAlreadyBooked,
    ParticipantElsewhere,
    ParticipantNotAvailable,
    ParticipantNotThere,
)
from services.scheduling.domain.identity import slot_week_id, week_of
from services.scheduling.domain.override import Override
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.prescriber_slots import PrescriberSlots
from services.scheduling.domain.qualifications import WHO_MAY_LEAD
from services.scheduling.domain.recurrence import Occurrence, instant, zone
from services.scheduling.domain.resources import Facilitator
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import check_duration, check_seats
from services.scheduling.domain.session import Session, Setting
from services.scheduling.months import check_open_on, plan_in_month
from services.scheduling.planning import (
    check_all_available,
    check_group,
    check_led,
    offer,
    resources,
    room_for,
    taken_by,
)
from services.scheduling.prescribers import is_led_by_prescriber, led_again, seek_prescriber
from services.scheduling.waitlists import reschedule


@dataclass(frozen=True)
class Wanted:
    """What a session is to be: when, led by whom, and where, for how many and on what."""

    time: Occurrence
    facilitators: tuple[UUID, ...]
    setting: Setting

    @property
    def span(self) -> Span:
        return Span(self.time.starts_at, self.time.ends_at)


def as_it_is(session: Session) -> Wanted:
    time = Occurrence(session.local_date, session.starts_at, session.ends_at)
    return Wanted(time, session.facilitators, session.setting)


def move_session(unit: Unit, command: MoveSession, rules: RuleBook) -> Mapping[str, Any]:
    """To another time. Raises ``ParticipantElsewhere`` naming the bookings in the way, unless that is overridden."""
    session = unit.get(Session, command.session_id)
    session.check_changeable(unit.context.at)
    override = Override.by(unit.context.roles, command.override)
    to = _occurrence(session, command)
    check_group(unit, rules, session.track_id, session.component, session.seats, to.local_date)
    overridden = change(unit, session, replace(as_it_is(session), time=to), override)
    return {
        "session_id": session.id,
        "local_date": session.local_date,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "sequence": session.sequence,
        "overridden": list(overridden),
    }


def substitute_facilitator(unit: Unit, command: SubstituteFacilitator) -> Mapping[str, Any]:
    """Somebody with the qualification, and with the time, leads it in the place of another."""
    session = unit.get(Session, command.session_id)
    session.check_changeable(unit.context.at)
    session.check_substitution(command.leaving, command.coming)
    check_led(unit, (command.coming,), session.component)
    override = Override.by(unit.context.roles, command.override)
    outside = check_all_available(unit, [(FACILITATOR, command.coming)], session.span, override)
    led = is_led_by_prescriber(unit, session)
    session.substitute(command.leaving, command.coming, unit.context.at, override if outside else None)
    release_time(unit, FACILITATOR, (command.leaving,), session.id, session.span)
    claim_time(unit, FACILITATOR, command.coming, session.id, session.span)
    if not led:
        led_again(unit, session)
    return {"session_id": session.id, "facilitators": list(session.facilitators), "sequence": session.sequence}


def settle_substitute(unit: Unit, command: SettleSubstitute) -> Mapping[str, Any]:
    """That somebody leads it without the qualification was seen to in another way. Raises ``FacilitatorDoesNotLead``
    or ``NoSubstituteWanted``."""
    session = unit.get(Session, command.session_id)
    if WHO_MAY_LEAD[session.component].suffices(unit.get(Facilitator, command.facilitator_id).qualifications):
        raise NoSubstituteWanted("the facilitator is qualified for this session; nothing has to be settled")
    session.settle_substitute(command.facilitator_id, command.outcome, unit.context.at)
    return {"session_id": session.id, "facilitator_id": command.facilitator_id, "outcome": command.outcome}


def alter_session(unit: Unit, command: AlterSession, rules: RuleBook) -> Mapping[str, Any]:
    """Another room, modality, number of seats or topic; never fewer seats than are taken. Raises ``RoomNotAvailable``
    unless that is overridden."""
    session = unit.get(Session, command.session_id)
    to = _setting(unit, session, command)
    check_seats(session.component, to.seats)
    check_group(unit, rules, session.track_id, session.component, to.seats, session.local_date)
    change(unit, session, replace(as_it_is(session), setting=to), Override.by(unit.context.roles, command.override))
    return {"session_id": session.id, "sequence": session.sequence}


def _occurrence(session: Session, command: MoveSession) -> Occurrence:
    """The new time, by the clocks of the session's time zone."""
    minutes = command.minutes
    lasts = session.ends_at - session.starts_at if minutes is None else timedelta(minutes=minutes)
    check_duration(int(lasts.total_seconds()) // 60)
    starts_at = instant(datetime.combine(command.local_date, command.starts_at), session.time_zone)
    # A local time that a zone skips may fall on the next day.
    return Occurrence(starts_at.astimezone(zone(session.time_zone)).date(), starts_at, starts_at + lasts)


def change(unit: Unit, session: Session, wanted: Wanted, override: Override | None = None) -> tuple[UUID, ...]:
    """The bookings that it took an override to move. Everything is checked before anything changes, so that a session
    refused leaves no trace in the unit."""
    at = unit.context.at
    before, after, setting, held = session.span, wanted.span, session.setting, taken_by(session)
    taking = resources(wanted.facilitators, wanted.setting.room_id)
    session.check_changeable(at)
    session.check_seats(wanted.setting.seats)
    for kind, resource_id in taking:
        check_time(unit, kind, resource_id, after, session.id)
    if wanted.time.local_date != session.local_date:
        check_open_on(unit, session.track_id, wanted.time.local_date)
    new = taking if after != before else [one for one in taking if one not in held]
    outside = check_all_available(unit, new, after, override)
    placements = {booking_id: unit.get(Placement, episode_id) for booking_id, episode_id in session.taken.items()}
    overridden = _elsewhere(unit, placements, after, override) if after != before else ()
    if after != before:
        session.move(wanted.time, at, overridden, override if overridden or outside else None)
    of_whom = {kind for kind, _ in outside}
    led = is_led_by_prescriber(unit, session)
    session.assign(wanted.facilitators, at, override if FACILITATOR in of_whom else None)
    session.alter(wanted.setting, at, override if ROOM in of_whom else None)
    kept = set(held).intersection(taking) if after == before else set()
    for kind, resource_id in (one for one in held if one not in kept):
        release_time(unit, kind, (resource_id,), session.id, before)
    for kind, resource_id in (one for one in taking if one not in kept):
        claim_time(unit, kind, resource_id, session.id, after)
    if after != before:
        _move_bookings(unit, session, placements, before, overridden)
        plan_in_month(unit, session)
        reschedule(unit, session)
    elif (setting.modality, setting.room) != (session.modality, session.room):
        for booking_id, placement in placements.items():
            placement.follow(session, booking_id, at)
    if session.seats > setting.seats:
        seat_came_free(unit, session)
    if not led:
        led_again(unit, session)
    return overridden


def _move_bookings(
    unit: Unit, session: Session, placements: Mapping[UUID, Placement], before: Span, overridden: tuple[UUID, ...]
) -> None:
    at = unit.context.at
    for booking_id, placement in placements.items():
        person = identity(unit, placement.participant_id)
        release_time(unit, PARTICIPANT, person.ids, booking_id, before)
        claim_time(unit, PARTICIPANT, person.ids[0], booking_id, session.span, override=booking_id in overridden)
        placement.follow(session, booking_id, at)
        time_came_free(unit, person)
    if session.prescriber_led:
        unit.get(PrescriberSlots, slot_week_id(session.track_id, week_of(before.starts_at))).withdraw(session.id, at)
        offer(unit, session)
        for placement in placements.values():
            seek_prescriber(unit, placement)  # a review may fall due before the new time


def _elsewhere(
    unit: Unit, placements: Mapping[UUID, Placement], span: Span, override: Override | None
) -> tuple[UUID, ...]:
    """Bookings whose participants are in another session then, or not available. Raises ``ParticipantNotThere``, and
    without an override ``ParticipantElsewhere``; both name the bookings."""
    gone = [booking for booking, placement in placements.items() if not placement.stay.is_placeable(span.starts_at)]
    if gone:
        raise ParticipantNotThere(f"not placeable at the new time: {_named(gone)}; cancel these first")
    elsewhere = tuple(booking for booking, placement in placements.items() if _taken(unit, booking, placement, span))
    if elsewhere and override is None:
        raise ParticipantElsewhere(f"elsewhere at the new time: {_named(elsewhere)}; cancel these or override")
    return elsewhere


def _taken(unit: Unit, booking_id: UUID, placement: Placement, span: Span) -> bool:
    try:
        for participant_id in identity(unit, placement.participant_id).ids:
            check_time(unit, PARTICIPANT, participant_id, span, booking_id)
            check_available(unit, PARTICIPANT, participant_id, span)
    except (ParticipantAlreadyBooked, ParticipantNotAvailable):
        return True
    return False


def _named(bookings: list[UUID] | tuple[UUID, ...]) -> str:
    return "booking " + ", ".join(sorted(map(str, bookings)))


def _setting(unit: Unit, session: Session, command: AlterSession) -> Setting:
    """The session's setting with what is to change. A room of the modality before does not serve the one after."""
    modality = command.modality or session.modality
    seats = session.seats if command.seats is None else command.seats
    code = command.room or (session.room if modality == session.modality else None)
    room = room_for(unit, code, seats, modality)
    topic, topic_code = _topic(unit, session, command)
    return Setting(modality, room.id if room else None, room.code if room else None, seats, topic, topic_code)


def _topic(unit: Unit, session: Session, command: AlterSession) -> tuple[str | None, str | None]:
    """Title and code: one of the curriculum's, free text without a code, or as it is."""
    if command.topic_code is not None:
        topic = topic_of(unit, session.track_id, session.component, command.topic_code)
        return topic.title, topic.code
    return (session.topic, session.topic_code) if command.topic is None else (command.topic, None)
