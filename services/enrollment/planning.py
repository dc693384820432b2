"""Decisions about the plan of care: written, certified by a prescriber, reviewed, its goals met."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from events.log.commands import Unit
from services.enrollment import measuring
from services.enrollment.desk import Desk
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.errors import (
    AlreadyDischarged,
    NotForThisCredential,
    PlanBelowWeeklyHours,
    PlanOfCareChanged,
    PlanOfCareMissing,
    UnknownComponent,
)
from services.enrollment.domain.follow_up import CERTIFICATION, PLAN_REVIEW, FollowUp
from services.enrollment.domain.identity import follow_up_id, plan_of_care_id
from services.enrollment.domain.plan import COMPONENTS
from services.enrollment.domain.plan_of_care import DISCHARGE_PLANNED, PlanOfCare
from services.enrollment.domain.plan_of_care_commands import CertifyPlan, MeetGoal, ReviewPlanOfCare, WritePlanOfCare
from services.enrollment.domain.planned_care import PlannedService
from services.enrollment.dues import falls_due, in_force

Decision = Mapping[str, Any]


def write_plan_of_care(desk: Desk, unit: Unit, command: WritePlanOfCare) -> Decision:
    """Also while the participant waits for a place."""
    episode, at, by = unit.get(Episode, command.episode_id), unit.context.at, unit.context.actor
    if episode.over:
        raise AlreadyDischarged("the episode is over; a re-admission is a new episode with a plan of its own")
    _check_components(command.services)
    plan = unit.find(PlanOfCare, plan_of_care_id(episode.id))
    if plan is None:
        plan = unit.add(
            PlanOfCare.write(
                episode.id,
                episode.participant_id,
                diagnoses=command.diagnoses,
                services=command.services,
                by=by,
                at=at,
            )
        )
    else:
        plan.rewrite(command.diagnoses, command.services, by, at)
    named = [(one.goal_id or _goal_id(unit, number), one) for number, one in enumerate(command.goals)]
    plan.set_goals(named, at)
    return {"episode_id": episode.id, "plan_version": plan.plan_version, "goal_ids": [goal_id for goal_id, _ in named]}


def meet_goal(desk: Desk, unit: Unit, command: MeetGoal) -> Decision:
    _plan(unit, command.episode_id).meet_goal(command.goal_id, unit.context.at)
    return {"episode_id": command.episode_id, "goal_id": command.goal_id}


def review_plan_of_care(desk: Desk, unit: Unit, command: ReviewPlanOfCare) -> Decision:
    """Meets what is due, and the next review falls due as the packs in force say."""
    episode = unit.get(Episode, command.episode_id)
    episode.refuse_unless_admitted()
    plan = _plan(unit, episode.id)
    plan.review(command.outcome, command.note, unit.context.actor, unit.context.at)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    follow_up.meet_due(PLAN_REVIEW, unit.context.at)
    next_due = falls_due(desk, unit, episode, follow_up, PLAN_REVIEW)
    measuring.reviewed(desk, unit, episode, follow_up)
    measuring.discharge_decided(desk, unit, episode, follow_up, command.outcome == DISCHARGE_PLANNED)
    return {"episode_id": episode.id, "plan_version": plan.plan_version, "next_due_at": next_due}


def certify_plan(desk: Desk, unit: Unit, command: CertifyPlan) -> Decision:
    """A certification, or a recertification of what was certified before: the next one falls due from now."""
    episode = unit.get(Episode, command.episode_id)
    episode.refuse_unless_admitted()
    plan = _plan(unit, episode.id)
    if command.plan_version not in (None, plan.plan_version):
        raise PlanOfCareChanged(f"the plan is at version {plan.plan_version}; read it and certify that one")
    _check_credential(desk, unit, episode, command.credential)
    _check_hours(desk, unit, episode, plan)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    follow_up.certify(unit.context.actor, plan.plan_version, unit.context.at, command.credential)
    follow_up.meet_due(CERTIFICATION, unit.context.at)
    next_due = falls_due(desk, unit, episode, follow_up, CERTIFICATION)
    return {"episode_id": episode.id, "plan_version": plan.plan_version, "next_due_at": next_due}


def _plan(unit: Unit, episode_id: UUID) -> PlanOfCare:
    plan = unit.find(PlanOfCare, plan_of_care_id(episode_id))
    if plan is None:
        raise PlanOfCareMissing("the episode has no plan of care yet; PUT its plan-of-care first")
    return plan


def _goal_id(unit: Unit, number: int) -> UUID:
    return uuid5(unit.context.command_id, f"goal/{number}")


def _check_components(services: tuple[PlannedService, ...]) -> None:
    unknown = sorted({one.component for one in services} - set(COMPONENTS))
    if unknown:
        raise UnknownComponent(f"{', '.join(unknown)}: choose from {', '.join(COMPONENTS)}")


def _check_credential(desk: Desk, unit: Unit, episode: Episode, credential: str | None) -> None:
    """The rule ``certified_by_a_physician``. Raises ``NotForThisCredential``."""
    rule = in_force(desk, episode, unit.context.at).rule("certification.credentials", episode.plan.age_group)
    if credential is not None and rule is not None and credential not in rule.value:
        raise NotForThisCredential(f"{rule.pack} asks for {' or '.join(sorted(rule.value))}; have one of them certify")


def _check_hours(desk: Desk, unit: Unit, episode: Episode, plan: PlanOfCare) -> None:
    """CMS-1786-FC: the physician certifies a need of at least nine hours a week; packs say how many and what counts."""
    packs, age_group = in_force(desk, episode, unit.context.at), episode.plan.age_group
    minimum = packs.rule("week.minimum_hours", age_group)
    if minimum is None:
        return
    counting = packs.value("week.counted_components", age_group, default=COMPONENTS)
    hours = Decimal(sum(one.weekly_minutes for one in plan.services if one.component in counting)) / 60
    if hours < minimum.value:
        raise PlanBelowWeeklyHours(
            f"the plan's services that count make {hours:.1f} hours a week, {minimum.pack} asks for {minimum.value}; "
            "plan more, or step down"
        )
