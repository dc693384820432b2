"""What attendance tells about sessions with a topic of the curriculum, and what a participant has completed by it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.domain.curriculum_commands import JudgeTopicsAgain, NoteAttendance
from services.scheduling.domain.episode_topics import Attended, EpisodeTopics, TopicShare
from services.scheduling.domain.identity import episode_topics_id, unjudged_topics_id
from services.scheduling.domain.known import Track
from services.scheduling.domain.rulebook import RuleBook
from services.scheduling.domain.session import Session
from services.scheduling.domain.unjudged_topics import UnjudgedTopics


def note_attendance(unit: Unit, command: NoteAttendance, rules: RuleBook) -> Mapping[str, Any]:
    """By the packs of the session's track in force on its day; it is kept until the track is told."""
    at = unit.context.at
    session = unit.find(Session, command.session_id)
    if session is None or session.topic_code is None:
        return {"topic": None}
    topics = unit.find(EpisodeTopics, episode_topics_id(command.episode_id))
    if topics is None:
        topics = unit.add(EpisodeTopics.begin(command.participant_id, command.episode_id, at))
    share = _share(unit, session, rules)
    attended = Attended(
        session.id, session.topic_code, session.starts_at, session.ends_at, command.status, command.minutes
    )
    topics.note(command.booking_id, attended, share, at)
    if share is None:
        _wait(unit, session.track_id, command.episode_id)
    return {"topic": session.topic_code}


def judge_topics_again(unit: Unit, command: JudgeTopicsAgain, rules: RuleBook) -> Mapping[str, Any]:
    """What waited for the track is judged, once it is told."""
    waiting = unit.find(UnjudgedTopics, unjudged_topics_id(command.track_id))
    if waiting is None or unit.find(Track, command.track_id) is None:
        return {"judged": 0}
    judged = 0
    for episode_id in waiting.episodes:
        topics = unit.get(EpisodeTopics, episode_topics_id(episode_id))
        for booking_id, attended in topics.unjudged().items():
            session = unit.get(Session, attended.session_id)
            if session.track_id == command.track_id:
                topics.note(booking_id, attended, _share(unit, session, rules), unit.context.at)
                judged += 1
    return {"judged": judged}


def _share(unit: Unit, session: Session, rules: RuleBook) -> TopicShare | None:
    track = unit.find(Track, session.track_id)
    return rules.topic_share(track.packs, session.local_date) if track is not None else None


def _wait(unit: Unit, track_id: UUID, episode_id: UUID) -> None:
    waiting = unit.find(UnjudgedTopics, unjudged_topics_id(track_id))
    if waiting is None:
        unit.add(UnjudgedTopics.open(track_id, episode_id, unit.context.at))
    else:
        waiting.note(episode_id, unit.context.at)
