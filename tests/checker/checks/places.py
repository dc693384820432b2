"""Places on a track: the census limit, whose turn it was, and offers.

Source: domain.md, waitlist (priority, why, offers made), admission into a track with a census limit; discharged →
waitlist promoted. Program practice for the hours of an offer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.reading import Event, Told, instant


@dataclass(frozen=True)
class Turn:
    """Priority 1 before 2, then who has waited longer."""

    priority: int
    since: datetime
    episode_id: str
    event: Event

    @property
    def order(self) -> tuple[int, datetime, str]:
        return self.priority, self.since, self.episode_id


@dataclass
class Track:
    """As it stands. ``passed``: who let an offer pass since a place came free last, and keeps the turn for the next."""

    id: str
    limit: int
    zone: ZoneInfo
    packs: tuple[str, ...]
    event: Event
    places: dict[str, Event] = field(default_factory=dict)
    waiting: dict[str, Turn] = field(default_factory=dict)
    offers: dict[str, Event] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    taken: list[Event] = field(default_factory=list)
    """Places given, and offers made, at the last instant, with the turn of who got them."""
    turns: dict[str, Turn] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return self.limit - len(self.places) - len(self.offers)

    def vacate(self, episode_id: str) -> None:
        """A place, or a turn, is given up."""
        if self.places.pop(episode_id, None) is not None:
            self.passed.clear()
        self.waiting.pop(episode_id, None)

    def give(self, episode_id: str, event: Event) -> None:
        """The episode has its place."""
        self.places[episode_id] = event
        turn = self.waiting.pop(episode_id, None)
        if turn is not None:
            self.turns[episode_id] = turn
        offered = [offer for offer, made in self.offers.items() if made.data["episode_id"] == episode_id]
        for offer in offered:
            del self.offers[offer]
        if not offered:
            self.taken.append(event)


def census(case: Case) -> Finding:
    """A place is only given, or kept for an offer, where one is free; nobody loses one when the limit is lowered."""
    finding = Finding("census", "tracks")
    tracks: set[str] = set()
    for track in (one for changed in _instants(case.told) for one in changed):
        tracks.add(track.id)
        if track.taken and track.free < 0:
            from_ = [track.event, *track.places.values(), *track.offers.values()]
            finding.differs(f"track {track.id}", f"at most {track.limit} places", track.limit - track.free, from_)
    finding.judged = len(tracks)
    return finding


def in_turn(case: Case) -> Finding:
    """Who gets a place, or an offer, is the first in turn of those who waited by then; nobody is admitted past them;
    and no place is left free while somebody waits who did not let it pass."""
    finding = Finding("whose turn it was", "places given")
    for track in (one for changed in _instants(case.told) for one in changed):
        waiting = [one for one in track.waiting.values() if one.episode_id not in track.passed]
        waiting = [one for one in waiting if not _is_offered(track, one.episode_id)]
        for event in track.taken:
            finding.judged += 1
            turn = track.turns.get(event.data["episode_id"]) or track.waiting.get(event.data["episode_id"])
            earlier = [one for one in waiting if one.event.at < event.at]
            before = [one for one in earlier if turn is None or one.order < turn.order]
            if before:
                first = min(before, key=lambda one: one.order)
                subject = f"place on track {track.id} at {event.at}"
                finding.differs(subject, first.episode_id, event.data["episode_id"], [first.event, event])
        if track.free > 0 and waiting:
            first = min(waiting, key=lambda one: one.order)
            told = f"a place is free and {first.episode_id} waits"
            from_ = [track.event, first.event, *track.places.values()]
            finding.differs(f"track {track.id}", "a place for the first in turn", told, from_)
    return finding


def offers(case: Case) -> Finding:
    """An offer stands for the pack's hours, is answered within them or expires, and ends once."""
    finding = Finding("offers", "offers")
    tracks = {event.data["track_id"]: event for event in case.told.of("enrollment.track_opened")}
    closed: dict[str, list[Event]] = defaultdict(list)
    for event in case.told.of("enrollment.offer_closed"):
        closed[event.data["offer_id"]].append(event)
    for event in case.told.of("enrollment.place_offered"):
        finding.judged += 1
        offer_id, opened = event.data["offer_id"], tracks[event.data["track_id"]]
        since, until = instant(event.data["offered_at"]), instant(event.data["expires_at"])
        day = since.astimezone(ZoneInfo(opened.data["time_zone"])).date()
        hours = case.packs.on(day, opened.data["packs"], "adult").value("waitlist.offer_hours", 0)
        ends, subject = closed[offer_id], f"offer {offer_id}"
        finding.compare(f"end of {subject}", since + timedelta(hours=hours), until, [opened, event])
        if len(ends) != (1 if until <= case.told.now else min(len(ends), 1)):
            finding.differs(subject, "one end", f"{len(ends)} ends", [event, *ends])
        for end in ends:
            at = instant(end.data["closed_at"])
            if (end.data["outcome"] == "expired" and at < until) or (end.data["outcome"] == "accepted" and at >= until):
                finding.differs(subject, f"not {end.data['outcome']} at {at}", end.data["outcome"], [event, end])
    return finding


