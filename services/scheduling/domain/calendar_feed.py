"""A calendar that a calendar program may read without signing in, by an address that only its owner knows."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

PARTICIPANT, FACILITATOR, ROOM = "participant", "facilitator", "room"
ABOUT = (PARTICIPANT, FACILITATOR, ROOM)
"""Whose calendars there are."""

LONGEST_LIFE = timedelta(days=400)
"""An address that nobody asked for again within a year and a bit is forgotten somewhere, and ends by itself."""

USUAL_LIFE = timedelta(days=180)


class CalendarFeed(Aggregate):
    """What one address opens, and until when. The address's secret is stored nowhere: it follows from the feed's id."""

    TOPIC = "scheduling.calendar_feed"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.calendar_feed.opened"
        KEY: ClassVar[str] = "originator_id"
        about: str
        whose_id: UUID
        expires_at: datetime

    class Revoked(Aggregate.Event):
        TOPIC = "scheduling.calendar_feed.revoked"
        KEY: ClassVar[str] = "originator_id"

    @event(Created)
    def __init__(self, about: str, whose_id: UUID, expires_at: datetime) -> None:
        self.about = about
        self.whose_id = whose_id
        self.expires_at = expires_at
        self.revoked = False

    @classmethod
    def open(cls, feed_id: UUID, about: str, whose_id: UUID, lasts: timedelta, at: datetime) -> "CalendarFeed":
        """``lasts``: at most ``LONGEST_LIFE``; what is longer is cut."""
        return cls._create(
            cls.Created,
            id=feed_id,
            timestamp=at,
            about=about,
            whose_id=whose_id,
            expires_at=at + min(lasts, LONGEST_LIFE),
        )

    def revoke(self, at: datetime) -> None:
        """The address opens nothing from now on; revoking again changes nothing."""
        if not self.revoked:
            self.trigger_event(self.Revoked, timestamp=at)

    @event(Revoked)
    def _revoked(self) -> None:
        self.revoked = True
