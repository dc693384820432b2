"""Mid-week warnings: who cannot reach the week's minimum any more comes to a session in addition."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.world import Enrolled, World

MISSED = ("no_show", "excused", "cancelled_by_program")


def make_up(world: World, day: date) -> None:
    """In the evening: of those warned of whom a make-up would help, most come."""
    by_episode = {one.episode_id: one for one in world.people if one.present}
    warned = world.front_desk.get("/attendance/early-warnings", week=day.isoformat())["warnings"]
    for warning in sorted(warned, key=lambda one: _order(by_episode, one)):
        enrolled = by_episode.get(warning["episode_id"])
        if enrolled is None or not warning["make_ups"] or not _comes(world, enrolled, warning["week"]):
            continue
        rows = _of_week(world, enrolled, date.fromisoformat(warning["week"]))
        given_back = {row["session_id"] for row in rows}
        suits = (one for one in warning["make_ups"] if not given_back & {session["session_id"] for session in one})
        missed = _missed(enrolled, rows)
        for session, booking_id in zip(next(suits, ()), missed, strict=False):
            _book(world, enrolled, session["session_id"], booking_id)


def _book(world: World, enrolled: Enrolled, session_id: str, missed: str) -> None:
    who = {"participant_id": enrolled.participant_id, "episode_id": enrolled.episode_id}
    path = f"/scheduling/sessions/{session_id}/bookings"
    if world.attempt(world.front_desk, path, who | {"makes_up_for": missed}, what="make-ups") is not None:
        enrolled.made_up.add(missed)


def _of_week(world: World, enrolled: Enrolled, monday: date) -> list[dict[str, Any]]:
    """What came of their bookings, in order; also of those that they gave back: they cannot come then."""
    asked = {"from_date": monday.isoformat(), "through": (monday + timedelta(days=6)).isoformat()}
    path = f"/attendance/participants/{enrolled.participant_id}/attendance"
    rows = world.front_desk.get(path, **asked)["attendance"]
    return [row for row in rows if row["episode_id"] == enrolled.episode_id and row["status"] is not None]


def _missed(enrolled: Enrolled, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Bookings that were missed or cancelled and not made up for yet."""
    for row in rows:
        if row["status"] in MISSED and row["booking_id"] not in enrolled.made_up:
            yield str(row["booking_id"])


def _comes(world: World, enrolled: Enrolled, week: str) -> bool:
    return draw(world.seed, "makes up", enrolled.life.number, week).random() < p.MAKES_UP


def _order(by_episode: dict[str, Enrolled], warning: dict[str, Any]) -> tuple[int, str]:
    enrolled = by_episode.get(warning["episode_id"])
    return (enrolled.life.number if enrolled is not None else -1), warning["week"]
