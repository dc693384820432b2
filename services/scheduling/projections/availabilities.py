"""When can a participant, a facilitator or a room be had?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

STATED = view(
    "availability",
    Column("kind", String),
    Column("resource_id", Uuid),
    Column("time_zone", String, nullable=False),
    Column("windows", Json, nullable=False),
    Column("reasons", String),
    Column("stated_at", DateTime, nullable=False),
    key=("kind", "resource_id"),
)


class Availabilities(Projection):
    """As it was stated last. Reasons stay sealed here and are opened as they leave."""

    name = "availabilities"
    views = (STATED,)

    @handles("scheduling.availability.stated")
    def stated(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("kind", "resource_id", "time_zone", "windows", "reasons")}
        rows.put(STATED, facts | {"stated_at": event.occurred_at})
