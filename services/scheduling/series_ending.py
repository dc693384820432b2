"""The end of a series: from a day on nothing of it takes place; what was scheduled is cancelled session by session."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Unit
from services.scheduling.domain.commands import CancelSession
from services.scheduling.domain.identity import seat_waitlist_id, session_id
from services.scheduling.domain.placement import Placement
from services.scheduling.domain.recurrence import zone
from services.scheduling.domain.seat_waitlist import Awaited, SeatWaitlist
from services.scheduling.domain.series import Series
from services.scheduling.domain.series_commands import CancelEndedSession, EndSeries
from services.scheduling.domain.session import Session
from services.scheduling.timetable import cancel_session
from services.scheduling.waitlists import coming, leave


def end_series(unit: Unit, command: EndSeries) -> Mapping[str, Any]:
    """From a day on, at the earliest today, nothing is scheduled; the sessions to come that are planned for then are
    listed, wherever they were moved, and cancelled one by one as soon as the end stands. What has begun stays. Raises
    ``SeriesHasEnded``. By the rule ``series_ends``."""
    at = unit.context.at
    series = unit.get(Series, command.series_id)
    today = at.astimezone(zone(series.recurrence.time_zone)).date()
    from_date = max(command.from_date or today, today)
    planned = {session_id(series.id, occurrence.local_date) for occurrence in series.scheduled_from(from_date)}
    ended = [session.id for session in coming(unit, series) if session.id in planned]
    series.end(from_date, command.reason, tuple(ended), at)
    if not coming(unit, series):
        _end_waits(unit, series)
    return {"series_id": series.id, "from_date": from_date, "sessions": ended}


def cancel_ended_session(unit: Unit, command: CancelEndedSession) -> Mapping[str, Any]:
    """Unless it was cancelled or has begun by now."""
    session = unit.get(Session, command.session_id)
    if session.cancelled or unit.context.at >= session.starts_at:
        return {"session_id": session.id, "bookings_cancelled": 0}
    return cancel_session(unit, CancelSession(session.id, command.reason))


def _end_waits(unit: Unit, series: Series) -> None:
    """Nobody waits for a series of which no session is left."""
    waitlist = unit.find(SeatWaitlist, seat_waitlist_id(series.id))
    for episode_id in list(waitlist.waits) if waitlist else ():
        leave(unit, unit.get(Placement, episode_id), Awaited(series_id=series.id), "session_cancelled")
