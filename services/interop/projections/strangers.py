"""For which hospital numbers, by their keyed hashes, how many messages wait until somebody is known under them."""

from sqlalchemy import Column, Integer, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.event import Event

STRANGER = view(
    "stranger",
    Column("lookup", String),
    Column("authority", String, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("since", Instant),
    key=("lookup",),
    indexes=("authority", "waiting"),
)


class Strangers(Projection):
    name = "strangers"
    views = (STRANGER,)

    @handles("interop.identity.noticed")
    def noticed(self, event: Event, rows: Rows) -> None:
        rows.put(STRANGER, {"lookup": event.data["lookup"], "authority": event.data["authority"], "waiting": 0})

    @handles("interop.identity.message_waits")
    def waits(self, event: Event, rows: Rows) -> None:
        row = rows.get(STRANGER, event.data["lookup"])
        if row:
            since = row["since"] if row["waiting"] else event.occurred_at
            rows.change(STRANGER, row["lookup"], waiting=row["waiting"] + 1, since=since)

    @handles("interop.identity.message_left")
    def left(self, event: Event, rows: Rows) -> None:
        row = rows.get(STRANGER, event.data["lookup"])
        if row:
            rows.change(STRANGER, row["lookup"], waiting=max(0, row["waiting"] - 1))

    @handles("interop.identity.resolved")
    def resolved(self, event: Event, rows: Rows) -> None:
        rows.delete(STRANGER, event.data["lookup"])
