"""Rules of the episode of care, of the care record and of follow-up."""

from datetime import date

import pytest
from enrollment_states import (
    ANOTHER,
    EPISODE,
    PARTICIPANT,
    STAY,
    a_care_record,
    a_discharged_episode,
    a_plan,
    an_admitted_episode,
    an_opened_episode,
    day,
    fact,
    happened,
)

from services.enrollment.domain.errors import (
    AlreadyDischarged,
    AlreadySuspended,
    DischargeBeforeAdmission,
    DischargeInFuture,
    EpisodeAlreadyOpen,
    NotAdmitted,
    NotSuspended,
    SuspensionOutsideEpisode,
    UnknownComponent,
)
from services.enrollment.domain.follow_up import INSTRUMENT, FollowUp
from services.enrollment.domain.instruments import PHQ_9
from services.enrollment.domain.scoring import result
from services.enrollment.domain.stays import END_CANCELLED, ENDED, START_CANCELLED, STARTED, interruptions


def discharge(episode, since, **changes):
    facts = {"reason": "completed", "plan_after": None, "to_level_of_care": None, "last_scores": {}, **changes}
    episode.discharge(since=since, at=since, **facts)


def test_an_admission_names_plan_and_local_day():
    episode = an_opened_episode(a_plan(time_zone="Pacific/Auckland"))
    episode.admit(day(0))
    (admitted,) = episode.collect_events()
    assert admitted.admitted_on == date(2026, 3, 3)
    assert (admitted.packs, admitted.level_of_care) == (("medicare",), "mental_health_iop")


def test_a_plan_names_components_of_the_five():
    with pytest.raises(UnknownComponent, match="yoga"):
        an_opened_episode(a_plan(components=("yoga",)))
    with pytest.raises(UnknownComponent):
        an_opened_episode(a_plan(components=()))


def test_who_waits_cannot_be_suspended_or_discharged():
    episode = an_opened_episode()
    with pytest.raises(NotAdmitted):
        episode.suspend(STAY, "vacation", day(1), day(1))
    with pytest.raises(NotAdmitted):
        discharge(episode, day(1))


def test_who_is_suspended_can_be_discharged():
    episode = an_admitted_episode()
    episode.follow_hospital(interruptions([fact(STARTED, 2, 2)], day(0), None), day(2))
    discharge(episode, day(4))
    assert happened(episode) == ["EpisodeSuspended", "ParticipantDischarged"]


def test_a_discharge_happens_once():
    episode = a_discharged_episode(day(4))
    with pytest.raises(AlreadyDischarged):
        discharge(episode, day(5))


def test_a_discharge_takes_effect_after_the_admission():
    with pytest.raises(DischargeBeforeAdmission):
        discharge(an_admitted_episode(), day(-1))


def test_a_discharge_is_not_foretold():
    episode = an_admitted_episode()
    with pytest.raises(DischargeInFuture):
        episode.discharge(
            reason="completed", plan_after=None, to_level_of_care=None, last_scores={}, since=day(5), at=day(4)
        )


def test_a_coordinator_suspends_once_at_a_time_and_resumes():
    episode = an_admitted_episode()
    episode.suspend(ANOTHER, "family_emergency", day(1), day(1))
    with pytest.raises(AlreadySuspended):
        episode.suspend(STAY, "vacation", day(2), day(2))
    with pytest.raises(SuspensionOutsideEpisode):
        episode.resume(day(0), day(3))
    assert episode.resume(day(3), day(3)) == ANOTHER
    with pytest.raises(NotSuspended):
        episode.resume(day(4), day(4))
    assert happened(episode) == ["EpisodeSuspended", "EpisodeResumed"]


def test_a_coordinator_does_not_resume_a_hospital_stay():
    episode = an_admitted_episode()
    episode.follow_hospital(interruptions([fact(STARTED, 2, 2)], day(0), None), day(2))
    with pytest.raises(NotSuspended):
        episode.resume(day(3), day(3))


