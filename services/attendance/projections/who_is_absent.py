"""Who missed which sessions, excused or not?"""

from sqlalchemy import Column, Date, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event
from services.attendance.projections.seats import at_another_time

ABSENCES = view(
    "absences",
    Column("booking_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("status", String, nullable=False),
    key=("booking_id",),
    indexes=("local_date", "participant_id"),
)
"""``status``: no_show or excused."""


class WhoIsAbsent(Projection):
    """One row per session missed; it goes when a correction shows that they came, or when the session is moved."""

    name = "who_is_absent"
    version = 2
    views = (ABSENCES,)

    @handles("attendance.attendance_record.outcome_recorded", "attendance.attendance_record.outcome_corrected")
    def settled(self, event: Event, rows: Rows) -> None:
        if event.data["status"] not in ("no_show", "excused"):
            rows.delete(ABSENCES, event.stream)
            return
        seat = event.data["seat"]
        facts = {name: seat[name] for name in ABSENCES.columns if name in seat}
        own = {name: event.data[name] for name in ("participant_id", "episode_id", "status")}
        rows.put(ABSENCES, facts | own | {"booking_id": event.stream})

    @handles("attendance.attendance_record.seat_booked_again")
    def moved(self, event: Event, rows: Rows) -> None:
        """What came of it at another time is told anew where it still holds."""
        row = rows.get(ABSENCES, event.stream)
        if row is not None and at_another_time(row, event.data["seat"]):
            rows.delete(ABSENCES, event.stream)
