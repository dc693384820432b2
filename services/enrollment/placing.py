"""Decisions about places: who gets a free one, by promotion or by an offer; transfers; what an end sets free.

A freed place goes to the next in turn, or is offered to them, in the decision that frees it: exactly once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment.authorizing import follow_level_of_care
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
from services.enrollment.domain.episode import Episode, Plan
from services.enrollment.domain.errors import (
    AssessmentDoesNotSupportAdmission,
    AssessmentOfAnother,
    UnknownRulePack,
)
from services.enrollment.domain.follow_up import CERTIFICATION, INSTRUMENT, PLAN_REVIEW, REASSESSMENT, FollowUp
from services.enrollment.domain.identity import follow_up_id
from services.enrollment.domain.instruments import ADMISSION
from services.enrollment.domain.track import Track
from services.enrollment.dues import falls_due, falls_due_earlier
from services.platform.packs import Rule

Decision = Mapping[str, Any]

OFFER_HOURS = "waitlist.offer_hours"
"""The rule packs' parameter: for how long a free place is kept for who is next. Silent: promotion is automatic."""


@dataclass
class Filled:
    """Who got a free place, and to whom one was offered."""

    promoted: list[UUID] = field(default_factory=list)
    offered: list[UUID] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        return {"promoted": self.promoted, "offered": self.offered}


def change_census_limit(desk: Desk, unit: Unit, command: ChangeCensusLimit) -> Decision:
    track = unit.get(Track, command.track_id)
    track.change_limit(command.census_limit, unit.context.at)
    return {"track_id": track.id, **_fill(desk, unit, track).answer()}


def transfer_participant(desk: Desk, unit: Unit, command: TransferParticipant) -> Decision:
    """Takes a place in the new track and frees the old one in this same decision, or waits where the track is full."""
    at = unit.context.at
    episode, track = unit.get(Episode, command.episode_id), unit.get(Track, command.track_id)
    episode.ask_transfer(command.kind, _plan_there(desk, unit, command, episode, track), command.reason, at)
    answer = {"participant_id": episode.participant_id, "episode_id": episode.id}
    if track.take_place(episode.id, episode.participant_id, at):
        left = take_effect(desk, unit, episode)
        return {**answer, "outcome": "transferred", **_fill(desk, unit, *left).answer()}
    track.join_waitlist(episode.id, episode.participant_id, command.priority, at)
    return {**answer, "outcome": "waitlisted"}


def accept_offer(desk: Desk, unit: Unit, command: AcceptOffer) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    waited_for(unit, episode).accept(episode.id, unit.context.at)
    left = take_effect(desk, unit, episode)
    return {"episode_id": episode.id, "outcome": "admitted", **_fill(desk, unit, *left).answer()}


def decline_offer(desk: Desk, unit: Unit, command: DeclineOffer) -> Decision:
    track = waited_for(unit, unit.get(Episode, command.episode_id))
    track.decline(command.episode_id, command.reason, unit.context.at)
    return {"episode_id": command.episode_id, **_fill(desk, unit, track).answer()}


def expire_offer(desk: Desk, unit: Unit, command: ExpireOffer) -> Decision:
    track = unit.get(Track, command.track_id)
    expired = track.expire(command.offer_id, command.episode_id, unit.context.at)
    filled = _fill(desk, unit, track) if expired else Filled()
    return {"episode_id": command.episode_id, "expired": expired, **filled.answer()}


def leave_waitlist(desk: Desk, unit: Unit, command: LeaveWaitlist) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    if episode.transfer is None:
        episode.leave_waitlist(command.reason, unit.context.at)
        return end(desk, unit, episode)
    track = waited_for(unit, episode)
    episode.withdraw_transfer(command.reason, unit.context.at)
    track.leave(episode.id, unit.context.at)
    return {"episode_id": episode.id, **_fill(desk, unit, track).answer()}


def take_effect(desk: Desk, unit: Unit, episode: Episode) -> tuple[Track, ...]:
    """The place is taken: the admission or the transfer takes effect. The tracks in which a place came free by it."""
    if episode.transfer is None:
        _admit(desk, unit, episode)
        return ()
    left = unit.get(Track, episode.plan.track_id)
    episode.take_transfer(episode.transfer, unit.context.at)
    left.leave(episode.id, unit.context.at)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    follow_level_of_care(desk, unit, episode)
    for kind in (CERTIFICATION, PLAN_REVIEW):
        falls_due_earlier(desk, unit, episode, follow_up, kind)
    return (left,)


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
    return {"episode_id": episode.id, **_fill(desk, unit, *tracks).answer()}


def waited_for(unit: Unit, episode: Episode) -> Track:
    """The track in which the episode waits, or holds its place."""
    plan = episode.transfer.plan if episode.transfer is not None else episode.plan
    return unit.get(Track, plan.track_id)


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


def _fill(desk: Desk, unit: Unit, *tracks: Track) -> Filled:
    """Gives or offers the free places to those in turn; a promotion by transfer frees a place elsewhere, and so on."""
    filled, waiting, at = Filled(), list(tracks), unit.context.at
    for track in waiting:  # grows while it is read; it ends, since each promotion shortens a waitlist
        offers = _offer_rule(desk, unit, track)
        while (episode_id := track.next_in_turn()) is not None:
            episode = unit.get(Episode, episode_id)
            if offers is None:
                track.promote(episode_id, episode.participant_id, at)
                waiting.extend(take_effect(desk, unit, episode))
                filled.promoted.append(episode_id)
            else:
                offer_id = uuid5(unit.context.command_id, f"offer/{track.id}/{episode_id}")
                expires_at, said_by = at + timedelta(hours=float(offers.value)), f"{offers.key} of {offers.pack}"
                track.offer(offer_id, episode_id, episode.participant_id, expires_at, said_by, at)
                filled.offered.append(episode_id)
    return filled


def _offer_rule(desk: Desk, unit: Unit, track: Track) -> Rule | None:
    today = unit.context.at.astimezone(ZoneInfo(track.time_zone)).date()
    return desk.packs.in_force(track.packs, today).rule(OFFER_HOURS)


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


def _admit(desk: Desk, unit: Unit, episode: Episode) -> None:
    """The admission takes effect, hospital stays under way suspend it, and its dues begin."""
    episode.admit(unit.context.at)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    if not episode.assessed_at_intake:
        falls_due(desk, unit, episode, follow_up, REASSESSMENT)
    if not follow_up.measured_on(ADMISSION):
        falls_due(desk, unit, episode, follow_up, INSTRUMENT)
    falls_due(desk, unit, episode, follow_up, CERTIFICATION)
    falls_due(desk, unit, episode, follow_up, PLAN_REVIEW)
    follow_hospital(unit, episode.participant_id)
