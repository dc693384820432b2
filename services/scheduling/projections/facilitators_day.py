"""What does a facilitator lead on a day?"""

from sqlalchemy import Boolean, Column, Date, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

LED = view(
    "led_sessions",
    Column("facilitator_id", Uuid),
    Column("session_id", Uuid),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("room", String),
    Column("cancelled", Boolean, nullable=False),
    key=("facilitator_id", "session_id"),
    indexes=("session_id", ("facilitator_id", "local_date")),
)


class FacilitatorsDay(Projection):
    """One row per facilitator and session."""

    name = "facilitators_day"
    version = 4
    views = (LED,)

    @handles("scheduling.session.scheduled", "scheduling.session.reinstated")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in LED.columns if name in event.data}
        for facilitator_id in event.data["facilitators"]:
            led_by = {"facilitator_id": facilitator_id, "session_id": event.stream, "cancelled": False}
            rows.put(LED, facts | led_by)

    @handles("scheduling.session.moved")
    def moved(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, **{name: event.data[name] for name in ("starts_at", "ends_at", "local_date")})

    @handles("scheduling.session.altered")
    def altered(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, room=event.data["room"])

    @handles("scheduling.session.facilitator_substituted")
    def substituted(self, event: Event, rows: Rows) -> None:
        row = rows.get(LED, event.data["leaving"], event.stream)
        if row is None:
            raise LookupError(f"session {event.stream} is not in the view under who leaves it")
        rows.delete(LED, event.data["leaving"], event.stream)
        rows.put(LED, row | {"facilitator_id": event.data["coming"]})

    @handles("scheduling.session.facilitators_assigned")
    def assigned(self, event: Event, rows: Rows) -> None:
        led = rows.find(LED, session_id=event.stream)
        for row in led:
            rows.delete(LED, row["facilitator_id"], event.stream)
        for facilitator_id in event.data["facilitators"]:
            rows.put(LED, led[0] | {"facilitator_id": facilitator_id})

    @handles("scheduling.session.cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        self._change(event, rows, cancelled=True)

    @staticmethod
    def _change(event: Event, rows: Rows, **facts: object) -> None:
        for row in rows.find(LED, session_id=event.stream):
            rows.put(LED, row | facts)
