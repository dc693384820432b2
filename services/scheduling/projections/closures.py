"""When is the program, or a track, closed?"""

from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

CLOSURES = view(
    "closures",
    Column("closure_id", Uuid),
    Column("track_id", Uuid),
    Column("from_date", Date, nullable=False),
    Column("through", Date, nullable=False),
    Column("reason", String, nullable=False),
    Column("sessions_found", Integer, nullable=False),
    Column("sessions_cancelled", Integer, nullable=False),
    Column("reopened", Boolean, nullable=False),
    key=("closure_id",),
    indexes=("through",),
)


class Closures(Projection):
    """One row per closure. ``track_id``: null for the whole program."""

    name = "closures"
    views = (CLOSURES,)

    @handles("scheduling.closure.closed")
    def closed(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("track_id", "from_date", "through", "reason")}
        counts = {"sessions_found": len(event.data["sessions"]), "sessions_cancelled": 0, "reopened": False}
        rows.put(CLOSURES, facts | counts | {"closure_id": event.stream})

    @handles("scheduling.closure.reopened")
    def reopened(self, event: Event, rows: Rows) -> None:
        rows.change(CLOSURES, event.stream, reopened=True)

    @handles("scheduling.session.cancelled")
    def session_cancelled(self, event: Event, rows: Rows) -> None:
        row = rows.get(CLOSURES, event.data.get("closure_id")) if event.data.get("closure_id") else None
        if row is not None:
            rows.put(CLOSURES, row | {"sessions_cancelled": row["sessions_cancelled"] + 1})
