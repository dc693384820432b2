"""Decisions about leaving: discharge reviews that absences ask for, and the discharge."""

from collections.abc import Iterator, Mapping
from typing import Any

from events.log.commands import Unit
from services.enrollment import measuring
from services.enrollment.desk import Desk
from services.enrollment.domain.commands import DischargeParticipant, FollowAbsenceStep, ReviewDischarge
from services.enrollment.domain.episode import PLANNED_DISCHARGES, Episode
from services.enrollment.domain.errors import DischargeIncomplete, OverrideNeedsReason
from services.enrollment.domain.follow_up import DISCHARGE_REVIEW, REVIEWED_TO_DISCHARGE, FollowUp
from services.enrollment.domain.identity import follow_up_id
from services.enrollment.domain.instruments import DISCHARGE
from services.enrollment.dues import falls_due, in_force
from services.enrollment.placing import end
from services.platform.packs import PackSet

Decision = Mapping[str, Any]


def follow_absence_step(desk: Desk, unit: Unit, command: FollowAbsenceStep) -> Decision:
    """Programs' published policies: repeated absences lead to a discharge review, by a coordinator."""
    follow_up = unit.get(FollowUp, follow_up_id(command.episode_id))
    if not command.reached:
        follow_up.reverse_discharge_review(command.policy, unit.context.at)
    else:
        news = follow_up.ask_discharge_review(command.policy, command.reached_at, unit.context.at)
        if news and DISCHARGE_REVIEW not in follow_up.dues:
            falls_due(desk, unit, unit.get(Episode, command.episode_id), follow_up, DISCHARGE_REVIEW)
    return {"episode_id": command.episode_id, "policies": sorted(follow_up.absence_policies)}


def review_discharge(desk: Desk, unit: Unit, command: ReviewDischarge) -> Decision:
    follow_up = unit.get(FollowUp, follow_up_id(command.episode_id))
    follow_up.review_discharge(command.outcome, command.note, unit.context.actor, unit.context.at)
    episode = unit.get(Episode, command.episode_id)
    measuring.discharge_decided(desk, unit, episode, follow_up, command.outcome == REVIEWED_TO_DISCHARGE)
    return {"episode_id": command.episode_id, "outcome": command.outcome}


def discharge_participant(desk: Desk, unit: Unit, command: DischargeParticipant) -> Decision:
    """With reason, plan and last scores; a planned one needs what the packs in force ask for, or a reason why not."""
    episode, at = unit.get(Episode, command.episode_id), unit.context.at
    episode.refuse_unless_admitted()
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    if command.override_reason is not None and not command.override_reason.strip():
        raise OverrideNeedsReason("whoever discharges without what the packs ask for says why")
    if command.reason in PLANNED_DISCHARGES and command.override_reason is None:
        missing = list(_missing(in_force(desk, episode, at), episode, follow_up, command.plan))
        if missing:
            raise DischargeIncomplete(f"{'; '.join(missing)}; or give an override_reason")
    episode.discharge(
        reason=command.reason,
        plan_after=command.plan,
        to_level_of_care=command.to_level_of_care,
        last_scores=follow_up.last_scores,
        since=command.since or at,
        at=at,
        override_reason=command.override_reason,
    )
    return end(desk, unit, episode)


def _missing(packs: PackSet, episode: Episode, follow_up: FollowUp, plan: str | None) -> Iterator[str]:
    """What a planned discharge lacks, each with the pack that asks for it."""
    measuring = packs.rule("reassessment.optional_before_discharge", episode.plan.age_group)
    if measuring is not None and not measuring.value and not follow_up.measured_on(DISCHARGE):
        yield f"{measuring.pack} asks for a score of occasion discharge"
    planning = packs.rule("discharge.plan_optional", episode.plan.age_group)
    if planning is not None and not planning.value and not (plan or "").strip():
        yield f"{planning.pack} asks for a plan of what comes after"
