"""Where else a session can be made up, when the seat that was suggested is gone: as far as the views know."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.follow.reading import Snapshot
from services.platform.who_is_who import all_ids
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.commands import BookSession
from services.scheduling.domain.errors import SessionIsFull
from services.scheduling.projections.participants_bookings import BOOKINGS
from services.scheduling.projections.sessions_between import SESSIONS

MOST = 3
"""Sessions that are named."""

SIX_DAYS = timedelta(days=6)

Row = Mapping[str, Any]


def with_alternatives(refusal: SessionIsFull, command: BookSession, snapshot: Snapshot, now: datetime) -> SessionIsFull:
    """The refusal of a make-up, with the sessions of the same week, track and component that have a free seat at a time
    at which the participant has none. Whether there still is one when it is booked, the session says."""
    found = _alternatives(command, snapshot, now)
    if not found:
        return SessionIsFull(
            refusal.detail, "no other session of that week has a free seat; wait for one of this session"
        )
    named = ", ".join(f"{_when(row)} (session {row['session_id']})" for row in found[:MOST])
    return SessionIsFull(refusal.detail, f"in that week there are free seats on {named}")


def _alternatives(command: BookSession, snapshot: Snapshot, now: datetime) -> Sequence[Row]:
    """In order of start."""
    wanted = snapshot.one(SESSIONS, str(command.session_id))
    if wanted is None:
        return []
    monday = wanted["local_date"] - timedelta(days=wanted["local_date"].weekday())
    week = (SESSIONS.c.local_date >= monday, SESSIONS.c.local_date <= monday + SIX_DAYS)
    like = (SESSIONS.c.track_id == wanted["track_id"], SESSIONS.c.component == wanted["component"])
    free = (SESSIONS.c.cancelled.is_(False), SESSIONS.c.seats_taken < SESSIONS.c.seats, SESSIONS.c.starts_at > now)
    rows = snapshot.many(SESSIONS, *week, *like, *free, order_by=SESSIONS.c.starts_at)
    whose = BOOKINGS.c.participant_id.in_(all_ids(snapshot, command.participant_id))
    taken = [_span(row) for row in snapshot.many(BOOKINGS, whose, BOOKINGS.c.state == "booked")]
    return [row for row in rows if not any(_span(row).overlaps(span) for span in taken)]


def _span(row: Row) -> Span:
    return Span(row["starts_at"], row["ends_at"])


def _when(row: Row) -> str:
    """By the clocks of the program."""
    return f"{row['starts_at'].astimezone(ZoneInfo(row['time_zone'])):%Y-%m-%d at %H:%M}"