def test_a_cancelled_hospital_admission_is_compensated_and_leaves_other_suspensions():
    episode = an_admitted_episode()
    episode.suspend(ANOTHER, "vacation", day(1), day(1))
    started = fact(STARTED, 2, 2)
    episode.follow_hospital(interruptions([started], day(0), None), day(2))
    episode.follow_hospital(interruptions([started, fact(START_CANCELLED, 3)], day(0), None), day(3))
    assert happened(episode) == ["EpisodeSuspended", "EpisodeSuspended", "SuspensionCancelled"]
    assert set(episode.suspensions) == {ANOTHER}


def test_a_cancelled_hospital_discharge_makes_the_suspension_hold_again():
    episode = an_admitted_episode()
    facts = [fact(STARTED, 2, 2), fact(ENDED, 4, 4)]
    episode.follow_hospital(interruptions(facts, day(0), None), day(4))
    episode.follow_hospital(interruptions([*facts, fact(END_CANCELLED, 5)], day(0), None), day(5))
    assert happened(episode) == ["EpisodeSuspended", "EpisodeResumed", "ResumptionCancelled"]
    assert episode.suspensions[STAY].resumed_at is None


def test_a_person_has_one_open_episode_and_a_readmission_is_a_new_one():
    record = a_care_record()
    record.begin_episode(EPISODE, day(0))
    with pytest.raises(EpisodeAlreadyOpen):
        record.begin_episode(ANOTHER, day(1))
    record.end_episode(EPISODE, day(2))
    record.begin_episode(ANOTHER, day(3))
    assert record.episode_ids == (EPISODE, ANOTHER)


def test_a_hospital_fact_is_kept_once():
    record = a_care_record()
    record.record(fact(STARTED, 2, 2), day(2))
    record.record(fact(STARTED, 2, 2), day(5))
    assert happened(record) == ["HospitalFactRecorded"]


def test_a_merge_is_told_under_both_ids():
    survivor, retired = a_care_record(PARTICIPANT), a_care_record(ANOTHER)
    retired.merge_into(survivor, day(1))
    assert (happened(retired), happened(survivor)) == (["MergedIntoSurvivor"], ["AliasJoined"])
    assert retired.surviving_id == PARTICIPANT
    assert survivor.alias_ids == (ANOTHER,)


def test_a_due_is_missed_once_and_not_after_it_was_met():
    follow_up = FollowUp.begin(EPISODE, PARTICIPANT, day(0))
    follow_up.set_due(INSTRUMENT, day(7), "reassessment", day(0))
    assert follow_up.miss_due(INSTRUMENT, day(7), day(7))
    assert not follow_up.miss_due(INSTRUMENT, day(7), day(8))
    follow_up.meet_due(INSTRUMENT, day(9))
    follow_up.meet_due(INSTRUMENT, day(9))
    assert happened(follow_up) == ["Created", "DueSet", "DueMissed", "DueMet"]


def test_nothing_is_missed_after_the_episode():
    follow_up = FollowUp.begin(EPISODE, PARTICIPANT, day(0))
    follow_up.set_due(INSTRUMENT, day(7), "reassessment", day(0))
    follow_up.end(day(3))
    assert not follow_up.miss_due(INSTRUMENT, day(7), day(7))


def test_the_last_score_of_an_instrument_is_its_latest():
    follow_up = FollowUp.begin(EPISODE, PARTICIPANT, day(0))
    for occasion, score in (("admission", 19), ("discharge", 8)):
        follow_up.score(
            STAY,
            instrument="phq_9",
            occasion=occasion,
            answers=None,
            result=result(PHQ_9, None, score),
            scored_by="therapist-1",
            at=day(1),
        )
    assert follow_up.last_scores == {"phq_9": 8}
    assert follow_up.measured_on("admission")
    assert not follow_up.measured_on("review")
