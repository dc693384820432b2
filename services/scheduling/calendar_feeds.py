"""Addresses for calendar programs, by command: opened for one calendar each, and revoked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid5

from eventsourcing.domain import Aggregate

from events.log.commands import Unit
from services.scheduling.domain.calendar_commands import OpenCalendarFeed, RevokeCalendarFeed
from services.scheduling.domain.calendar_feed import FACILITATOR, PARTICIPANT, ROOM, CalendarFeed
from services.scheduling.domain.known import Person
from services.scheduling.domain.resources import Facilitator, Room

OWNERS: Mapping[str, type[Aggregate]] = {PARTICIPANT: Person, FACILITATOR: Facilitator, ROOM: Room}
"""Who or what a calendar may be about."""


def open_calendar_feed(unit: Unit, command: OpenCalendarFeed) -> Mapping[str, Any]:
    """Raises ``NotFound`` for somebody that scheduling does not know. The address itself is not part of what is
    stored: the application adds it to the answer."""
    owner: Aggregate = unit.get(OWNERS[command.about], command.whose_id)
    lasts = timedelta(days=command.days)
    feed_id = uuid5(unit.context.command_id, "calendar_feed")
    feed = unit.add(CalendarFeed.open(feed_id, command.about, command.whose_id, lasts, unit.context.at))
    where = owner.code if isinstance(owner, Room) else str(command.whose_id)
    return {"feed_id": feed.id, "calendar": f"{command.about}s/{where}", "expires_at": feed.expires_at}


def revoke_calendar_feed(unit: Unit, command: RevokeCalendarFeed) -> Mapping[str, Any]:
    """Raises ``NotFound``."""
    unit.get(CalendarFeed, command.feed_id).revoke(unit.context.at)
    return {"feed_id": command.feed_id}
