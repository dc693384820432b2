"""What falls due in an episode, as the rule packs in force say; and what comes of it when it is not done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment.desk import Desk
from services.enrollment.domain.commands import EscalateDue, NoteDueMissed
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.follow_up import (
    AUTHORIZATION,
    CERTIFICATION,
    DISCHARGE_INSTRUMENT,
    DISCHARGE_REVIEW,
    INSTRUMENT,
    PLAN_REVIEW,
    REASSESSMENT,
    RESPONSIBLE,
    REVIEW_INSTRUMENT,
    FollowUp,
)
from services.enrollment.domain.identity import follow_up_id
from services.platform.packs import PackSet, Rule

Decision = Mapping[str, Any]

DUE_DAYS = {
    REASSESSMENT: "reassessment.days_after_admission",
    INSTRUMENT: "reassessment.days_after_admission",
    CERTIFICATION: "certification.days",
    PLAN_REVIEW: "plan_review.days",
    DISCHARGE_REVIEW: "absence.discharge_review_days",
    AUTHORIZATION: "authorization.renewal_days",
    REVIEW_INSTRUMENT: "plan_review.days",
    DISCHARGE_INSTRUMENT: "reassessment.days_before_discharge",
}
"""What falls due in an episode → the rule packs' parameter that says after how many days."""

FIRST_CERTIFICATION = "certification.first_days"
"""Until the first certification; packs that are silent about it ask for the first as for the next ones."""

ESCALATION_DAYS = "escalation.days"
ESCALATES_TO = {
    "prescriber": "escalation.from_prescriber",
    "therapist": "escalation.from_therapist",
    "coordinator": "escalation.from_coordinator",
}
"""The rule packs' parameters that say after how many days overdue which role is told next, by the role responsible."""


def in_force(desk: Desk, episode: Episode, at: datetime) -> PackSet:
    """The editions of the episode's packs that hold on the local day."""
    return desk.packs.in_force(episode.plan.packs, at.astimezone(ZoneInfo(episode.plan.time_zone)).date())


def falls_due(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, kind: str) -> datetime | None:
    """From now so many days as the packs say, with its escalation; nothing falls due where none speaks."""
    said = _said(desk, unit, episode, follow_up, kind)
    if said is None:
        return None
    set_due(desk, unit, episode, follow_up, kind, *said)
    return said[0]


def falls_due_earlier(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, kind: str) -> None:
    """Other packs hold from now on: what they say holds where it is sooner than what was due."""
    said = _said(desk, unit, episode, follow_up, kind)
    if said is not None and (kind not in follow_up.dues or said[0] < follow_up.dues[kind]):
        set_due(desk, unit, episode, follow_up, kind, *said)


def set_due(
    desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, kind: str, due_at: datetime, rule: str
) -> None:
    """At a time that something else than a number of days says."""
    packs = in_force(desk, episode, unit.context.at)
    days = packs.rule(ESCALATION_DAYS, episode.plan.age_group)
    to = packs.rule(ESCALATES_TO[RESPONSIBLE[kind]], episode.plan.age_group)
    escalation = None if days is None or to is None else (due_at + timedelta(days=int(days.value)), str(to.value))
    follow_up.set_due(kind, due_at, rule, unit.context.at, escalation)


def days_rule(packs: PackSet, kind: str, age_group: str, *, certified: bool) -> Rule | None:
    """After how many days it falls due: the rule ``certified_upon_admission`` for the first certification."""
    first = packs.rule(FIRST_CERTIFICATION, age_group) if kind == CERTIFICATION and not certified else None
    return first or packs.rule(DUE_DAYS[kind], age_group)


def _said(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, kind: str) -> tuple[datetime, str] | None:
    """When it falls due counted from now, and which rule of which pack says so."""
    at = unit.context.at
    rule = days_rule(in_force(desk, episode, at), kind, episode.plan.age_group, certified=follow_up.certified)
    return None if rule is None else (at + timedelta(days=int(rule.value)), rule.cited)


def note_due_missed(desk: Desk, unit: Unit, command: NoteDueMissed) -> Decision:
    follow_up = unit.get(FollowUp, follow_up_id(command.episode_id))
    missed = follow_up.miss_due(command.kind, command.due_at, unit.context.at)
    return {"episode_id": command.episode_id, "missed": missed}


def escalate_due(desk: Desk, unit: Unit, command: EscalateDue) -> Decision:
    follow_up = unit.get(FollowUp, follow_up_id(command.episode_id))
    escalated = follow_up.escalate_due(command.kind, command.due_at, command.escalate_to, unit.context.at)
    return {"episode_id": command.episode_id, "escalated": escalated}
