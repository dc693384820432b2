"""Who gets a free place, by promotion, by an offer or by exchange, and what takes effect with it.

A freed place goes to the next in turn, or is offered to them, in the decision that frees it: exactly once.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment import measuring
from services.enrollment.authorizing import follow_level_of_care
from services.enrollment.desk import Desk, follow_hospital
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.follow_up import CERTIFICATION, PLAN_REVIEW, REASSESSMENT, REVIEW_INSTRUMENT, FollowUp
from services.enrollment.domain.identity import follow_up_id
from services.enrollment.domain.track import Track
from services.enrollment.dues import falls_due, falls_due_earlier
from services.platform.packs import Rule

OFFER_HOURS = "waitlist.offer_hours"
"""The rule packs' parameter: for how long a free place is kept for who is next. Silent: promotion is automatic."""


@dataclass
class Filled:
    """Who got a free place, and to whom one was offered."""

    promoted: list[UUID] = field(default_factory=list)
    offered: list[UUID] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        return {"promoted": self.promoted, "offered": self.offered}


def fill(desk: Desk, unit: Unit, *tracks: Track) -> Filled:
    """Gives or offers the free places to those in turn; a promotion by transfer frees a place elsewhere, and so on."""
    filled, waiting, at = Filled(), list(tracks), unit.context.at
    for track in waiting:  # grows while it is read; it ends, since each promotion shortens a waitlist
        offers = _offer_rule(desk, unit, track)
        while (episode_id := track.next_in_turn()) is not None:
            episode = unit.get(Episode, episode_id)
            if offers is None:
                track.promote(episode_id, episode.participant_id, at)
                waiting.extend(take_effect(desk, unit, episode))
                filled.promoted.append(episode_id)
            else:
                offer_id = uuid5(unit.context.command_id, f"offer/{track.id}/{episode_id}")
                expires_at, said_by = at + timedelta(hours=float(offers.value)), offers.cited
                track.offer(offer_id, episode_id, episode.participant_id, expires_at, said_by, at)
                filled.offered.append(episode_id)
    for track in waiting:  # as above
        while ring := _exchange(desk, unit, track):
            filled.promoted.extend(episode.id for _, episode in ring)
            waiting.extend(other for other, _ in ring if other is not track)
    return filled


def _exchange(desk: Desk, unit: Unit, start: Track) -> list[tuple[Track, Episode]]:
    """Those first in turn who wait for each other's places, from one full track to the next and back to ``start``, take
    them together; nobody is passed over for it, and no track has more participants than before."""
    ring: list[tuple[Track, Episode]] = []
    track, seen = start, set[UUID]()
    while track.id not in seen:
        seen.add(track.id)
        first = track.first_in_turn()
        if first is None or track.free_places != 0 or _offer_rule(desk, unit, track) is not None:
            return []
        episode = unit.get(Episode, first)
        if episode.transfer is None:
            return []
        ring.append((track, episode))
        track = unit.get(Track, episode.plan.track_id)
    if track.id != start.id:
        return []
    at = unit.context.at
    for _, episode in ring:
        unit.get(Track, episode.plan.track_id).leave(episode.id, at)
    for track, episode in ring:
        track.promote(episode.id, episode.participant_id, at)
        take_effect(desk, unit, episode)
    return ring


def _offer_rule(desk: Desk, unit: Unit, track: Track) -> Rule | None:
    today = unit.context.at.astimezone(ZoneInfo(track.time_zone)).date()
    return desk.packs.in_force(track.packs, today).rule(OFFER_HOURS)


def take_effect(desk: Desk, unit: Unit, episode: Episode) -> tuple[Track, ...]:
    """The place is taken: the admission or the transfer takes effect. The tracks in which a place came free by it."""
    if episode.transfer is None:
        _admit(desk, unit, episode)
        return ()
    left = unit.get(Track, episode.plan.track_id)
    episode.take_transfer(episode.transfer, unit.context.at)
    left.leave(episode.id, unit.context.at)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    follow_level_of_care(desk, unit, episode)
    for kind in (CERTIFICATION, PLAN_REVIEW, REVIEW_INSTRUMENT):
        falls_due_earlier(desk, unit, episode, follow_up, kind)
    return (left,)


def waited_for(unit: Unit, episode: Episode) -> Track:
    """The track in which the episode waits, or holds its place."""
    plan = episode.transfer.plan if episode.transfer is not None else episode.plan
    return unit.get(Track, plan.track_id)


def _admit(desk: Desk, unit: Unit, episode: Episode) -> None:
    """The admission takes effect, hospital stays under way suspend it, and its dues begin."""
    episode.admit(unit.context.at)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    if not episode.assessed_at_intake:
        falls_due(desk, unit, episode, follow_up, REASSESSMENT)
    falls_due(desk, unit, episode, follow_up, CERTIFICATION)
    falls_due(desk, unit, episode, follow_up, PLAN_REVIEW)
    measuring.admitted(desk, unit, episode, follow_up)
    follow_hospital(unit, episode.participant_id)
