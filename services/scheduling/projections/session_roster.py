"""Who is expected in a session, and who was?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

ROSTER = view(
    "roster",
    Column("session_id", Uuid),
    Column("booking_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("changed_at", DateTime, nullable=False),
    key=("session_id", "booking_id"),
)


class SessionRoster(Projection):
    """One row per booking: ``booked``, or ``cancelled`` for a reason."""

    name = "session_roster"
    views = (ROSTER,)

    @handles("scheduling.placement.booking_made")
    def booked(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("session_id", "booking_id", "participant_id")}
        rows.put(ROSTER, facts | {"episode_id": event.stream, "state": "booked", "changed_at": event.occurred_at})

    @handles("scheduling.placement.booking_cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(
            ROSTER,
            event.data["session_id"],
            event.data["booking_id"],
            state="cancelled",
            reason=event.data["reason"],
            changed_at=event.occurred_at,
        )
