"""The evening before, sessions are cancelled, given to somebody else, or moved, as the model says."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.cli.simulator.model.incidents import CANCELLED, MOVED, SUBSTITUTED, incident
from services.cli.simulator.model.timetable import ZONE
from services.cli.simulator.world import Group, World

CHANGED = ("group_therapy", "psychoeducation")
"""Components of which something is changed."""

LATER = timedelta(minutes=20)
"""By how much a session is moved."""


def change_sessions(world: World, day: date) -> None:
    """What happens to the sessions of a day."""
    groups = {series: group for group in world.groups for series in group.together}
    asked = {"from": day.isoformat(), "through": day.isoformat()}
    for session in world.front_desk.get("/scheduling/sessions", **asked)["sessions"]:
        group = groups.get(session["series_id"])
        if group is not None and session["component"] in CHANGED:
            _change(world, group, session, incident(world.seed, group.label, session["title"], day), day)


def _change(world: World, group: Group, session: dict[str, Any], what: str | None, day: date) -> None:
    path = f"/scheduling/sessions/{session['session_id']}"
    if what == CANCELLED:
        body: dict[str, Any] = {"reason": "facilitator_ill"}
        world.attempt(world.coordinator, f"{path}/cancellation", body, what="sessions cancelled")
    elif what == SUBSTITUTED and session["component"] == "group_therapy":
        body = {"leaving": group.leaders["Therapist A"], "coming": group.leaders["Therapist B"]}
        world.attempt(world.coordinator, f"{path}/substitution", body, what="sessions substituted")
    elif what == MOVED:
        body = {"local_date": day.isoformat(), "starts_at": _later(session["starts_at"]).isoformat()}
        if world.attempt(world.coordinator, f"{path}/move", body, what="sessions moved") is None:
            override = {"override": "agreed_with_participants"}
            world.attempt(world.coordinator, f"{path}/move", body | override, what="sessions moved by override")


def _later(starts_at: str) -> time:
    local = datetime.fromisoformat(starts_at).astimezone(ZoneInfo(ZONE))
    return (local + LATER).time()
