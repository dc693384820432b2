"""Closures: days on which nothing is scheduled, and what was is cancelled, session by session."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from events.log.commands import Unit
from services.scheduling.domain.closure import Closure, check_days
from services.scheduling.domain.closure_commands import CancelClosedSession, CloseDays, ReopenDays
from services.scheduling.domain.commands import CancelSession
from services.scheduling.domain.errors import AlreadyClosed
from services.scheduling.domain.known import Track
from services.scheduling.domain.program_month import ProgramMonth
from services.scheduling.domain.session import Session
from services.scheduling.months import month, months_touched, plan_in_month
from services.scheduling.timetable import cancel_session

CLOSED = "closed"


SessionsOn = Callable[[date, date], Iterable[UUID]]
"""The sessions between two local days, both included, as the timetable's view lists them."""


def close_days(unit: Unit, command: CloseDays, listed: SessionsOn) -> Mapping[str, Any]:
    """Nothing is scheduled on these days from now on; the sessions to come on them are listed, and cancelled one by one
    as soon as the closure stands. Raises ``ClosureMalformed``, ``AlreadyClosed``, or ``NotFound`` for a track.
    By the rule ``closed_days``."""
    at = unit.context.at
    check_days(command.from_date, command.through)
    if command.track_id is not None:
        unit.get(Track, command.track_id)
    closure_id = command.closure_id or uuid5(unit.context.command_id, "closure")
    if unit.find(Closure, closure_id) is not None:
        raise AlreadyClosed("a closure of this id exists; leave the id out to get a new one")
    _catch_up(unit, listed(command.from_date, command.through))
    months = [month(unit, first) for first in months_touched(command.from_date, command.through)]
    sessions = tuple(session.id for one in months for session in _to_cancel(unit, one, command))
    unit.add(
        Closure.close(
            closure_id,
            command.track_id,
            command.from_date,
            command.through,
            reason=command.reason,
            sessions=tuple(dict.fromkeys(sessions)),
            at=at,
        )
    )
    for one in months:
        one.note_closure(closure_id, at)
    return {"closure_id": closure_id, "sessions": list(dict.fromkeys(sessions))}


def reopen_days(unit: Unit, command: ReopenDays) -> Mapping[str, Any]:
    """What the closure kept from being scheduled, or cancelled, can be scheduled from now on. Raises ``NotFound``."""
    closure = unit.get(Closure, command.closure_id)
    closure.reopen(unit.context.at)
    for first in months_touched(closure.from_date, closure.through):
        month(unit, first).note_closure(closure.id, unit.context.at)
    return {"closure_id": closure.id, "from_date": closure.from_date, "through": closure.through}


def cancel_closed_session(unit: Unit, command: CancelClosedSession) -> Mapping[str, Any]:
    """Unless it was moved away, cancelled or begun by now, or the days were opened again."""
    session = unit.get(Session, command.session_id)
    closure = unit.get(Closure, command.closure_id)
    closed = closure.covers(session.track_id, session.local_date)
    if session.cancelled or not closed or unit.context.at >= session.starts_at:
        return {"session_id": session.id, "bookings_cancelled": 0}
    return cancel_session(unit, CancelSession(session.id, CLOSED, closure.id))


def _catch_up(unit: Unit, listed: Iterable[UUID]) -> None:
    """Notes in their months what was scheduled before months were kept. The view, built from the log, has all of that;
    what was scheduled since is in the months, however far the view has come."""
    known = list(listed)
    unit.look_up(Session, known)
    for session in (unit.get(Session, id_) for id_ in known):
        if session.id not in month(unit, session.local_date).planned:
            plan_in_month(unit, session)


def _to_cancel(unit: Unit, one: ProgramMonth, command: CloseDays) -> Iterator[Session]:
    within = [id_ for id_, day in one.planned.items() if command.from_date <= day <= command.through]
    unit.look_up(Session, within)
    for session in (unit.get(Session, id_) for id_ in within):
        of_track = command.track_id in (None, session.track_id)
        if of_track and not session.cancelled and unit.context.at < session.starts_at and _within(session, command):
            yield session


def _within(session: Session, command: CloseDays) -> bool:
    day: date = session.local_date
    return command.from_date <= day <= command.through
