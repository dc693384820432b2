"""What takes place in a room on a day?"""

from sqlalchemy import Boolean, Column, Date, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

HELD = view(
    "held_sessions",
    Column("session_id", Uuid),
    Column("room_id", Uuid),
    Column("room", String),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    key=("session_id",),
    indexes=(("room_id", "local_date"),),
)


class RoomsDay(Projection):
    """One row per session; those without a room may get one."""

    name = "rooms_day"
    version = 2
    views = (HELD,)

    @handles("scheduling.session.scheduled", "scheduling.session.reinstated")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in HELD.columns if name in event.data}
        rows.put(HELD, facts | {"session_id": event.stream, "cancelled": False})

    @handles("scheduling.session.moved")
    def moved(self, event: Event, rows: Rows) -> None:
        rows.change(HELD, event.stream, **{name: event.data[name] for name in ("starts_at", "ends_at", "local_date")})

    @handles("scheduling.session.altered")
    def altered(self, event: Event, rows: Rows) -> None:
        rows.change(HELD, event.stream, room_id=event.data["room_id"], room=event.data["room"])

    @handles("scheduling.session.cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(HELD, event.stream, cancelled=True)
