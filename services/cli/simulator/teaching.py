"""Psychoeducation as a curriculum: adopted by each track, taught topic by topic, caught up with in another group."""

from datetime import date, timedelta

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.curriculum import SECOND_EDITION_AFTER_WEEKS, edition
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.timetable import together
from services.cli.simulator.world import Enrolled, World

LAST_WEEKS = 3
"""So many weeks before the end of a course somebody looks at which topics are missing."""


def adopt(world: World, week: int) -> None:
    """The edition of that week, on every track."""
    name, topics = edition(week)
    for track in world.tracks:
        path = f"/scheduling/tracks/{track}/curriculum"
        body = {"edition": name, "topics": topics}
        world.attempt(world.coordinator, path, body, method="PUT", what="curricula adopted")


def plan_topics(world: World) -> None:
    """The sessions scheduled last get their topics, from where those before them ended."""
    for group in world.groups:
        skills = group.together[_place_of_skills(world, group.track)]
        begins = max(group.topics_through + timedelta(days=1), world.program.first_day)
        body = {"from": begins.isoformat()} | ({"first": group.next_topic} if group.next_topic else {})
        path = f"/scheduling/series/{skills}/topics"
        planned = world.attempt(world.coordinator, path, body, what="topics planned")
        group.topics_through = world.planned_through
        if planned is not None and planned["planned"]:
            group.next_topic = _after(world, planned["planned"][-1]["topic"])


def catch_up(world: World, day: date) -> None:
    """On Mondays: who is near the end of their course and lacks a topic goes to a session that teaches it."""
    if day.weekday() != 0:
        return
    for enrolled in world.present():
        left = enrolled.life.stay_weeks - enrolled.weeks(day)
        if LAST_WEEKS - 1 <= left < LAST_WEEKS and _wants_to(world, enrolled):
            _catch_up(world, enrolled)


def _catch_up(world: World, enrolled: Enrolled) -> None:
    """One topic, the first that is offered."""
    path = f"/scheduling/participants/{enrolled.participant_id}/topics"
    for episode in world.front_desk.get(path)["episodes"]:
        if episode["episode_id"] != enrolled.episode_id:
            continue
        offered = [one for topic in episode["missing"] if topic["ready"] for one in topic["offered"]]
        if offered:
            path = f"/scheduling/sessions/{offered[0]['session_id']}/bookings"
            body = {"participant_id": enrolled.participant_id, "episode_id": enrolled.episode_id}
            world.attempt(world.front_desk, path, body, what="topics caught up with")


def _wants_to(world: World, enrolled: Enrolled) -> bool:
    return draw(world.seed, "catches up", enrolled.life.number, enrolled.episodes).random() < p.CATCHES_UP


def _place_of_skills(world: World, track: int) -> int:
    components = [one.component for one in together(world.program.kind(track), 1)]
    return components.index("psychoeducation")


def _after(world: World, topic: str) -> str:
    """The next topic of the edition in which the next sessions are planned."""
    week = (world.planned_through - world.program.first_day).days // 7
    _, topics = edition(SECOND_EDITION_AFTER_WEEKS if week >= SECOND_EDITION_AFTER_WEEKS else 0)
    codes = [one["code"] for one in topics]
    return str(codes[(codes.index(topic) + 1) % len(codes)])
