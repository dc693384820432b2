"""Who is expected in a session, who is in, and what came of each?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

SESSIONS = view(
    "sessions",
    Column("session_id", Uuid),
    Column("track_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("state", String, nullable=False),
    key=("session_id",),
    indexes=("local_date",),
)

ROSTER = view(
    "roster",
    Column("booking_id", Uuid),
    Column("session_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("checked_in_at", DateTime),
    Column("checked_out_at", DateTime),
    Column("status", String),
    Column("minutes", Integer),
    key=("booking_id",),
    indexes=("session_id",),
)
"""``state``: booked, in, out or given_back. ``status`` and ``minutes``: the outcome, null while it is open."""


class SessionRoster(Projection):
    """One row per session and one per booking."""

    name = "session_roster"
    views = (SESSIONS, ROSTER)

    @handles("scheduling.session_scheduled.v1")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in SESSIONS.columns if name in event.data}
        rows.put(SESSIONS, facts | {"state": "scheduled"})

    @handles("scheduling.session_cancelled.v1")
    def cancelled(self, event: Event, rows: Rows) -> None:
        if rows.get(SESSIONS, event.data["session_id"]) is not None:
            rows.change(SESSIONS, event.data["session_id"], state="cancelled")

    @handles("attendance.attendance_record.seat_booked")
    def booked(self, event: Event, rows: Rows) -> None:
        facts = {"session_id": event.data["seat"]["session_id"], "participant_id": event.data["participant_id"]}
        rows.put(ROSTER, facts | {"booking_id": event.stream, "state": "booked"})

    @handles("attendance.attendance_record.seat_booked_again")
    def booked_again(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, session_id=event.data["seat"]["session_id"], state="booked")

    @handles("attendance.attendance_record.seat_freed")
    def freed(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, state="given_back")

    @handles("attendance.attendance_record.checked_in")
    def checked_in(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, state="in", checked_in_at=event.data["checked_in_at"], checked_out_at=None)

    @handles("attendance.attendance_record.checked_out")
    def checked_out(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, state="out", checked_out_at=event.data["checked_out_at"])

    @handles("attendance.attendance_record.entry_corrected")
    def corrected(self, event: Event, rows: Rows) -> None:
        came: Mapping[str, Any] = {name: event.data[name] for name in ("checked_in_at", "checked_out_at")}
        state = "booked" if came["checked_in_at"] is None else "out"
        rows.change(ROSTER, event.stream, state=state, **came)

    @handles("attendance.attendance_record.outcome_recorded", "attendance.attendance_record.outcome_corrected")
    def settled(self, event: Event, rows: Rows) -> None:
        rows.change(ROSTER, event.stream, status=event.data["status"], minutes=event.data["minutes"])
