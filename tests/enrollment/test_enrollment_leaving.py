"""Leaving: absences ask for a discharge review, and a planned discharge needs what the packs ask for."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from enrollment_states import day
from enrollment_world import World

from services.enrollment.domain import commands, errors

POLICY = "program_default@2020-01-01:three_unexcused"
OTHER_POLICY = "program_default@2020-01-01:six_in_twelve_weeks"


@pytest.fixture
def episode(world: World) -> UUID:
    return UUID(world.admit(world.a_participant(), world.a_track())["episode_id"])


def step(world: World, episode: UUID, came: str = "reached", policy: str = POLICY, at: int = 5, **more: Any) -> None:
    (admitted,) = world.told("participant_admitted")
    facts = {
        "policy": policy,
        "step": "discharge_review",
        "reached_at": day(at).isoformat(),
        "absences": [str(uuid4())],
    }
    ids = {"participant_id": admitted["participant_id"], "episode_id": str(episode)}
    world.hear((f"attendance.absence_step_{came}", {**ids, **facts, **more}))


def due(world: World) -> list[Any]:
    return [one for one in world.ask("due", role="coordinator")["due"] if one["kind"] == "discharge_review"]


@pytest.mark.rule("absence.discharge_review_days")
def test_repeated_absences_ask_the_coordinator_for_a_discharge_review(world, episode):
    """Programs' published policies: more than 6 absences in 12 weeks, or 3 unexcused, lead to a discharge review."""
    step(world, episode, step="outreach")
    assert due(world) == []
    step(world, episode)
    (one,) = due(world)
    assert one["due_at"] == day(7)


@pytest.mark.rule("escalation.from_coordinator")
def test_an_overdue_discharge_review_is_told_to_an_auditor(world, episode):
    """Program practice: what a coordinator left undone is told to an auditor."""
    step(world, episode)
    world.clock.set(day(10))
    (one,) = [one for one in world.ask("due", role="auditor")["due"] if one["kind"] == "discharge_review"]
    assert one["escalated_to"] == "auditor"


def test_an_excuse_that_arrives_later_takes_the_review_back(world, episode):
    step(world, episode)
    step(world, episode, policy=OTHER_POLICY)
    step(world, episode, "reversed")
    assert len(due(world)) == 1
    step(world, episode, "reversed", policy=OTHER_POLICY)
    assert due(world) == []
    step(world, episode, "reversed")
    assert due(world) == []


def test_a_review_that_was_held_is_asked_for_again_by_other_absences_only(world, episode):
    step(world, episode)
    world.do(commands.ReviewDischarge(episode, "continue", note="bus strike"))
    assert due(world) == []
    step(world, episode)
    assert due(world) == []
    step(world, episode, at=9)
    assert len(due(world)) == 1
    with pytest.raises(errors.NoDischargeReviewDue):
        for _ in range(2):
            world.do(commands.ReviewDischarge(episode, "continue"))


def test_what_came_of_a_review_is_kept_and_its_words_are_for_clinicians(world, episode):
    step(world, episode)
    world.do(commands.ReviewDischarge(episode, "continue", note="bus strike"))
    participant = UUID(world.told("participant_admitted")[0]["participant_id"])
    (review,) = world.chart(participant)["episodes"][0]["discharge_reviews"]
    assert (review["outcome"], review["note"], review["reviewed_by"]) == ("continue", "bus strike", "coordinator-1")
    (review,) = world.chart(participant, roles=frozenset({"front_desk"}))["episodes"][0]["discharge_reviews"]
    assert "note" not in review


def test_no_review_is_asked_for_after_the_discharge(world, episode):
    world.do(commands.DischargeParticipant(episode, "left_against_advice"))
    step(world, episode)
    assert due(world) == []


@pytest.mark.rule("reassessment.optional_before_discharge")
@pytest.mark.rule("discharge.plan_optional")
def test_a_planned_discharge_needs_a_plan_and_a_last_measurement(world, episode):
    """DC Municipal Regulations 22-A §6329: a reassessment before a planned discharge; a plan is program practice."""
    with pytest.raises(errors.DischargeIncomplete, match=r"district_of_columbia.*program_default"):
        world.do(commands.DischargeParticipant(episode, "completed"))
    world.do(commands.ScoreInstrument(episode, "phq_9", "discharge", score=4))
    with pytest.raises(errors.DischargeIncomplete, match="plan"):
        world.do(commands.DischargeParticipant(episode, "completed", plan=" "))
    world.do(commands.DischargeParticipant(episode, "completed", plan="weekly visits"))


def test_who_leaves_unplanned_is_discharged_with_what_there_is(world, episode):
    world.do(commands.DischargeParticipant(episode, "left_against_advice"))


def test_an_incomplete_discharge_may_be_overridden_with_a_reason(world, episode):
    with pytest.raises(errors.OverrideNeedsReason):
        world.do(commands.DischargeParticipant(episode, "completed", override_reason=" "))
    world.do(commands.DischargeParticipant(episode, "completed", override_reason="moved away"))
    participant = UUID(world.told("participant_admitted")[0]["participant_id"])
    assert world.chart(participant)["episodes"][0]["discharge_override"] == "moved away"


def test_packs_that_are_silent_ask_for_nothing(world):
    track = world.a_track(packs=("medicare_iop",))
    episode = UUID(world.admit(world.a_participant(), track)["episode_id"])
    world.do(commands.DischargeParticipant(episode, "completed"))
