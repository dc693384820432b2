"""Who waits for a seat in what, in which order, and how did it end?"""

from sqlalchemy import Column, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

WAITS = view(
    "seat_waits",
    Column("episode_id", Uuid),
    Column("awaited_id", Uuid),
    Column("session_id", Uuid),
    Column("series_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("joined_at", DateTime, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    key=("episode_id", "awaited_id"),
    indexes=("awaited_id", "participant_id"),
)


class SeatWaits(Projection):
    """One row per placement and session or series: ``waiting``, or ``left`` for a reason. ``number`` grows with the
    order of joining."""

    name = "seat_waits"
    views = (WAITS,)

    @handles("scheduling.placement.seat_wait_joined")
    def joined(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("session_id", "series_id", "participant_id", "priority")}
        when = {"joined_at": event.occurred_at, "number": event.position, "state": "waiting"}
        rows.put(WAITS, facts | when | {"episode_id": event.stream, "awaited_id": _awaited(event)})

    @handles("scheduling.placement.seat_wait_left")
    def left(self, event: Event, rows: Rows) -> None:
        rows.change(WAITS, event.stream, _awaited(event), state="left", reason=event.data["reason"])


def _awaited(event: Event) -> object:
    return event.data["session_id"] or event.data["series_id"]
