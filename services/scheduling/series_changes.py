"""A series changed from a day on: this and following, or all that is still to come. Past sessions stay what they were,
and what was changed in one session alone stays as it was changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.changes import Wanted, as_it_is, change
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.commands import ChangeSeries
from services.scheduling.domain.errors import SchedulingRefused, SeriesCannotFollow
from services.scheduling.domain.identity import session_id
from services.scheduling.domain.override import Override
from services.scheduling.domain.recurrence import Occurrence, zone
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.series import Plan, Series
from services.scheduling.domain.session import Session
from services.scheduling.planning import check_group, check_led, room_for


def change_series(unit: Unit, command: ChangeSeries, rules: RuleBook) -> Mapping[str, Any]:
    """Time of day, facilitators, room, modality and seats from a day on, at the earliest today. All sessions follow, or
    with ``allow_partial`` those that can; raises ``SeriesCannotFollow`` naming those that cannot. An override lets them
    follow although participants are elsewhere then, or somebody is not available."""
    at = unit.context.at
    series = unit.get(Series, command.series_id)
    today = at.astimezone(zone(series.recurrence.time_zone)).date()
    from_date = max(command.from_date or today, today)
    planned = [(occurrence, series.plan_on(occurrence.local_date)) for occurrence in series.scheduled_from(from_date)]
    plan = _plan(unit, series, command, from_date)
    check_group(unit, rules, series.track_id, series.component, plan.seats, from_date)
    override = Override.by(unit.context.roles, command.override)
    series.change(from_date, plan, at, override)
    following = {occurrence.local_date: occurrence for occurrence in series.scheduled_from(from_date)}
    changed: list[Mapping[str, Any]] = []
    refused: list[Mapping[str, Any]] = []
    for before, old in planned:
        session = unit.find(Session, session_id(series.id, before.local_date))
        if session is None or session.cancelled or at >= session.starts_at:
            continue
        wanted = _wanted(session, before, old, following[before.local_date], plan)
        if wanted == as_it_is(session):
            continue
        entry = {"session_id": session.id, "local_date": before.local_date}
        try:
            overridden = _follow(unit, rules, session, wanted, override)
        except SchedulingRefused as refusal:
            refused.append({**entry, "code": refusal.code, "detail": refusal.detail})
        else:
            changed.append({**entry, "sequence": session.sequence, "overridden": list(overridden)})
    if refused and not command.allow_partial:
        conflicts = "; ".join(f"{one['local_date']} {one['code']}: {one['detail']}" for one in refused)
        raise SeriesCannotFollow(f"{len(refused)} of the sessions cannot follow: {conflicts}")
    return {"series_id": series.id, "from_date": from_date, "changed": changed, "refused": refused}


def _plan(unit: Unit, series: Series, command: ChangeSeries, from_date: date) -> Plan:
    """The plan of that day with what is to change. A room of the modality before does not serve the one after."""
    plan = series.plan_on(from_date)
    modality = command.modality or plan.modality
    seats = plan.seats if command.seats is None else command.seats
    room = room_for(unit, command.room or (plan.room if modality == plan.modality else None), seats, modality)
    facilitators = plan.facilitators
    if command.facilitators is not None:
        facilitators = tuple(dict.fromkeys(command.facilitators))
        check_led(unit, facilitators, series.component)
    return Plan(
        starts_at=command.starts_at or plan.starts_at,
        minutes=plan.minutes if command.minutes is None else command.minutes,
        facilitators=facilitators,
        room_id=room.id if room else None,
        room=room.code if room else None,
        modality=modality,
        seats=seats,
    )


def _wanted(session: Session, before: Occurrence, old: Plan, after: Occurrence, new: Plan) -> Wanted:
    """The session by the new plan, save for what is not as the old one had it: that was changed on its own.
    By the rule ``this_and_following``."""
    wanted = as_it_is(session)
    setting = wanted.setting
    if session.span == Span(before.starts_at, before.ends_at):
        wanted = replace(wanted, time=after)
    if session.facilitators == old.facilitators:
        wanted = replace(wanted, facilitators=new.facilitators)
    if (session.modality, session.room_id) == (old.modality, old.room_id):
        setting = replace(setting, modality=new.modality, room_id=new.room_id, room=new.room)
    if session.seats == old.seats:
        setting = replace(setting, seats=new.seats)
    return replace(wanted, setting=setting)


def _follow(
    unit: Unit, rules: RuleBook, session: Session, wanted: Wanted, override: Override | None
) -> tuple[UUID, ...]:
    """The bookings that it took the override to move."""
    setting = wanted.setting
    check_group(unit, rules, session.track_id, session.component, setting.seats, wanted.time.local_date)
    room_for(unit, setting.room, setting.seats, setting.modality)
    return change(unit, session, wanted, override)
