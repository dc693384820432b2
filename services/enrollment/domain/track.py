"""A track (a program line) and the claims on its places: never more admitted than the census limit.

The waitlist and the offers are kept here, beside the places, so that giving or offering a freed place to the next in
turn is one decision, and a free place is never offered to two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain import track_events as events
from services.enrollment.domain.errors import (
    AlreadyHoldsPlace,
    CensusLimitTooLow,
    NoPlaceOffered,
    OfferLapsed,
    UnknownTimeZone,
)


@dataclass(frozen=True)
class Waiting:
    """A turn on the waitlist: priority 1 before 2, then who has waited longer. ``passed``: up to which vacancy they let
    offers pass; they keep their turn for the vacancies after it."""

    priority: int
    waiting_since: datetime
    episode_id: UUID
    passed: int = 0

    @property
    def turn(self) -> tuple[int, datetime, UUID]:
        return (self.priority, self.waiting_since, self.episode_id)


@dataclass(frozen=True)
class Offer:
    """A free place is kept for somebody on the waitlist until then."""

    offer_id: UUID
    episode_id: UUID
    participant_id: UUID
    expires_at: datetime


class Track(Aggregate):
    TOPIC = "enrollment.track"

    Created = events.Created
    CensusLimitChanged = events.CensusLimitChanged
    PlaceTaken = events.PlaceTaken
    PlaceFreed = events.PlaceFreed
    WaitlistJoined = events.WaitlistJoined
    WaitlistLeft = events.WaitlistLeft
    PlaceOffered = events.PlaceOffered
    OfferAccepted = events.OfferAccepted
    OfferDeclined = events.OfferDeclined
    OfferExpired = events.OfferExpired
    OfferWithdrawn = events.OfferWithdrawn

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

    @event(events.Created)
    def __init__(self, name: str, time_zone: str, packs: tuple[str, ...], census_limit: int) -> None:
        self.name = name
        self.time_zone = time_zone
        self.packs = packs
        self.census_limit = census_limit
        self.places: Mapping[UUID, UUID] = {}
        self.waitlist: Mapping[UUID, Waiting] = {}
        self.offers: Mapping[UUID, Offer] = {}
        self.vacancies = 1
        """Counts how often a place came free: who let an offer pass is asked again at the next vacancy only."""

    @property
    def free_places(self) -> int:
        """Neither taken nor offered. May be below zero after the limit was lowered."""
        return self.census_limit - len(self.places) - len(self.offers)

    @property
    def in_turn(self) -> list[Waiting]:
        """Those who wait for the next free place, in order."""
        waiting = (one for one in self.waitlist.values() if one.episode_id not in self.offers)
        return sorted((one for one in waiting if one.passed < self.vacancies), key=lambda one: one.turn)

    def change_limit(self, census_limit: int, at: datetime) -> None:
        """Nobody loses a place when it is lowered. Raises ``CensusLimitTooLow``."""
        _check_limit(census_limit)
        if census_limit != self.census_limit:
            self.trigger_event(self.CensusLimitChanged, timestamp=at, census_limit=census_limit)

    @event(events.CensusLimitChanged)
    def _limit_changed(self, census_limit: int) -> None:
        self.vacancies += census_limit > self.census_limit
        self.census_limit = census_limit

    def take_place(self, episode_id: UUID, participant_id: UUID, at: datetime) -> bool:
        """Takes a place, if one is free and nobody waits for it. Raises ``AlreadyHoldsPlace``."""
        self._refuse_twice(episode_id)
        if self.free_places <= 0 or self.in_turn:
            return False
        self._take(episode_id, participant_id, at)
        return True

    @event(events.PlaceTaken)
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

    @event(events.WaitlistJoined)
    def _waitlist_joined(self, episode_id: UUID, priority: int, waiting_since: datetime) -> None:
        self.waitlist = {**self.waitlist, episode_id: Waiting(priority, waiting_since, episode_id)}

    def leave(self, episode_id: UUID, at: datetime) -> None:
        """Frees the episode's place, or its turn on the waitlist."""
        if episode_id in self.places:
            self.trigger_event(self.PlaceFreed, timestamp=at, episode_id=episode_id)
        if episode_id in self.offers:
            self._close(self.OfferWithdrawn, self.offers[episode_id], at)
        if episode_id in self.waitlist:
            self.trigger_event(self.WaitlistLeft, timestamp=at, episode_id=episode_id)

    @event(events.PlaceFreed)
    def _place_freed(self, episode_id: UUID) -> None:
        self.places = {held: by for held, by in self.places.items() if held != episode_id}
        self.vacancies += 1

    @event(events.WaitlistLeft)
    def _waitlist_left(self, episode_id: UUID) -> None:
        self.waitlist = {waiting: turn for waiting, turn in self.waitlist.items() if waiting != episode_id}

    def first_in_turn(self) -> UUID | None:
        """The episode to whom the next free place belongs."""
        in_turn = self.in_turn
        return in_turn[0].episode_id if in_turn else None

    def next_in_turn(self) -> UUID | None:
        """The episode to whom a free place belongs now, if there is a place and someone waits."""
        return self.first_in_turn() if self.free_places > 0 else None

    def promote(self, episode_id: UUID, participant_id: UUID, at: datetime) -> None:
        """Gives the place to the next in turn."""
        self.trigger_event(self.WaitlistLeft, timestamp=at, episode_id=episode_id)
        self._take(episode_id, participant_id, at)

    def offer(
        self, offer_id: UUID, episode_id: UUID, participant_id: UUID, expires_at: datetime, rule: str, at: datetime
    ) -> None:
        """Keeps a free place for the next in turn until then; ``rule`` says for how long an offer stands."""
        self.trigger_event(
            self.PlaceOffered,
            timestamp=at,
            offer_id=offer_id,
            episode_id=episode_id,
            participant_id=participant_id,
            offered_at=at,
            expires_at=expires_at,
            rule=rule,
        )

    @event(events.PlaceOffered)
    def _offered(self, offer_id: UUID, episode_id: UUID, participant_id: UUID, expires_at: datetime) -> None:
        self.offers = {**self.offers, episode_id: Offer(offer_id, episode_id, participant_id, expires_at)}

    def accept(self, episode_id: UUID, at: datetime) -> None:
        """The place that was kept is taken. Raises ``NoPlaceOffered`` and ``OfferLapsed``."""
        offer = self._offer(episode_id)
        if at >= offer.expires_at:
            raise OfferLapsed("the offer has expired; who waits keeps the turn for the next free place")
        self._close(self.OfferAccepted, offer, at)
        self.promote(episode_id, offer.participant_id, at)

    @event(events.OfferAccepted)
    def _accepted(self, episode_id: UUID) -> None:
        self._no_offer(episode_id)

    def decline(self, episode_id: UUID, reason: str, at: datetime) -> None:
        """They go on waiting, for the next vacancy. Raises ``NoPlaceOffered``."""
        self._close(self.OfferDeclined, self._offer(episode_id), at, reason=reason)

    @event(events.OfferDeclined)
    def _declined(self, episode_id: UUID) -> None:
        self._no_offer(episode_id)
        self._let_pass(episode_id)

    def expire(self, offer_id: UUID, episode_id: UUID, at: datetime) -> bool:
        """Nothing happens where this offer was answered or withdrawn before."""
        offer = self.offers.get(episode_id)
        if offer is None or offer.offer_id != offer_id:
            return False
        self._close(self.OfferExpired, offer, at)
        return True

    @event(events.OfferExpired)
    def _expired(self, episode_id: UUID) -> None:
        self._no_offer(episode_id)
        self._let_pass(episode_id)

    @event(events.OfferWithdrawn)
    def _withdrawn(self, episode_id: UUID) -> None:
        self._no_offer(episode_id)

    def _offer(self, episode_id: UUID) -> Offer:
        if episode_id not in self.offers:
            raise NoPlaceOffered("no offer to this episode stands; it was answered, has expired or was never made")
        return self.offers[episode_id]

    def _close(self, event_class: type[events.Event], offer: Offer, at: datetime, **facts: str) -> None:
        self.trigger_event(
            event_class,
            timestamp=at,
            offer_id=offer.offer_id,
            episode_id=offer.episode_id,
            participant_id=offer.participant_id,
            closed_at=at,
            **facts,
        )

    def _no_offer(self, episode_id: UUID) -> None:
        self.offers = {held: offer for held, offer in self.offers.items() if held != episode_id}

    def _let_pass(self, episode_id: UUID) -> None:
        self.waitlist = {**self.waitlist, episode_id: replace(self.waitlist[episode_id], passed=self.vacancies)}

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
