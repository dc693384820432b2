"""What is asked about curricula: what a track teaches, who has completed it, and where what is missing is offered."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.follow.reading import Reader, Snapshot
from events.log.errors import NotFound
from services.platform.answering import FromViews
from services.platform.web import Query
from services.platform.who_is_who import WhoIsWho, all_ids, survivor
from services.scheduling.domain.curriculum import Curriculum
from services.scheduling.projections.curriculum import CURRICULA, CurriculumOfTrack
from services.scheduling.projections.sessions_between import SESSIONS, SessionsBetween
from services.scheduling.projections.topics_completed import COMPLETIONS, EPISODES, TopicsCompleted

OFFERED = 3
"""Of the sessions that offer a missing topic, so many are named."""

Row = Mapping[str, Any]


class Learning(FromViews):
    """Answers it. Topics count in the episode in which they were attended: a re-admission begins anew, and is told what
    was completed before. A transfer keeps them, since a code names the same topic on every track."""

    def __init__(self, reader: Reader, clock: Callable[[], datetime]) -> None:
        super().__init__(reader)
        self._clock = clock

    def curriculum(self, request: Query) -> Mapping[str, Any]:
        """A track's topics in order, each with those who completed it among the open episodes that were on the track.
        Raises ``NotFound`` where it has no curriculum."""
        snapshot = self._at(request, CurriculumOfTrack.name, TopicsCompleted.name, WhoIsWho.name)
        track_id = request["track_id"]
        curriculum = snapshot.one(CURRICULA, track_id)
        if curriculum is None:
            raise NotFound(Curriculum, track_id)
        still_open = snapshot.many(EPISODES, EPISODES.c.closed_at.is_(None))
        episodes = [row for row in still_open if str(track_id) in row["tracks"].values()]
        done: dict[str, list[Row]] = {}
        for row in _completions(snapshot, episodes):
            who = {"participant_id": survivor(snapshot, row["participant_id"])}
            done.setdefault(row["topic"], []).append({**_completed(row), "episode_id": row["episode_id"], **who})
        topics = [{**topic, "completed_by": done.get(topic["code"], [])} for topic in curriculum["topics"]]
        return {"position": snapshot.position, **curriculum, "topics": topics}

    def topics(self, request: Query) -> Mapping[str, Any]:
        """Of each episode of a person, under all their ids: the topics completed, and those that the present track's
        curriculum still has, with the next sessions that offer them and have a seat.
        By the rule ``topics_per_episode``."""
        names = (CurriculumOfTrack.name, TopicsCompleted.name, SessionsBetween.name, WhoIsWho.name)
        snapshot = self._at(request, *names)
        at = request["at"] or self._clock()
        ids = all_ids(snapshot, request["participant_id"])
        episodes = sorted(snapshot.many(EPISODES, EPISODES.c.participant_id.in_(ids)), key=_begun)
        done: dict[str, dict[str, Row]] = {}
        for row in _completions(snapshot, episodes):
            done.setdefault(str(row["episode_id"]), {})[row["topic"]] = row
        answers, before = [], dict[str, Row]()
        for episode in episodes:
            own = done.get(str(episode["episode_id"]), {})
            answers.append(_episode(snapshot, episode, own, before, at))
            before |= own
        return {"position": snapshot.position, "participant_id": ids[0], "episodes": answers}


def _episode(
    snapshot: Snapshot, episode: Row, own: Mapping[str, Row], before: Mapping[str, Row], at: datetime
) -> dict[str, Any]:
    track_id = _track(episode, at)
    curriculum = snapshot.one(CURRICULA, track_id) if track_id is not None else None
    taught: list[dict[str, Any]] = list(curriculum["topics"]) if curriculum else []
    missing = [topic for topic in taught if topic["code"] not in own]
    sought = [topic["code"] for topic in missing] if episode["closed_at"] is None else []
    offers = _offers(snapshot, track_id, sought, at)
    return {
        "episode_id": episode["episode_id"],
        "track_id": track_id,
        "edition": curriculum["edition"] if curriculum else None,
        "closed_at": episode["closed_at"],
        "completed": [_completed(row) for row in own.values()],
        "missing": [
            {
                **topic,
                "ready": own.keys() >= set(topic["requires"]),
                "completed_before": topic["code"] in before,
                "offered": offers.get(topic["code"], []),
            }
            for topic in missing
        ],
    }


def _offers(snapshot: Snapshot, track_id: str | None, codes: list[str], at: datetime) -> dict[str, list[Row]]:
    """Topic → the next of the track's sessions that teach it and have a free seat."""
    if not codes:
        return {}
    wanted = (
        SESSIONS.c.track_id == track_id,
        SESSIONS.c.topic_code.in_(codes),
        SESSIONS.c.starts_at > at,
        SESSIONS.c.cancelled.is_(False),
        SESSIONS.c.seats_taken < SESSIONS.c.seats,
    )
    found: dict[str, list[Row]] = {}
    for session in snapshot.many(SESSIONS, *wanted, order_by=SESSIONS.c.starts_at):
        offered = found.setdefault(session["topic_code"], [])
        if len(offered) < OFFERED:
            facts = {name: session[name] for name in ("session_id", "series_id", "starts_at", "local_date")}
            offered.append({**facts, "seats_free": session["seats"] - session["seats_taken"]})
    return found


def _completions(snapshot: Snapshot, episodes: Iterable[Row]) -> list[Row]:
    ids: list[UUID] = [episode["episode_id"] for episode in episodes]
    order = COMPLETIONS.c.completed_at
    return list(snapshot.many(COMPLETIONS, COMPLETIONS.c.episode_id.in_(ids), order_by=order)) if ids else []


def _completed(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("topic", "session_id", "completed_at")}


def _track(episode: Row, at: datetime) -> str | None:
    """Where the episode is then: on the track joined last, or the first one."""
    joined = sorted((datetime.fromisoformat(since), track_id) for since, track_id in episode["tracks"].items())
    past = [track_id for since, track_id in joined if since <= at] or [track_id for _, track_id in joined[:1]]
    return past[-1] if past else None


def _begun(episode: Row) -> tuple[str, str]:
    """Episodes in the order of their admissions."""
    return min(episode["tracks"], default=""), str(episode["episode_id"])
