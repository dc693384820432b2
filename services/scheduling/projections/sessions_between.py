"""Which sessions take place between two days, and how many of their seats are taken?"""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

SESSIONS = view(
    "sessions",
    Column("session_id", Uuid),
    Column("series_id", Uuid, nullable=False),
    Column("track_id", Uuid, nullable=False),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("room", String),
    Column("seats_min", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("seats_taken", Integer, nullable=False),
    Column("prescriber_led", Boolean, nullable=False),
    Column("topic", String),
    Column("topic_code", String),
    Column("sequence", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("reason", String),
    key=("session_id",),
    indexes=("local_date", "series_id", ("track_id", "topic_code", "starts_at")),
)


CHANGING = ("starts_at", "ends_at", "local_date", "modality", "room", "seats", "topic", "topic_code", "sequence")


class SessionsBetween(Projection):
    """One row per session."""

    name = "sessions_between"
    version = 5
    views = (SESSIONS,)

    @handles("scheduling.session.scheduled", "scheduling.session.reinstated")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in SESSIONS.columns if name in event.data}
        rows.put(SESSIONS, {"sequence": 0} | facts | {"session_id": event.stream, "seats_taken": 0, "cancelled": False})

    @handles("scheduling.session.seat_taken")
    def seat_taken(self, event: Event, rows: Rows) -> None:
        self._count(event, rows, 1)

    @handles("scheduling.session.seat_freed")
    def seat_freed(self, event: Event, rows: Rows) -> None:
        self._count(event, rows, -1)

    @handles(
        "scheduling.session.moved",
        "scheduling.session.altered",
        "scheduling.session.facilitator_substituted",
        "scheduling.session.facilitators_assigned",
    )
    def changed(self, event: Event, rows: Rows) -> None:
        rows.change(SESSIONS, event.stream, **{name: event.data[name] for name in CHANGING if name in event.data})

    @handles("scheduling.session.cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(SESSIONS, event.stream, cancelled=True, reason=event.data["reason"])

    @staticmethod
    def _count(event: Event, rows: Rows, by: int) -> None:
        row = rows.get(SESSIONS, event.stream)
        if row is None:
            raise LookupError(f"session {event.stream} is not in the view yet")
        rows.change(SESSIONS, event.stream, seats_taken=row["seats_taken"] + by)
