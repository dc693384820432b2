"""Who is expected in a session, who is in, and what came of each?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event
from services.attendance.projections.seats import at_another_time

SESSIONS = view(
    "sessions",
    Column("session_id", Uuid),
    Column("track_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("room", String),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("state", String, nullable=False),
    key=("session_id",),
    indexes=("local_date", ("track_id", "local_date")),
)

ROSTER = view(
    "roster",
    Column("booking_id", Uuid),
    Column("session_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("makes_up_for", Uuid),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("in_room", Boolean, nullable=False),
    Column("in_call", Json, nullable=False),
    Column("checked_in_at", DateTime),
    Column("checked_out_at", DateTime),
    Column("status", String),
    Column("minutes", Integer),
    key=("booking_id",),
    indexes=("session_id",),
)
"""``state``: booked, in, out or given_back. ``status`` and ``minutes``: the outcome, null while it is open.
``in_call``: the connections that are in the telehealth call."""

CHANGES = ("starts_at", "ends_at", "local_date", "modality", "room", "seats")
SEAT = ("session_id", "local_date", "starts_at", "ends_at")


class SessionRoster(Projection):
    """One row per session and one per booking."""

    name = "session_roster"
    version = 6
    views = (SESSIONS, ROSTER)

    @handles("scheduling.session_scheduled.v1")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in SESSIONS.columns if name in event.data}
        rows.put(SESSIONS, facts | {"state": "scheduled"})

    @handles("scheduling.session_moved.v1", "scheduling.session_changed.v1")
    def changed(self, event: Event, rows: Rows) -> None:
        if rows.get(SESSIONS, event.data["session_id"]) is not None:
            facts = {name: value for name in CHANGES if (value := event.data.get(name)) is not None}
            if event.data.get("without_room"):
                facts["room"] = None
            rows.change(SESSIONS, event.data["session_id"], **facts)

    @handles("scheduling.session_cancelled.v1")
    def cancelled(self, event: Event, rows: Rows) -> None:
        if rows.get(SESSIONS, event.data["session_id"]) is not None:
            rows.change(SESSIONS, event.data["session_id"], state="cancelled")

    @handles("attendance.attendance_record.seat_booked")
    def booked(self, event: Event, rows: Rows) -> None:
        own = {name: event.data.get(name) for name in ("participant_id", "episode_id", "makes_up_for")}
        facts = {name: event.data["seat"][name] for name in SEAT} | own
        rows.put(ROSTER, facts | {"booking_id": event.stream, "state": "booked", "in_room": False, "in_call": []})

    @handles("attendance.attendance_record.seat_booked_again")
    def booked_again(self, event: Event, rows: Rows) -> None:
        seat: dict[str, Any] = {name: event.data["seat"][name] for name in SEAT}
        if at_another_time(_row(event, rows), seat):
            seat |= {"status": None, "minutes": None}
        rows.change(ROSTER, event.stream, **seat, state="booked")

    @handles("attendance.attendance_record.seat_freed")
    def freed(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, state="given_back")

    @handles("attendance.attendance_record.checked_in")
    def checked_in(self, event: Event, rows: Rows) -> None:
        _came(event, rows, event.data["checked_in_at"], in_room=True)

    @handles("attendance.attendance_record.checked_out")
    def checked_out(self, event: Event, rows: Rows) -> None:
        _left(event, rows, event.data["checked_out_at"], in_room=False)

    @handles("attendance.attendance_record.telehealth_joined")
    def joined_call(self, event: Event, rows: Rows) -> None:
        calls = [*_row(event, rows)["in_call"], event.data["connection"]]
        _came(event, rows, event.data["joined_at"], in_call=calls)

    @handles("attendance.attendance_record.telehealth_left")
    def left_call(self, event: Event, rows: Rows) -> None:
        calls = [one for one in _row(event, rows)["in_call"] if one != event.data["connection"]]
        _left(event, rows, event.data["left_at"], in_call=calls)

    @handles("attendance.attendance_record.entry_corrected")
    def corrected(self, event: Event, rows: Rows) -> None:
        came: Mapping[str, Any] = {name: event.data[name] for name in ("checked_in_at", "checked_out_at")}
        state = "booked" if came["checked_in_at"] is None else "out"
        rows.change(ROSTER, event.stream, state=state, in_room=False, in_call=[], **came)

    @handles("attendance.attendance_record.outcome_recorded", "attendance.attendance_record.outcome_corrected")
    def settled(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, status=event.data["status"], minutes=event.data["minutes"])


def _row(event: Event, rows: Rows) -> dict[str, Any]:
    row = rows.get(ROSTER, event.stream)
    if row is None:
        raise KeyError(event.stream)
    return row


def _came(event: Event, rows: Rows, came_at: str, **where: Any) -> None:
    rows.change(ROSTER, event.stream, **where, state="in", checked_in_at=came_at, checked_out_at=None)


def _left(event: Event, rows: Rows, left_at: str, **where: Any) -> None:
    """Out, unless they are still there some other way."""
    row = _row(event, rows) | where
    gone = {} if row["in_room"] or row["in_call"] else {"state": "out", "checked_out_at": left_at}
    rows.change(ROSTER, event.stream, **where, **gone)
