"""What happens to a track, its places, its waitlist and the offers of places, as it is stored."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate


class Event(Aggregate.Event):
    TOPIC = "enrollment.track.event"
    KEY = "originator_id"


class Created(Aggregate.Created):
    TOPIC = "enrollment.track.opened"
    KEY = "originator_id"
    name: str
    time_zone: str
    packs: tuple[str, ...]
    census_limit: int


class CensusLimitChanged(Event):
    TOPIC = "enrollment.track.census_limit_changed"
    census_limit: int


class PlaceTaken(Event):
    TOPIC = "enrollment.track.place_taken"
    episode_id: UUID
    participant_id: UUID
    taken_at: datetime


class PlaceFreed(Event):
    TOPIC = "enrollment.track.place_freed"
    episode_id: UUID


class WaitlistJoined(Event):
    TOPIC = "enrollment.track.waitlist_joined"
    episode_id: UUID
    participant_id: UUID
    priority: int
    waiting_since: datetime


class WaitlistLeft(Event):
    """Promoted into a place, or no longer waiting."""

    TOPIC = "enrollment.track.waitlist_left"
    episode_id: UUID


class PlaceOffered(Event):
    TOPIC = "enrollment.track.place_offered"
    KEY = "participant_id"
    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    offered_at: datetime
    expires_at: datetime
    rule: str


class OfferAccepted(Event):
    TOPIC = "enrollment.track.offer_accepted"
    KEY = "participant_id"
    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    closed_at: datetime


class OfferDeclined(Event):
    TOPIC = "enrollment.track.offer_declined"
    KEY = "participant_id"
    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    closed_at: datetime
    reason: str


class OfferExpired(Event):
    TOPIC = "enrollment.track.offer_expired"
    KEY = "participant_id"
    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    closed_at: datetime


class OfferWithdrawn(Event):
    """Whom it was made to does not wait any more."""

    TOPIC = "enrollment.track.offer_withdrawn"
    KEY = "participant_id"
    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    closed_at: datetime
