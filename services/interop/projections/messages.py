"""Which messages came from which hospital, and what became of each. Metadata only: the bytes stay sealed in the log.

``reason``, ``note``: why it was discarded, as a code and in words, which are sealed."""

from sqlalchemy import Column, Integer, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event

MESSAGE = view(
    "hospital_message",
    Column("message_id", String),
    Column("hospital", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("control_id", String, nullable=False),
    Column("message_type", String, nullable=False),
    Column("transport", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("ack_code", String, nullable=False),
    Column("state", String, nullable=False),
    Column("troubles", Json, nullable=False),
    Column("reason", String),
    Column("note", String),
    Column("copies", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    key=("message_id",),
    indexes=("state", "hospital", "received_at"),
)

_COPIED = (
    "hospital",
    "sender",
    "control_id",
    "message_type",
    "transport",
    "size",
    "sha256",
    "ack_code",
    "troubles",
)
_CHANGED = ("troubles", "hospital", "message_type", "reason", "note")
_STATES = {
    "interop.message.held": "waiting",
    "interop.message.held_up": "held_up",
    "interop.message.released": "accepted",
    "interop.message.applied": "applied",
    "interop.message.found_unsupported": "unsupported",
    "interop.message.parked": "parked",
    "interop.message.replayed": "accepted",
    "interop.message.discarded": "discarded",
    "interop.message.forgotten": "forgotten",
}


class Messages(Projection):
    name = "hospital_messages"
    version = 3
    views = (MESSAGE,)

    @handles("interop.message.received")
    def received(self, event: Event, rows: Rows) -> None:
        rows.put(
            MESSAGE,
            {
                **{name: event.data[name] for name in _COPIED},
                "message_id": str(event.stream),
                "state": event.data["outcome"],
                "copies": 1,
                "received_at": event.occurred_at,
                "changed_at": event.occurred_at,
            },
        )

    @handles("interop.message.received_again")
    def received_again(self, event: Event, rows: Rows) -> None:
        row = rows.get(MESSAGE, str(event.stream))
        if row:
            rows.change(MESSAGE, str(event.stream), copies=row["copies"] + 1, changed_at=event.occurred_at)

    @handles(*_STATES)
    def changed(self, event: Event, rows: Rows) -> None:
        news = {name: event.data[name] for name in _CHANGED if name in event.data}
        state = _STATES[event.type]
        if event.type == "interop.message.replayed":
            news["troubles"] = []
        rows.change(MESSAGE, str(event.stream), state=state, changed_at=event.occurred_at, **news)
