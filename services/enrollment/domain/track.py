"""A track (a program line) and the claims on its places: never more admitted than the census limit.

The waitlist is kept here, beside the places, so that giving a freed place to the next in turn is one decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eventsourcing.domain import Aggregate, AggregateCreated, event

from services.enrollment.domain.errors import AlreadyHoldsPlace, CensusLimitTooLow, UnknownTimeZone


@dataclass(frozen=True)
class Waiting:
    """A turn on the waitlist: priority 1 before 2, then who has waited longer."""

    priority: int
    waiting_since: datetime
    episode_id: UUID

    @property
    def turn(self) -> tuple[int, datetime, UUID]:
        return (self.priority, self.waiting_since, self.episode_id)


class Track(Aggregate):
    TOPIC = "enrollment.track"

    class Event(Aggregate.Event):
        TOPIC = "enrollment.track.event"
        KEY = "originator_id"

    class Created(AggregateCreated):
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

    @classmethod
    def open(
        cls, track_id: UUID, *, name: str, time_zone: str, packs: Sequence[str], census_limit: int, at: datetime
    ) -> "Track":
        """Raises ``UnknownTimeZone`` and ``CensusLimitTooLow``."""
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UnknownTimeZone("give the time zone by its IANA name, for example America/New_York") from None
        _check_limit(census_limit)
        return cls._create(
            cls.Created,
            id=track_id,
            timestamp=at,
            name=name,
            time_zone=time_zone,
            packs=tuple(packs),
            census_limit=census_limit,
        )

    @event(Created)
    def __init__(self, name: str, time_zone: str, packs: tuple[str, ...], census_limit: int) -> None:
        self.name = name
        self.time_zone = time_zone
        self.packs = packs
        self.census_limit = census_limit
        self.places: Mapping[UUID, UUID] = {}
        self.waitlist: Mapping[UUID, Waiting] = {}

    @property
    def free_places(self) -> int:
        """May be below zero after the limit was lowered."""
        return self.census_limit - len(self.places)

    def change_limit(self, census_limit: int, at: datetime) -> None:
        """Nobody loses a place when it is lowered. Raises ``CensusLimitTooLow``."""
        _check_limit(census_limit)
        if census_limit != self.census_limit:
            self.trigger_event(self.CensusLimitChanged, timestamp=at, census_limit=census_limit)

    @event(CensusLimitChanged)
    def _limit_changed(self, census_limit: int) -> None:
        self.census_limit = census_limit

    def take_place(self, episode_id: UUID, participant_id: UUID, at: datetime) -> bool:
        """Takes a place, if one is free and nobody waits for it. Raises ``AlreadyHoldsPlace``."""
        self._refuse_twice(episode_id)
        if self.free_places <= 0 or self.waitlist:
            return False
        self._take(episode_id, participant_id, at)
        return True

    @event(PlaceTaken)
    def _place_taken(self, episode_id: UUID, participant_id: UUID) -> None:
        self.places = {**self.places, episode_id: participant_id}

    def join_waitlist(self, episode_id: UUID, participant_id: UUID, priority: int, at: datetime) -> None:
        """Raises ``AlreadyHoldsPlace``."""
        self._refuse_twice(episode_id)
        self.trigger_event(
            self.WaitlistJoined,
            timestamp=at,
            episode_id=episode_id,
            participant_id=participant_id,
            priority=priority,
            waiting_since=at,
        )

    @event(WaitlistJoined)
    def _waitlist_joined(self, episode_id: UUID, priority: int, waiting_since: datetime) -> None:
        self.waitlist = {**self.waitlist, episode_id: Waiting(priority, waiting_since, episode_id)}

    def leave(self, episode_id: UUID, at: datetime) -> None:
        """Frees the episode's place, or its turn on the waitlist."""
        if episode_id in self.places:
            self.trigger_event(self.PlaceFreed, timestamp=at, episode_id=episode_id)
        if episode_id in self.waitlist:
            self.trigger_event(self.WaitlistLeft, timestamp=at, episode_id=episode_id)

    @event(PlaceFreed)
    def _place_freed(self, episode_id: UUID) -> None:
        self.places = {held: by for held, by in self.places.items() if held != episode_id}

    @event(WaitlistLeft)
    def _waitlist_left(self, episode_id: UUID) -> None:
        self.waitlist = {waiting: turn for waiting, turn in self.waitlist.items() if waiting != episode_id}

    def next_in_turn(self) -> UUID | None:
        """The episode to whom a free place belongs now, if there is a place and someone waits."""
        if self.free_places <= 0 or not self.waitlist:
            return None
        return min(self.waitlist.values(), key=lambda waiting: waiting.turn).episode_id

    def promote(self, episode_id: UUID, participant_id: UUID, at: datetime) -> None:
        """Gives the place to the next in turn."""
        self.trigger_event(self.WaitlistLeft, timestamp=at, episode_id=episode_id)
        self._take(episode_id, participant_id, at)

    def _take(self, episode_id: UUID, participant_id: UUID, at: datetime) -> None:
        self.trigger_event(
            self.PlaceTaken, timestamp=at, episode_id=episode_id, participant_id=participant_id, taken_at=at
        )

    def _refuse_twice(self, episode_id: UUID) -> None:
        if episode_id in self.places or episode_id in self.waitlist:
            raise AlreadyHoldsPlace("the episode holds a place in the track already, or waits for one")


def _check_limit(census_limit: int) -> None:
    if census_limit < 1:
        raise CensusLimitTooLow("a track has room for at least one participant")
