"""Which addresses open whose calendar, and until when?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

FEEDS = view(
    "calendar_feeds",
    Column("feed_id", Uuid),
    Column("about", String, nullable=False),
    Column("whose_id", Uuid, nullable=False),
    Column("opened_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    key=("feed_id",),
    indexes=("whose_id",),
)


class CalendarFeeds(Projection):
    """One row per address. The secret in it stands nowhere."""

    name = "calendar_feeds"
    views = (FEEDS,)

    @handles("scheduling.calendar_feed.opened")
    def opened(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("about", "whose_id", "expires_at")}
        rows.put(FEEDS, facts | {"feed_id": event.stream, "opened_at": event.occurred_at})

    @handles("scheduling.calendar_feed.revoked")
    def revoked(self, event: Event, rows: Rows) -> None:
        rows.change(FEEDS, event.stream, revoked_at=event.occurred_at)
