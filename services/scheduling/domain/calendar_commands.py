"""What can be asked of calendar feeds."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class OpenCalendarFeed:
    """``about`` says whose calendar ``whose_id`` names: a participant's, a facilitator's or a room's (see
    ``domain.identity.room_id``). ``days``: how long the address opens it."""

    about: str
    whose_id: UUID
    days: int


@dataclass(frozen=True)
class RevokeCalendarFeed:
    feed_id: UUID
