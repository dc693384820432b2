"""Curricula, by command: adopted for a track, and taught in a series in their order."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.scheduling.domain.curriculum import PSYCHOEDUCATION_HAS_THE_CURRICULUM, Curriculum, Topic
from services.scheduling.domain.curriculum_commands import AdoptCurriculum, PlanTopics
from services.scheduling.domain.errors import CurriculumNotAdopted
from services.scheduling.domain.identity import curriculum_id, session_id
from services.scheduling.domain.recurrence import zone
from services.scheduling.domain.series import Series
from services.scheduling.domain.session import Session


def adopt_curriculum(unit: Unit, command: AdoptCurriculum) -> Mapping[str, Any]:
    """Its first edition, or the next. Raises what ``check_topics`` does, or ``EditionAlreadyAdopted``."""
    curriculum = unit.find(Curriculum, curriculum_id(command.track_id))
    if curriculum is None:
        unit.add(Curriculum.adopt(command.track_id, command.edition, command.topics, unit.context.at))
    else:
        curriculum.adopt_edition(command.edition, command.topics, unit.context.at)
    return {"track_id": command.track_id, "edition": command.edition, "topics": len(command.topics)}


def topic_of(unit: Unit, track_id: UUID, component: str, code: str) -> Topic:
    """Raises ``TopicsBelongToPsychoeducation``, ``CurriculumNotAdopted`` or ``TopicUnknown``."""
    PSYCHOEDUCATION_HAS_THE_CURRICULUM.check(component)
    return _curriculum(unit, track_id).topic(code)


def plan_topics(unit: Unit, command: PlanTopics) -> Mapping[str, Any]:
    """In order of start, wherever they were moved; what has begun or was cancelled is passed over. After the last topic
    comes the first again. Raises ``TopicsBelongToPsychoeducation``, ``CurriculumNotAdopted`` or ``TopicUnknown``.
    By the rule ``curriculum_in_order``."""
    at = unit.context.at
    series = unit.get(Series, command.series_id)
    PSYCHOEDUCATION_HAS_THE_CURRICULUM.check(series.component)
    topics = _curriculum(unit, series.track_id).in_order(command.first)
    from_date = command.from_date or at.astimezone(zone(series.recurrence.time_zone)).date()
    found = (
        unit.find(Session, session_id(series.id, occurrence.local_date))
        for occurrence in series.scheduled_from(from_date)
    )
    coming = [one for one in found if one is not None and not one.cancelled and at < one.starts_at]
    planned = []
    for session, topic in zip(sorted(coming, key=lambda one: one.starts_at), topics, strict=False):
        session.alter(replace(session.setting, topic=topic.title, topic_code=topic.code), at)
        planned.append({"session_id": session.id, "local_date": session.local_date, "topic": topic.code})
    return {"series_id": series.id, "planned": planned}


def _curriculum(unit: Unit, track_id: UUID) -> Curriculum:
    curriculum = unit.find(Curriculum, curriculum_id(track_id))
    if curriculum is None:
        raise CurriculumNotAdopted("the track has no curriculum; PUT /scheduling/tracks/ID/curriculum adopts one")
    return curriculum
