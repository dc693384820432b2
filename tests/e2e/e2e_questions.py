"""Every question that any service answers, put to a house about everybody and everything in it."""

from collections.abc import Iterable, Iterator
from typing import Any

from e2e_house import Client, House

from services.cli.client import Refusal
from services.platform.web import Route, routes

Question = tuple[str, str, dict[str, str]]
"""Service, path, parameters."""

DAYS = ("2026-03-02", "2026-03-04")
PARAMETERS = {
    "attendance_due": [{"at": f"{day}T12:00:00Z"} for day in DAYS],
    "early_warnings": [{"at": f"{day}T12:00:00Z"} for day in DAYS],
    "disclosure": [
        {"recipient": "riverside", "scope": "attendance", "purpose": "treatment", "at": f"{day}T12:00:00Z"}
        for day in DAYS
    ],
    "weekly_hours": [{"week": day} for day in DAYS],
    "facilitators_day": [{"date": day} for day in DAYS],
    "rooms_day": [{"date": day} for day in DAYS],
    "topics": [{"at": f"{day}T12:00:00Z"} for day in DAYS],
    "coordinator_requests": [{"state": state} for state in ("open", "met", "closed")],
    **{f"{whose}_calendar": [{"back": "400", "ahead": "400"}] for whose in ("participants", "facilitators", "rooms")},
    "messages": [{"limit": "1000"}],
    "notices": [{"limit": "1000"}],
}
"""Where a question needs more than its path, or would otherwise ask about today."""


def queries(house: House) -> list[tuple[str, Route]]:
    """Every query of every service."""
    return [
        (name, route)
        for name, service in house.services.items()
        for route in routes(service.definition.shell)
        if route.kind == "query"
    ]


def questions(house: House, client: Client, participants: Iterable[str]) -> list[Question]:
    """Every query about everything it can be asked about: as many as there are by now, at most a few of each."""
    known = _known(client, participants)
    found: list[Question] = []
    for service, route in queries(house):
        for path in _paths(route.template, list(route.path_fields), known):
            found += [(service, path, params) for params in PARAMETERS.get(route.name, [{}])]
    return found


def ask(client: Client, question: Question, **beside: Any) -> dict[str, Any]:
    """The answer; that there is none (yet) is an answer too."""
    _, path, params = question
    try:
        return client.get(path, **params, **beside)
    except Refusal as refusal:
        assert refusal.status == 404, refusal
        return {"nothing": refusal.kind}


def some_bookings(client: Client, participant_id: str) -> list[dict[str, Any]]:
    """All bookings of a participant."""
    found: list[dict[str, Any]] = client.get(f"/scheduling/participants/{participant_id}/bookings")["bookings"]
    return found


def _known(client: Client, participants: Iterable[str]) -> dict[str, list[str]]:
    def some(path: str, listed: str, field: str, **params: str) -> list[str]:
        return [one[field] for one in client.get(path, **params)[listed]][:4]

    participants = list(participants)
    held = [booked for one in participants for booked in some_bookings(client, one)]
    return {
        "participant_id": participants,
        "booking_id": [one["booking_id"] for one in held][:4],
        "episode_id": sorted({one["episode_id"] for one in held})[:4],
        "track_id": some("/enrollment/tracks", "tracks", "track_id"),
        "session_id": some("/scheduling/sessions", "sessions", "session_id"),
        "series_id": some("/scheduling/series", "series", "series_id"),
        "facilitator_id": some("/scheduling/facilitators", "facilitators", "facilitator_id"),
        "code": some("/scheduling/rooms", "rooms", "code"),
        "message_id": some("/interop/messages", "messages", "message_id", limit="1000"),
    }


def _paths(template: str, fields: list[str], known: dict[str, list[str]]) -> Iterator[str]:
    if not fields:
        yield template
        return
    first, *more = fields
    for value in known[first]:
        yield from _paths(template.replace(f"{{{first}}}", value), more, known)
