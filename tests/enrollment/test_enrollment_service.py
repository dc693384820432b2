"""Enrollment as a whole: commands in, rows and published events out, on a real log and its followers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from enrollment_standards import ASAM_3RD, ASAM_4TH
from enrollment_states import day
from enrollment_world import COORDINATOR, PERSON, World
from sqlalchemy import text

from events.contract.registry import all_published
from events.log.errors import BadSeal, NotFound
from services.enrollment.domain import commands, errors, people_commands, plan_of_care_commands
from services.enrollment.domain.criteria import CLINICAL_ANSWERS
from services.enrollment.domain.follow_up import CERTIFICATION, INSTRUMENT, PLAN_REVIEW, REASSESSMENT, REVIEW_INSTRUMENT
from services.enrollment.publishing import TOLD

OPERATOR = frozenset({"operator"})


def discharge(world: World, episode_id: object) -> object:
    return world.do(commands.DischargeParticipant(UUID(str(episode_id)), "administrative", plan="weekly visits")).body


def test_a_number_belongs_to_one_participant(world):
    first = world.a_participant("MRN-1")
    with pytest.raises(errors.IdentifierBelongsToAnother) as refused:
        world.a_participant("MRN-1")
    assert refused.value.owner_id == first
    assert "MRN-1" not in str(refused.value)


def test_an_admission_needs_an_assessment_that_supports_it(world):
    track, participant = world.a_track(), world.a_participant()
    with pytest.raises(errors.AssessmentDoesNotSupportAdmission):
        world.admit(participant, track, assessment_id=None)
    unmet = world.do(
        commands.AssessLevelOfCare(participant, "mental_health", dict.fromkeys(CLINICAL_ANSWERS, False), "adult")
    ).body
    with pytest.raises(errors.AssessmentDoesNotSupportAdmission, match="step_down"):
        world.admit(participant, track, assessment_id=UUID(str(unmet["assessment_id"])))


def test_an_assessment_carries_only_its_own_participant(world):
    track, other = world.a_track(), world.a_participant()
    assessment = world.an_assessment(other)
    with pytest.raises(errors.AssessmentOfAnother):
        world.admit(world.a_participant(), track, assessment_id=assessment)


def test_a_reassessment_meets_only_its_own_participants_due(world):
    episode = UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])
    command = commands.AssessLevelOfCare(
        world.a_participant(), "mental_health", dict.fromkeys(CLINICAL_ANSWERS, 0), "adult", episode_id=episode
    )
    with pytest.raises(errors.AssessmentOfAnother):
        world.do(command)


def test_an_unknown_episode_is_named_as_such(world):
    with pytest.raises(NotFound, match="Episode"):
        world.do(commands.ScoreInstrument(uuid4(), "phq_9", "admission", score=3))


@pytest.mark.parametrize(("pack", "edition"), [("asam_2_1", "asam_3rd"), ("asam_2_1_4th", "asam_4th")])
def test_the_packs_of_the_track_say_by_which_asam_edition_is_assessed(world, pack, edition):
    """The edition is part of the pack."""
    by = {asam.name: asam for asam in (ASAM_3RD, ASAM_4TH)}[edition]
    answers = dict.fromkeys(by.asked, 1)
    participant, track = world.a_participant(), world.a_track(packs=(pack, "program_default"))
    command = commands.AssessLevelOfCare(participant, "asam", answers, "adult", track_id=track)
    assert world.do(command).body["edition"] == edition
    episode = UUID(
        world.admit(participant, track, override_reason="x", level_of_care="asam_2.1", age_group="adult")["episode_id"]
    )
    command = commands.AssessLevelOfCare(participant, "asam", answers, "adult", episode_id=episode)
    assert world.do(command).body["edition"] == edition


def test_an_override_is_recorded_with_reason_and_role(world):
    participant = world.a_participant()
    with pytest.raises(errors.OverrideNeedsReason):
        world.admit(participant, world.a_track(), override_reason="court order")
    world.admit(
        participant,
        world.a_track(),
        override_reason="court order",
        level_of_care="mental_health_iop",
        age_group="adult",
    )
    (episode,) = world.chart(participant)["episodes"]
    assert (episode["override_reason"], episode["override_role"]) == ("court order", "coordinator")


def test_an_admission_is_told_with_what_the_others_need(world):
    track, participant = world.a_track(), world.a_participant()
    admitted = world.admit(participant, track)
    assert admitted["outcome"] == "admitted"
    (told,) = world.told("participant_admitted")
    assert told["components"] == ["group_therapy"]
    assert told["packs"] == ["medicare_iop", "district_of_columbia", "program_default"]
    assert (told["level_of_care"], told["age_group"], told["admitted_on"]) == (
        "mental_health_iop",
        "adult",
        "2026-03-02",
    )


def test_packs_are_known_by_name(world):
    with pytest.raises(errors.UnknownRulePack, match="no_such_pack"):
        world.do(commands.OpenTrack("x", "America/New_York", ("no_such_pack",), 1))


def test_a_full_track_waitlists_and_a_discharge_promotes_by_priority_once(world):
    track = world.a_track(limit=1)
    first = world.admit(world.a_participant(), track)
    low = world.admit(world.a_participant(), track, priority=2)
    high = world.admit(world.a_participant(), track, priority=1)
    assert [low["outcome"], high["outcome"]] == ["waitlisted", "waitlisted"]
    assert discharge(world, first["episode_id"])["promoted"] == [high["episode_id"]]
    census = world.ask("track", track_id=track)
    assert (census["admitted"], census["waiting"]) == (1, 1)
    assert [one["episode_id"] for one in census["waitlist"]] == [low["episode_id"]]
    assert [one["episode_id"] for one in world.told("participant_admitted")] == [
        first["episode_id"],
        high["episode_id"],
    ]


def test_a_repeated_discharge_promotes_nobody_else(world):
    track = world.a_track(limit=1)
    first = world.admit(world.a_participant(), track)
    for _ in range(2):
        world.admit(world.a_participant(), track)
    command, command_id = commands.DischargeParticipant(UUID(first["episode_id"]), "administrative"), uuid4()
    answers = [world.do(command, command_id=command_id) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len(world.told("participant_admitted")) == 2


def test_a_raised_census_limit_promotes_at_once(world):
    track = world.a_track(limit=1)
    for _ in range(3):
        world.admit(world.a_participant(), track)
    assert len(world.do(commands.ChangeCensusLimit(track, 3)).body["promoted"]) == 2


def test_who_leaves_the_waitlist_is_not_promoted_and_may_come_again(world):
    track = world.a_track(limit=1)
    first = world.admit(world.a_participant(), track)
    waiting = world.a_participant()
    turn = world.admit(waiting, track)
    world.do(commands.LeaveWaitlist(UUID(turn["episode_id"]), "found_other_program"))
    assert discharge(world, first["episode_id"])["promoted"] == []
    assert world.admit(waiting, track)["outcome"] == "admitted"
    assert [one["status"] for one in world.chart(waiting)["episodes"]] == ["left_waitlist", "admitted"]


def test_a_person_has_one_open_episode_and_comes_back_as_a_new_one(world):
    track, participant = world.a_track(limit=2), world.a_participant()
    first = world.admit(participant, track)
    with pytest.raises(errors.EpisodeAlreadyOpen):
        world.admit(participant, track)
    discharge(world, first["episode_id"])
    again = world.admit(participant, track)
    assert again["episode_id"] != first["episode_id"]
    assert [one["status"] for one in world.chart(participant)["episodes"]] == ["discharged", "admitted"]


def test_a_suspended_episode_keeps_its_place(world):
    track, participant = world.a_track(limit=1), world.a_participant()
    episode = UUID(world.admit(participant, track)["episode_id"])
    world.do(commands.SuspendEpisode(episode, "vacation"))
    assert world.admit(world.a_participant(), track)["outcome"] == "waitlisted"
    assert world.chart(participant)["episodes"][0]["status"] == "suspended"
    world.do(commands.ResumeEpisode(episode))
    assert world.chart(participant)["episodes"][0]["status"] == "admitted"
    assert [one["type"] for one in world.told()][-2:] == [
        "enrollment.participant_waitlisted.v1",
        "enrollment.episode_resumed.v1",
    ]


def test_scores_show_reliable_change_and_the_safety_trigger_is_told(world):
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track())["episode_id"])
    world.do(commands.ScoreInstrument(episode, "phq_9", "admission", answers=(3, 3, 2, 2, 2, 2, 2, 2, 1)))
    world.do(commands.ScoreInstrument(episode, "phq_9", "discharge", score=12))
    first, last = world.chart(participant)["scores"]
    assert (first["score"], first["band"], first["change"]) == (19, "moderately_severe", None)
    assert (last["points"], last["change"]) == (-7, "improved")
    assert [one["safety_trigger"] for one in world.told("instrument_scored")] == [True, False]
    assert "answers" not in world.told("instrument_scored")[0]


def test_last_scores_go_with_the_discharge(world):
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track())["episode_id"])
    world.do(commands.ScoreInstrument(episode, "phq_9", "discharge", score=4))
    discharge(world, episode)
    assert world.chart(participant)["episodes"][0]["last_scores"] == {"phq_9": 4}


@pytest.mark.rule("reassessment.days_after_admission")
@pytest.mark.rule("certification.days")
@pytest.mark.rule("plan_review.days")
def test_what_falls_due_follows_the_packs_and_is_overdue_in_time(world):
    """DC §6329: 7 days; 42 CFR 424.24(d): upon admission, then 60 days; state rules: at most 90 days."""
    participant = world.a_participant()
    episode = UUID(world.admit(participant, world.a_track())["episode_id"])
    due = {one["kind"]: one["due_at"] for one in world.ask("due")["due"]}
    assert due == {INSTRUMENT: day(7), CERTIFICATION: day(1), PLAN_REVIEW: day(90), REVIEW_INSTRUMENT: day(90)}
    world.plan(episode)
    world.do(plan_of_care_commands.CertifyPlan(episode), frozenset({"prescriber"}))
    assert {one["kind"]: one["due_at"] for one in world.ask("due")["due"]}[CERTIFICATION] == day(60)
    world.clock.set(day(7))
    world.drain()
    assert [one["kind"] for one in world.ask("due", overdue=True)["due"]] == [INSTRUMENT]
    world.do(commands.ScoreInstrument(episode, "phq_9", "admission", score=10))
    assert world.ask("due", overdue=True)["due"] == []


def test_an_admission_by_override_asks_for_a_reassessment(world):
    participant = world.a_participant()
    body = world.admit(
        participant, world.a_track(), override_reason="x", level_of_care="mental_health_iop", age_group="adult"
    )
    assert REASSESSMENT in {one["kind"] for one in world.ask("due")["due"]}
    command = commands.AssessLevelOfCare(
        participant,
        "mental_health",
        dict.fromkeys(CLINICAL_ANSWERS, False),
        "adult",
        {},
        None,
        UUID(body["episode_id"]),
    )
    world.do(command)
    assert REASSESSMENT not in {one["kind"] for one in world.ask("due")["due"]}


def test_nothing_is_due_after_the_discharge(world):
    episode = world.admit(world.a_participant(), world.a_track())["episode_id"]
    discharge(world, episode)
    world.clock.set(day(100))
    world.drain()
    assert world.ask("due")["due"] == []


def test_the_past_is_answered_as_it_was(world):
    track, participant = world.a_track(), world.a_participant()
    before = world.chart(participant)
    world.clock.advance(timedelta(hours=1))
    episode = world.admit(participant, track)["episode_id"]
    during = world.ask("track", track_id=track)
    discharge(world, episode)
    assert world.ask("track", track_id=track)["admitted"] == 0
    assert world.ask("track", as_of=during["position"], track_id=track) == during
    assert world.chart(participant, as_of=before["position"]) == before


def test_names_are_opened_for_roles_that_may_read_them(world):
    participant = world.a_participant("MRN-1")
    world.do(people_commands.ReferParticipant(participant, "staff", "routine", reason="low mood"))
    coordinator = world.chart(participant)
    peer = world.chart(participant, roles=frozenset({"peer_lead"}))
    assert coordinator["person"] == PERSON
    assert coordinator["identifiers"] == [{"authority": "GENERAL", "number": "MRN-1"}]
    assert coordinator["referrals"][0]["reason"] == "low mood"
    assert (peer["person"], peer["identifiers"]) == ({"family": "Okafor", "given": "Ada"}, [])
    assert "reason" not in peer["referrals"][0]


@pytest.mark.parametrize(
    ("table", "column", "moved"),
    [
        ("referral", "reason", "SELECT reason FROM referral WHERE participant_id <> :whose"),
        ("referral", "reason", "SELECT rationale FROM assessment WHERE participant_id = :whose"),
        ("person", "person", "SELECT person FROM person WHERE participant_id <> :whose"),
    ],
)
def test_what_is_sealed_opens_neither_in_another_column_nor_in_somebody_elses_chart(world, table, column, moved):
    ada, bob = world.a_participant(), world.a_participant("4712")
    for participant in (ada, bob):
        world.do(people_commands.ReferParticipant(participant, "General Hospital", "routine", "low mood"))
        world.an_assessment(participant)
    assert world.chart(ada)["referrals"][0]["reason"] == "low mood"
    with world.database.begin() as tx:
        move = text(f"UPDATE {table} SET {column} = ({moved}) WHERE participant_id = :whose")
        assert tx.execute(move, {"whose": str(ada)}).rowcount == 1
    with pytest.raises(BadSeal):
        world.chart(ada)
    assert world.chart(bob)["person"]["family"] == PERSON["family"]


def test_same_name_and_birth_date_are_possible_duplicates(world):
    first, second = world.a_participant(), world.a_participant()
    other = world.a_participant(person={**PERSON, "birth_date": "1991-04-01"})
    assert world.chart(first)["possible_duplicates"] == [str(second)]
    assert world.chart(other)["possible_duplicates"] == []


def test_a_merge_keeps_both_histories_under_the_survivor(world):
    track = world.a_track(limit=2)
    survivor, retired = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    world.admit(retired, track)
    world.do(people_commands.MergeParticipants(survivor, retired))
    chart = world.chart(retired)
    assert chart == world.chart(survivor)
    assert chart["aliases"] == [str(retired)]
    assert [one["number"] for one in chart["identifiers"]] == ["MRN-1", "MRN-2"]
    assert [one["participant_id"] for one in chart["episodes"]] == [str(retired)]
    assert [one["participant_id"] for one in world.ask("participants")["participants"]] == [str(survivor)]
    assert {one["told_to"] for one in world.told("participants_merged")} == {str(survivor), str(retired)}
    with pytest.raises(errors.EpisodeAlreadyOpen):
        world.admit(survivor, track)


def test_a_merge_of_somebody_unknown_by_command_is_refused(world):
    with pytest.raises(errors.ParticipantUnknown):
        world.do(people_commands.MergeParticipants(world.a_participant(), uuid4()))


def test_after_erasure_no_command_or_answer_shows_the_person(world):
    participant = world.a_participant("MRN-1")
    world.do(people_commands.ReferParticipant(participant, "staff", "routine", reason="low mood"))
    with pytest.raises(errors.ErasureIsForOperators):
        world.do(people_commands.EraseParticipant(participant, "request"), COORDINATOR)
    before = world.chart(participant)["position"]
    world.do(people_commands.EraseParticipant(participant, "request"), OPERATOR)
    for chart in (world.chart(participant), world.chart(participant, as_of=before)):
        assert chart["person"] is None
        assert chart["referrals"][0]["reason"] is None
        assert [one["number"] for one in chart["identifiers"] if one["number"]] == []
    assert world.ask("participants")["participants"][0]["name"] is None
    with pytest.raises(errors.ParticipantErased):
        world.do(people_commands.UpdatePerson(participant, PERSON))
    assert world.a_participant("MRN-1") != participant


def test_erasing_a_merged_person_erases_all_their_ids(world):
    survivor, retired = world.a_participant("MRN-1"), world.a_participant("MRN-2")
    world.do(people_commands.MergeParticipants(survivor, retired))
    world.do(people_commands.EraseParticipant(survivor, "request"), OPERATOR)
    assert all(row["person"] is None for row in world.rows()["person"])


def test_nothing_personal_is_stored_in_plain_text(world, tmp_path):
    participant = world.a_participant("MRN-4711")
    world.do(people_commands.ReferParticipant(participant, "staff", "routine", reason="heard voices"))
    world.admit(participant, world.a_track(), override_reason="by court", level_of_care="x", age_group="adult")
    world.rows()
    world.told()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"participant_id" in stored
    for secret in (b"Okafor", b"1990-04-01", b"555-0101", b"MRN-4711", b"heard voices", b"by court"):
        assert secret not in stored


def test_every_published_type_of_enrollment_is_told_by_some_event():
    own = {entry.type for entry in all_published() if entry.service == "enrollment"}
    assert {f"enrollment.{name}.v1" for name, _, _ in TOLD.values()} == own


def test_an_unknown_participant_or_track_is_not_found(world):
    with pytest.raises(NotFound):
        world.chart(uuid4())
    with pytest.raises(NotFound):
        world.ask("track", track_id=uuid4())


def test_concurrent_admissions_never_pass_the_census_limit(world):
    track = world.a_track(limit=3)
    ready = []
    for _ in range(10):
        participant = world.a_participant()
        ready.append((participant, world.an_assessment(participant)))

    def admit(one):
        participant, assessment = one
        return world.admit(participant, track, assessment_id=assessment)["outcome"]

    with ThreadPoolExecutor(5) as pool:
        outcomes = sorted(pool.map(admit, ready))
    assert outcomes == ["admitted"] * 3 + ["waitlisted"] * 7
    census = world.ask("track", track_id=track)
    assert (census["admitted"], census["waiting"]) == (3, 7)
