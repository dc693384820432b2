"""Who stands in line about whom: what a parked message holds up."""

from sqlalchemy import BigInteger, Column, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

STANDING = view(
    "standing_in_line",
    Column("who", String),
    Column("message_id", String),
    Column("arrival", BigInteger, nullable=False),
    key=("who", "message_id"),
    indexes=("message_id",),
)


class StandingInLine(Projection):
    name = "standing_in_line"
    views = (STANDING,)

    @handles("interop.line.message_stands")
    def stands(self, event: Event, rows: Rows) -> None:
        rows.put(STANDING, {name: event.data[name] for name in ("who", "message_id", "arrival")})

    @handles("interop.line.message_left")
    def left(self, event: Event, rows: Rows) -> None:
        rows.delete(STANDING, event.data["who"], event.data["message_id"])
