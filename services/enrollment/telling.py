"""What is told of places on a track and of what falls due: codes and times only."""

from collections.abc import Callable, Mapping
from typing import Any

from events.log.event import Event

Shape = Callable[[Event], dict[str, Any]]
Told = Mapping[str, tuple[str, str, Shape]]
"""Stored type → published name, its key field, and what is told."""


def fields(*names: str) -> Shape:
    """These, as they are stored."""
    return lambda event: {name: event.data[name] for name in names}


def _of_track(*names: str, **also: str) -> Shape:
    return lambda event: {"track_id": str(event.stream), **fields(*names)(event), **also}


def of_episode(*names: str) -> Shape:
    """These, of an event whose stream is the episode."""
    return lambda event: {"episode_id": str(event.stream), **fields("participant_id", *names)(event)}


_WHO = ("participant_id", "episode_id")


def _offer_closed(outcome: str) -> tuple[str, str, Shape]:
    return "offer_closed", "participant_id", _of_track(*_WHO, "offer_id", "closed_at", outcome=outcome)


PLACES: Told = {
    "enrollment.track.census_limit_changed": ("census_limit_changed", "track_id", _of_track("census_limit")),
    "enrollment.track.waitlist_joined": (
        "waitlist_joined",
        "participant_id",
        _of_track(*_WHO, "priority", "waiting_since"),
    ),
    # The track's own event is also that of a promotion, which is told as what it is.
    "enrollment.episode.waitlist_left": ("waitlist_left", "participant_id", of_episode("track_id", "reason")),
    "enrollment.episode.transfer_withdrawn": ("waitlist_left", "participant_id", of_episode("track_id", "reason")),
    "enrollment.track.place_offered": (
        "place_offered",
        "participant_id",
        _of_track(*_WHO, "offer_id", "offered_at", "expires_at"),
    ),
    "enrollment.track.offer_accepted": _offer_closed("accepted"),
    "enrollment.track.offer_declined": _offer_closed("declined"),
    "enrollment.track.offer_expired": _offer_closed("expired"),
    "enrollment.track.offer_withdrawn": _offer_closed("withdrawn"),
}

DUES: Told = {
    "enrollment.follow_up.due_set": (
        "due_set",
        "participant_id",
        lambda event: {**fields(*_WHO, "kind", "due_at", "rule")(event), "role": event.data.get("role")},
    ),
    "enrollment.follow_up.due_met": ("due_met", "participant_id", fields(*_WHO, "kind", "met_at")),
    "enrollment.follow_up.due_missed": ("due_missed", "participant_id", fields(*_WHO, "kind", "due_at")),
    "enrollment.follow_up.due_escalated": (
        "due_escalated",
        "participant_id",
        fields(*_WHO, "kind", "due_at", "escalated_to"),
    ),
    "enrollment.follow_up.due_withdrawn": ("due_withdrawn", "participant_id", fields(*_WHO, "kind")),
    "enrollment.follow_up.plan_certified": (
        "plan_certified",
        "participant_id",
        lambda event: {**fields(*_WHO, "certified_at")(event), "plan_version": event.data.get("plan_version")},
    ),
    "enrollment.plan_of_care.reviewed": ("plan_reviewed", "participant_id", fields(*_WHO, "reviewed_at", "outcome")),
}
