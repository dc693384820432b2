"""What did a participant attend, and for how long?"""

from sqlalchemy import Column, Date, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event
from services.attendance.domain.visits import attended
from services.attendance.projections.seats import at_another_time

ATTENDANCE = view(
    "attendance",
    Column("booking_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("status", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("telehealth_minutes", Integer, nullable=False),
    key=("booking_id",),
    indexes=("participant_id",),
)

STAFF_SAID = view(
    "staff_said",
    Column("booking_id", Uuid),
    Column("corrected_because", String),
    Column("excused_because", String),
    key=("booking_id",),
)
"""Reason codes that staff gave for a booking, whether before or after its outcome."""


MAKE_UPS = view(
    "make_ups",
    Column("booking_id", Uuid),
    Column("makes_up_for", Uuid, nullable=False),
    key=("booking_id",),
    indexes=("makes_up_for",),
)
"""Which booking makes up for which one missed."""


class ParticipantAttendance(Projection):
    """One row per booking that has an outcome, and one per booking that makes up for another."""

    name = "participant_attendance"
    version = 4
    views = (ATTENDANCE, STAFF_SAID, MAKE_UPS)

    @handles("attendance.attendance_record.seat_booked")
    def booked(self, event: Event, rows: Rows) -> None:
        if event.data.get("makes_up_for") is not None:
            rows.put(MAKE_UPS, {"booking_id": event.stream, "makes_up_for": event.data["makes_up_for"]})

    @handles("attendance.attendance_record.outcome_recorded", "attendance.attendance_record.outcome_corrected")
    def settled(self, event: Event, rows: Rows) -> None:
        seat = event.data["seat"]
        facts = {name: seat[name] for name in ATTENDANCE.columns if name in seat}
        own = {name: event.data[name] for name in ("participant_id", "episode_id", "status")}
        rows.put(ATTENDANCE, facts | own | attended(event.data) | {"booking_id": event.stream})

    @handles("attendance.attendance_record.seat_booked_again")
    def moved(self, event: Event, rows: Rows) -> None:
        """What came of it at another time is told anew where it still holds."""
        row = rows.get(ATTENDANCE, event.stream)
        if row is not None and at_another_time(row, event.data["seat"]):
            rows.delete(ATTENDANCE, event.stream)

    @handles("attendance.attendance_record.entry_corrected")
    def corrected(self, event: Event, rows: Rows) -> None:
        said = rows.get(STAFF_SAID, event.stream) or {"booking_id": event.stream}
        rows.put(STAFF_SAID, said | {"corrected_because": event.data["reason"]})

    @handles("attendance.attendance_record.absence_excused")
    def excused(self, event: Event, rows: Rows) -> None:
        said = rows.get(STAFF_SAID, event.stream) or {"booking_id": event.stream}
        rows.put(STAFF_SAID, said | {"excused_because": event.data["reason"]})
