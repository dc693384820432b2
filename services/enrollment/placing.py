"""Decisions about places: census limits, transfers, offers and their answers; what an end sets free."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.enrollment.desk import Desk, care_record, follow_hospital, root
from services.enrollment.domain.assessment import LevelOfCareAssessment
from services.enrollment.domain.commands import (
    AcceptOffer,
    ChangeCensusLimit,
    DeclineOffer,
    ExpireOffer,
    LeaveWaitlist,
    TransferParticipant,
)
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.errors import (
    AssessmentDoesNotSupportAdmission,
    AssessmentOfAnother,
    UnknownRulePack,
)
from services.enrollment.domain.follow_up import FollowUp
from services.enrollment.domain.identity import follow_up_id
from services.enrollment.domain.plan import Plan
from services.enrollment.domain.track import Track
from services.enrollment.filling import Filled, fill, take_effect, waited_for

Decision = Mapping[str, Any]


def change_census_limit(desk: Desk, unit: Unit, command: ChangeCensusLimit) -> Decision:
    track = unit.get(Track, command.track_id)
    track.change_limit(command.census_limit, unit.context.at)
    return {"track_id": track.id, **fill(desk, unit, track).answer()}


def transfer_participant(desk: Desk, unit: Unit, command: TransferParticipant) -> Decision:
    """Takes a place in the new track and frees the old one in this same decision, or waits where the track is full."""
    at = unit.context.at
    episode, track = unit.get(Episode, command.episode_id), unit.get(Track, command.track_id)
    episode.ask_transfer(command.kind, _plan_there(desk, unit, command, episode, track), command.reason, at)
    answer = {"participant_id": episode.participant_id, "episode_id": episode.id}
    if track.take_place(episode.id, episode.participant_id, at):
        left = take_effect(desk, unit, episode)
        return {**answer, "outcome": "transferred", **fill(desk, unit, *left).answer()}
    track.join_waitlist(episode.id, episode.participant_id, command.priority, at)
    filled = fill(desk, unit, track)
    outcome = "transferred" if episode.id in filled.promoted else "waitlisted"
    return {**answer, "outcome": outcome, **filled.answer()}


def accept_offer(desk: Desk, unit: Unit, command: AcceptOffer) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    waited_for(unit, episode).accept(episode.id, unit.context.at)
    left = take_effect(desk, unit, episode)
    return {"episode_id": episode.id, "outcome": "admitted", **fill(desk, unit, *left).answer()}


def decline_offer(desk: Desk, unit: Unit, command: DeclineOffer) -> Decision:
    track = waited_for(unit, unit.get(Episode, command.episode_id))
    track.decline(command.episode_id, command.reason, unit.context.at)
    return {"episode_id": command.episode_id, **fill(desk, unit, track).answer()}


def expire_offer(desk: Desk, unit: Unit, command: ExpireOffer) -> Decision:
    track = unit.get(Track, command.track_id)
    expired = track.expire(command.offer_id, command.episode_id, unit.context.at)
    filled = fill(desk, unit, track) if expired else Filled()
    return {"episode_id": command.episode_id, "expired": expired, **filled.answer()}


def leave_waitlist(desk: Desk, unit: Unit, command: LeaveWaitlist) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    if episode.transfer is None:
        episode.leave_waitlist(command.reason, unit.context.at)
        return end(desk, unit, episode)
    track = waited_for(unit, episode)
    episode.withdraw_transfer(command.reason, unit.context.at)
    track.leave(episode.id, unit.context.at)
    return {"episode_id": episode.id, **fill(desk, unit, track).answer()}


def end(desk: Desk, unit: Unit, episode: Episode) -> Decision:
    """The episode is over: its place, and the one it waited for, go to who is next, in this same decision."""
    at = unit.context.at
    care_record(unit, episode.participant_id).end_episode(episode.id, at)
    unit.get(FollowUp, follow_up_id(episode.id)).end(at)
    follow_hospital(unit, episode.participant_id)
    tracks = [unit.get(Track, episode.plan.track_id)]
    if episode.transfer is not None:
        tracks.append(waited_for(unit, episode))
        episode.withdraw_transfer("episode_over", at)
    for track in tracks:
        track.leave(episode.id, at)
    return {"episode_id": episode.id, **fill(desk, unit, *tracks).answer()}


def check_packs(desk: Desk, packs: Iterable[str]) -> None:
    """Raises ``UnknownRulePack``."""
    unknown = [pack for pack in packs if pack not in desk.packs.names]
    if unknown:
        raise UnknownRulePack(f"{', '.join(unknown)}: choose from {', '.join(desk.packs.names)}")


def assessment_for(unit: Unit, assessment_id: UUID | None, participant_id: UUID) -> LevelOfCareAssessment | None:
    """The assessment on which a decision about this participant rests, if any. Raises ``AssessmentOfAnother``."""
    if assessment_id is None:
        return None
    assessment = unit.get(LevelOfCareAssessment, assessment_id)
    if root(unit, assessment.participant_id) != root(unit, participant_id):
        raise AssessmentOfAnother("the assessment is about another participant")
    return assessment


def _plan_there(desk: Desk, unit: Unit, command: TransferParticipant, episode: Episode, track: Track) -> Plan:
    assessment = assessment_for(unit, command.assessment_id, episode.participant_id)
    if assessment is not None and not assessment.supports_admission:
        raise AssessmentDoesNotSupportAdmission(f"not met: {', '.join(assessment.not_met)}; assess anew")
    packs = track.packs if command.packs is None else command.packs
    check_packs(desk, packs)
    assessed = (assessment.level_of_care, assessment.age_group) if assessment else (None, None)
    return Plan(
        track.id,
        command.level_of_care or assessed[0] or episode.plan.level_of_care,
        command.age_group or assessed[1] or episode.plan.age_group,
        track.time_zone,
        tuple(packs),
        episode.plan.components if command.components is None else tuple(command.components),
    )