def _is_offered(track: Track, episode_id: str) -> bool:
    return any(offer.data["episode_id"] == episode_id for offer in track.offers.values())


def _instants(told: Told) -> Iterator[list[Track]]:
    """The tracks that changed at an instant, as they stand at its end."""
    tracks: dict[str, Track] = {}
    mine = (event for event in told.events if event.type in _HANDLERS)
    for _, together in groupby(mine, key=lambda event: event.at):
        changed: dict[str, Track] = {}
        # What comes free before what is taken, and joining before being promoted: all of it is one decision or a few.
        for event in sorted(together, key=lambda one: _ORDER.index(one.type)):
            for track in _HANDLERS[event.type](tracks, event):
                changed[track.id] = track
        yield list(changed.values())
        for track in changed.values():
            track.taken, track.turns = [], {}


def _opened(tracks: dict[str, Track], event: Event) -> list[Track]:
    data = event.data
    zone, packs = ZoneInfo(data["time_zone"]), tuple(data["packs"])
    tracks[data["track_id"]] = Track(data["track_id"], data["census_limit"], zone, packs, event)
    return [tracks[data["track_id"]]]


def _limited(tracks: dict[str, Track], event: Event) -> list[Track]:
    track = tracks[event.data["track_id"]]
    if event.data["census_limit"] > track.limit:
        track.passed.clear()
    track.limit = event.data["census_limit"]
    return [track]


def _waits(tracks: dict[str, Track], event: Event) -> list[Track]:
    data, track = event.data, tracks[event.data["track_id"]]
    since = instant(data["waiting_since"]) if "waiting_since" in data else event.at
    track.waiting[data["episode_id"]] = Turn(data["priority"], since, data["episode_id"], event)
    return [track]


def _left(tracks: dict[str, Track], event: Event) -> list[Track]:
    tracks[event.data["track_id"]].vacate(event.data["episode_id"])
    return [tracks[event.data["track_id"]]]


def _admitted(tracks: dict[str, Track], event: Event) -> list[Track]:
    tracks[event.data["track_id"]].give(event.data["episode_id"], event)
    return [tracks[event.data["track_id"]]]


def _transferred(tracks: dict[str, Track], event: Event) -> list[Track]:
    left, joined = tracks[event.data["from_track_id"]], tracks[event.data["track_id"]]
    left.vacate(event.data["episode_id"])
    joined.give(event.data["episode_id"], event)
    return [left, joined]


def _offered(tracks: dict[str, Track], event: Event) -> list[Track]:
    track = tracks[event.data["track_id"]]
    track.offers[event.data["offer_id"]] = event
    track.taken.append(event)
    return [track]


def _closed(tracks: dict[str, Track], event: Event) -> list[Track]:
    track = tracks[event.data["track_id"]]
    if event.data["outcome"] != "accepted":
        track.offers.pop(event.data["offer_id"], None)
    if event.data["outcome"] in ("declined", "expired"):
        track.passed.add(event.data["episode_id"])
    return [track]


_HANDLERS: dict[str, Callable[[dict[str, Track], Event], list[Track]]] = {
    "enrollment.track_opened.v1": _opened,
    "enrollment.census_limit_changed.v1": _limited,
    "enrollment.participant_waitlisted.v1": _waits,
    "enrollment.waitlist_joined.v1": _waits,
    "enrollment.waitlist_left.v1": _left,
    "enrollment.participant_discharged.v1": _left,
    "enrollment.offer_closed.v1": _closed,
    "enrollment.place_offered.v1": _offered,
    "enrollment.participant_admitted.v1": _admitted,
    "enrollment.participant_transferred.v1": _transferred,
}
_ORDER = list(_HANDLERS)
