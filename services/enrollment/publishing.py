"""Domain event → published events: the least personal data that does the job, person and numbers only sealed."""

from collections.abc import Iterable
from typing import Any

from events.log.event import Event
from events.transport.feed import Published
from services.enrollment.telling import DUES, PLACES, Told, fields, of_episode


def _track(event: Event) -> dict[str, Any]:
    return {"track_id": str(event.stream), **fields("name", "time_zone", "packs", "census_limit")(event)}


def _referral(event: Event) -> dict[str, Any]:
    return {
        "referral_id": str(event.stream),
        **fields("participant_id", "urgency", "from_level_of_care")(event),
    }


def _identifiers_only(event: Event) -> dict[str, Any]:
    return {**fields("participant_id", "identifiers")(event), "person": None}


def _recorded(event: Event) -> dict[str, Any]:
    names = ("participant_id", "episode_id", "authorization_id", "units", "from_date", "through_date", "status")
    limits = {name: event.data.get(name) for name in ("days_per_week", "level_of_care")}
    return {**fields(*names)(event), **limits}


_UNITS = ("participant_id", "episode_id", "authorization_id", "units", "units_left", "from_date", "through_date")

_SCORED = ("participant_id", "episode_id", "instrument", "occasion", "score", "band", "safety_trigger", "scored_at")


def _scored(event: Event) -> dict[str, Any]:
    return {
        **fields(*_SCORED)(event),
        "scales": event.data.get("scales"),
        "decided_by": list(event.data.get("decided_by", ())),
    }


_CONSENT = ("participant_id", "consent_id", "recipient", "scope", "purpose")


def _link(event: Event, surviving_id: str, retired_id: str) -> dict[str, Any]:
    ids = {"told_to": event.data["participant_id"], "surviving_id": surviving_id, "retired_id": retired_id}
    return {**ids, "revision": event.data.get("revision", 1)}


def _of_retired(event: Event) -> dict[str, Any]:
    return _link(event, event.data["surviving_id"], event.data["participant_id"])


def _of_survivor(event: Event) -> dict[str, Any]:
    return _link(event, event.data["participant_id"], event.data["retired_id"])


TOLD: Told = {
    **PLACES,
    **DUES,
    "enrollment.track.opened": ("track_opened", "track_id", _track),
    "enrollment.participant.registered": (
        "participant_registered",
        "participant_id",
        fields("participant_id", "identifiers", "person"),
    ),
    "enrollment.participant.person_updated": (
        "participant_identified",
        "participant_id",
        fields("participant_id", "identifiers", "person"),
    ),
    "enrollment.participant.identifiers_added": ("participant_identified", "participant_id", _identifiers_only),
    "enrollment.care_record.merged_into_survivor": ("participants_merged", "told_to", _of_retired),
    "enrollment.care_record.alias_joined": ("participants_merged", "told_to", _of_survivor),
    "enrollment.care_record.separated_from_survivor": ("participants_unmerged", "told_to", _of_retired),
    "enrollment.care_record.alias_separated": ("participants_unmerged", "told_to", _of_survivor),
    "enrollment.referral.participant_referred": ("participant_referred", "participant_id", _referral),
    "enrollment.episode.participant_waitlisted": (
        "participant_waitlisted",
        "participant_id",
        of_episode("track_id", "priority"),
    ),
    "enrollment.episode.participant_admitted": (
        "participant_admitted",
        "participant_id",
        of_episode(
            "track_id",
            "level_of_care",
            "age_group",
            "admitted_at",
            "admitted_on",
            "time_zone",
            "packs",
            "components",
        ),
    ),
    "enrollment.episode.suspended": (
        "episode_suspended",
        "participant_id",
        of_episode("suspension_id", "reason", "suspended_at"),
    ),
    "enrollment.episode.resumed": ("episode_resumed", "participant_id", of_episode("suspension_id", "resumed_at")),
    "enrollment.episode.suspension_cancelled": (
        "suspension_cancelled",
        "participant_id",
        of_episode("suspension_id"),
    ),
    "enrollment.episode.resumption_cancelled": (
        "resumption_cancelled",
        "participant_id",
        of_episode("suspension_id"),
    ),
    "enrollment.episode.participant_transferred": (
        "participant_transferred",
        "participant_id",
        of_episode(
            "kind",
            "from_track_id",
            "track_id",
            "level_of_care",
            "age_group",
            "time_zone",
            "packs",
            "components",
            "effective_at",
        ),
    ),
    "enrollment.episode.participant_discharged": (
        "participant_discharged",
        "participant_id",
        of_episode("track_id", "discharged_at", "discharged_on", "reason", "to_level_of_care"),
    ),
    "enrollment.consent.given": ("consent_given", "participant_id", fields(*_CONSENT, "expires_on", "given_at")),
    "enrollment.consent.revoked": ("consent_revoked", "participant_id", fields(*_CONSENT, "revoked_at")),
    "enrollment.consent.expired": ("consent_expired", "participant_id", fields(*_CONSENT, "expires_on")),
    "enrollment.coverage.authorization_recorded": ("authorization_recorded", "participant_id", _recorded),
    "enrollment.coverage.authorization_ran_low": (
        "authorization_running_low",
        "participant_id",
        fields(*_UNITS),
    ),
    "enrollment.coverage.authorization_exhausted": (
        "authorization_exhausted",
        "participant_id",
        fields(*_UNITS),
    ),
    "enrollment.follow_up.instrument_scored": (
        "instrument_scored",
        "participant_id",
        _scored,
    ),
}
"""Stored type → published name, its key field, and what is told."""


def publish(event: Event) -> Iterable[Published]:
    """What the others are told of an own event; most they need not know."""
    told = TOLD.get(event.type)
    if told is not None:
        name, key, shape = told
        data = shape(event)
        yield Published(f"enrollment.{name}.v1", str(data[key]), data)
