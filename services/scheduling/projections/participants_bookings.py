"""Where is a participant expected, and which bookings ended why?"""

from sqlalchemy import Column, Date, DateTime, Float, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

BOOKINGS = view(
    "bookings",
    Column("booking_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("series_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("room", String),
    Column("restores_booking_id", Uuid),
    Column("kind", String, nullable=False),
    Column("makes_up_for", Uuid),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("notice_hours", Float),
    key=("booking_id",),
    indexes=("participant_id",),
)


class ParticipantsBookings(Projection):
    """One row per booking, with its session's facts. A booking restored is a new one that names the old."""

    name = "participants_bookings"
    version = 4
    views = (BOOKINGS,)

    @handles("scheduling.placement.booking_made")
    def booked(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in BOOKINGS.columns if name in event.data}
        rows.put(BOOKINGS, {"kind": "regular"} | facts | {"episode_id": event.stream, "state": "booked"})

    @handles("scheduling.placement.booking_changed")
    def changed(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in BOOKINGS.columns if name in event.data and name != "booking_id"}
        rows.change(BOOKINGS, event.data["booking_id"], **facts)

    @handles("scheduling.placement.booking_cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(
            BOOKINGS,
            event.data["booking_id"],
            state="cancelled",
            reason=event.data["reason"],
            notice_hours=event.data["notice_hours"],
        )
