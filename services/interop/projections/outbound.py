"""What is to be sent to each hospital, in order. The content is sealed, as it is in the log."""

from sqlalchemy import BigInteger, Column, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.event import Event

NOTICE = view(
    "hospital_notice",
    Column("notice_id", String),
    Column("hospital", String, nullable=False),
    Column("participant_id", String, nullable=False),
    Column("message_type", String, nullable=False),
    Column("control_id", String),
    Column("content", String),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("note", String),
    Column("place", BigInteger, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    key=("notice_id",),
    indexes=(("hospital", "state"), ("hospital", "state", "valid_to", "changed_at"), "participant_id"),
)


class Outbound(Projection):
    name = "hospital_notices"
    version = 4
    views = (NOTICE,)

    @handles("interop.notice.due")
    def due(self, event: Event, rows: Rows) -> None:
        copied = {name: event.data[name] for name in ("hospital", "participant_id", "message_type")}
        rows.put(
            NOTICE,
            {
                **copied,
                "notice_id": str(event.stream),
                "state": "due",
                "place": event.position,
                "due_at": event.occurred_at,
                "changed_at": event.occurred_at,
            },
        )

    @handles("interop.notice.written")
    def written(self, event: Event, rows: Rows) -> None:
        data = event.data
        self._change(event, rows, state="ready", control_id=data["control_id"], content=data["content"])

    @handles("interop.notice.acknowledged")
    def acknowledged(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, state="acknowledged", reason=event.data["code"], content=None)

    @handles("interop.notice.parked")
    def parked(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, state="parked", reason=event.data["reason"])

    @handles("interop.notice.replayed")
    def replayed(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, state="ready", reason=None)

    @handles("interop.notice.discarded")
    def discarded(self, event: Event, rows: Rows) -> None:
        note = event.data.get("note")
        self._change(event, rows, state="discarded", reason=event.data["reason"], note=note, content=None)

    def _change(self, event: Event, rows: Rows, **values: object) -> None:
        rows.change(NOTICE, str(event.stream), changed_at=event.occurred_at, **values)
