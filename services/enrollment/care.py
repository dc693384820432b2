"""Decisions about care: tracks, assessments, admission, suspension, measuring."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment.desk import Desk, care_record, follow_hospital, known, records, root
from services.enrollment.domain.assessment import LevelOfCareAssessment
from services.enrollment.domain.commands import (
    AdmitParticipant,
    AssessLevelOfCare,
    OpenTrack,
    RecordHospitalFact,
    ResumeEpisode,
    ScoreInstrument,
    SuspendEpisode,
)
from services.enrollment.domain.criteria import ASAM, asam_finding, clinical_finding
from services.enrollment.domain.episode import Episode, Override
from services.enrollment.domain.errors import (
    AssessmentDoesNotSupportAdmission,
    AssessmentOfAnother,
    EpisodeAlreadyOpen,
    OverrideNeedsReason,
    TrackAlreadyOpened,
)
from services.enrollment.domain.follow_up import REASSESSMENT, FollowUp
from services.enrollment.domain.identity import follow_up_id, of_command
from services.enrollment.domain.plan import Plan
from services.enrollment.domain.scoring import result
from services.enrollment.domain.stays import HospitalFact
from services.enrollment.domain.track import Track
from services.enrollment.dues import in_force
from services.enrollment.filling import take_effect
from services.enrollment.measuring import measured
from services.enrollment.placing import assessment_for, check_packs
from services.enrollment.standards import asam_by, instrument_by
from services.platform.packs import PackSet

Decision = Mapping[str, Any]


def open_track(desk: Desk, unit: Unit, command: OpenTrack) -> Decision:
    track_id = command.track_id or of_command(unit.context.command_id, "track")
    if unit.find(Track, track_id) is not None:
        raise TrackAlreadyOpened("the id belongs to a track already; leave it out to get a new one")
    check_packs(desk, command.packs)
    unit.add(
        Track.open(
            track_id,
            name=command.name,
            time_zone=command.time_zone,
            packs=command.packs,
            census_limit=command.census_limit,
            at=unit.context.at,
        )
    )
    return {"track_id": track_id}


def assess_level_of_care(desk: Desk, unit: Unit, command: AssessLevelOfCare) -> Decision:
    participant = known(unit, command.participant_id)
    assessment_id = command.assessment_id or of_command(unit.context.command_id, "assessment")
    if command.kind == ASAM:
        edition, decided_by = asam_by(desk.packs, _packs_of(desk, unit, command), command.age_group)
        finding = asam_finding(command.answers, edition)
    else:
        finding, decided_by = clinical_finding(command.kind, command.answers), ()
    if command.episode_id is not None:
        episode = unit.get(Episode, command.episode_id)
        if root(unit, episode.participant_id) != root(unit, participant.id):
            raise AssessmentOfAnother("the episode is another participant's")
        unit.get(FollowUp, follow_up_id(episode.id)).meet_due(REASSESSMENT, unit.context.at)
    unit.add(
        LevelOfCareAssessment.complete(
            assessment_id,
            participant.id,
            kind=command.kind,
            answers=command.answers,
            rationale=command.rationale,
            finding=finding,
            decided_by=decided_by,
            age_group=command.age_group,
            assessor=unit.context.actor,
            at=unit.context.at,
        )
    )
    return {
        "assessment_id": assessment_id,
        "edition": finding.edition,
        "supports_admission": finding.supports_admission,
        "level_of_care": finding.level_of_care,
        "met": finding.met,
        "not_met": finding.not_met,
        "decided_by": decided_by,
    }


def admit_participant(desk: Desk, unit: Unit, command: AdmitParticipant) -> Decision:
    at = unit.context.at
    participant_id = known(unit, command.participant_id).id
    if any(record.open_episode_ids for record in records(unit, participant_id)):
        raise EpisodeAlreadyOpen("the participant has an open episode; discharge it first")
    track = unit.get(Track, command.track_id)
    assessment = assessment_for(unit, command.assessment_id, command.participant_id)
    level_of_care, age_group, override = _ground(unit, command, assessment)
    packs = track.packs if command.packs is None else command.packs
    check_packs(desk, packs)
    episode_id = command.episode_id or of_command(unit.context.command_id, "episode")
    episode = unit.add(
        Episode.open(
            episode_id,
            participant_id,
            plan=Plan(track.id, level_of_care, age_group, track.time_zone, tuple(packs), tuple(command.components)),
            referral_id=command.referral_id,
            assessment_id=command.assessment_id,
            override=override,
            decided_by=unit.context.actor,
            at=at,
        )
    )
    care_record(unit, participant_id).begin_episode(episode_id, at)
    unit.add(FollowUp.begin(episode_id, participant_id, at))
    if track.take_place(episode_id, participant_id, at):
        take_effect(desk, unit, episode)
        return {"participant_id": participant_id, "episode_id": episode_id, "outcome": "admitted"}
    track.join_waitlist(episode_id, participant_id, command.priority, at)
    episode.wait(command.priority, command.waitlist_reason, at)
    return {"participant_id": participant_id, "episode_id": episode_id, "outcome": "waitlisted"}


def suspend_episode(desk: Desk, unit: Unit, command: SuspendEpisode) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    suspension_id = of_command(unit.context.command_id, "suspension")
    episode.suspend(suspension_id, command.reason, command.since or unit.context.at, unit.context.at)
    return {"episode_id": episode.id, "suspension_id": suspension_id}


def resume_episode(desk: Desk, unit: Unit, command: ResumeEpisode) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    suspension_id = episode.resume(command.since or unit.context.at, unit.context.at)
    return {"episode_id": episode.id, "suspension_id": suspension_id}


def record_hospital_fact(desk: Desk, unit: Unit, command: RecordHospitalFact) -> Decision:
    """Kept for any id, known or not; what it means for episodes is worked out from all facts together."""
    fact = HospitalFact(command.hospitalization_id, command.kind, command.stated_at, command.instant)
    care_record(unit, command.participant_id).record(fact, unit.context.at)
    follow_hospital(unit, command.participant_id)
    return {"participant_id": command.participant_id, "hospitalization_id": command.hospitalization_id}


def score_instrument(desk: Desk, unit: Unit, command: ScoreInstrument) -> Decision:
    episode = unit.get(Episode, command.episode_id)
    follow_up = unit.get(FollowUp, follow_up_id(episode.id))
    packs, age_group = in_force(desk, episode, unit.context.at), episode.plan.age_group
    instrument, rule = instrument_by(desk.packs, packs, command.instrument, age_group)
    scored = result(instrument, command.answers, command.score, command.safety_answer, command.scores)
    score_id = of_command(unit.context.command_id, "score")
    follow_up.score(
        score_id,
        instrument=instrument.name,
        occasion=command.occasion,
        answers=command.answers,
        result=scored,
        decided_by=(rule.cited,),
        scored_by=unit.context.actor,
        at=unit.context.at,
    )
    measured(desk, unit, episode, follow_up, command.occasion)
    return {
        "score_id": score_id,
        "score": scored.score,
        "band": scored.band,
        "scales": scored.scales,
        "safety_trigger": scored.safety_trigger,
        "safety_item_known": scored.safety_item_known,
        "decided_by": [rule.cited],
    }


def _packs_of(desk: Desk, unit: Unit, command: AssessLevelOfCare) -> PackSet:
    """Those in force for the episode that is assessed anew, or for the track that the participant is to join."""
    at = unit.context.at
    if command.episode_id is not None:
        return in_force(desk, unit.get(Episode, command.episode_id), at)
    if command.track_id is not None:
        track = unit.get(Track, command.track_id)
        return desk.packs.in_force(track.packs, at.astimezone(ZoneInfo(track.time_zone)).date())
    return desk.packs.in_force((), at.date())


def _ground(
    unit: Unit, command: AdmitParticipant, assessment: LevelOfCareAssessment | None
) -> tuple[str, str, Override | None]:
    """Level of care, age group and, where the assessment does not carry the admission, the override that does."""
    if assessment is not None and assessment.supports_admission:
        return assessment.level_of_care, assessment.age_group, None
    if command.override_reason is None:
        what = f"not met: {', '.join(assessment.not_met)}" if assessment else "there is no assessment"
        raise AssessmentDoesNotSupportAdmission(f"{what}; assess anew, or override with a reason")
    level_of_care = command.level_of_care or (assessment.level_of_care if assessment else None)
    age_group = command.age_group or (assessment.age_group if assessment else None)
    if not command.override_reason.strip() or level_of_care is None or age_group is None:
        raise OverrideNeedsReason("an override gives a reason, the level of care and the age group")
    role = ",".join(sorted(unit.context.roles))
    return level_of_care, age_group, Override(command.override_reason, unit.context.actor, role)
