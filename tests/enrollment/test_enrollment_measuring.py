"""When instruments are due: at the admission, at every review, before the discharge."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from enrollment_states import day
from enrollment_world import World

from services.enrollment.domain import commands, plan_of_care_commands
from services.enrollment.domain.follow_up import DISCHARGE_INSTRUMENT, INSTRUMENT, PLAN_REVIEW, REVIEW_INSTRUMENT

EVERY_30_DAYS = ("medicare_iop", "plan_review_30", "program_default")


@pytest.fixture
def episode(world: World) -> UUID:
    admitted = UUID(world.admit(world.a_participant(), world.a_track(packs=EVERY_30_DAYS))["episode_id"])
    world.plan(admitted)
    return admitted


def due(world: World) -> dict[str, datetime]:
    return {one["kind"]: one["due_at"] for one in world.ask("due", role="therapist")["due"]}


def score(world: World, episode_id: UUID, occasion: str, instrument: str = "phq_9", at: float | None = None) -> None:
    if at is not None:
        world.clock.set(day(at))
    world.do(commands.ScoreInstrument(episode_id, instrument, occasion, score=9))


def review(world: World, episode_id: UUID, at: float, outcome: str = "continued") -> Any:
    world.clock.set(day(at))
    return world.do(plan_of_care_commands.ReviewPlanOfCare(episode_id, outcome)).body


@pytest.mark.rule("measured_at_admission")
@pytest.mark.rule("reassessment.days_after_admission")
def test_an_instrument_is_due_within_a_week_of_the_admission(world, episode):
    """domain.md: measure at admission; DC §6329: within 7 days where there was none at intake."""
    assert due(world)[INSTRUMENT] == day(7)
    score(world, episode, "review")
    assert INSTRUMENT in due(world)
    score(world, episode, "admission")
    assert INSTRUMENT not in due(world)


@pytest.mark.rule("measured_at_every_review")
def test_an_instrument_is_due_with_every_review_of_the_plan(world, episode):
    """domain.md: measure at every review."""
    assert due(world)[REVIEW_INSTRUMENT] == due(world)[PLAN_REVIEW] == day(30)
    score(world, episode, "review", at=28)
    assert REVIEW_INSTRUMENT not in due(world)
    review(world, episode, 29)
    assert due(world)[REVIEW_INSTRUMENT] == due(world)[PLAN_REVIEW] == day(59)


@pytest.mark.rule("measured_at_every_review")
def test_what_a_review_lacked_stays_due_and_the_next_counts_from_when_it_was_done(world, episode):
    """domain.md: measure at every review; a review without a score hides nothing."""
    review(world, episode, 29)
    assert (due(world)[REVIEW_INSTRUMENT], due(world)[PLAN_REVIEW]) == (day(30), day(59))
    score(world, episode, "review", at=35)
    assert due(world)[REVIEW_INSTRUMENT] == day(65)


@pytest.mark.rule("measured_at_every_review")
def test_several_instruments_of_one_day_belong_to_one_review(world, episode):
    """domain.md: measure at every review: who answers two forms after the review has not answered for the next one."""
    review(world, episode, 29)
    score(world, episode, "review", "phq_9")
    score(world, episode, "review", "gad_7")
    assert due(world)[REVIEW_INSTRUMENT] == day(59)
    score(world, episode, "review", "phq_9", at=57)
    assert REVIEW_INSTRUMENT not in due(world)


@pytest.mark.rule("measured_before_discharge")
@pytest.mark.rule("reassessment.days_before_discharge")
def test_an_instrument_is_due_once_a_review_plans_the_discharge(world, episode):
    """DC §6329: before a planned discharge; domain.md: measure before discharge."""
    review(world, episode, 20, "discharge_planned")
    assert due(world)[DISCHARGE_INSTRUMENT] == day(27)
    review(world, episode, 22, "discharge_planned")
    assert due(world)[DISCHARGE_INSTRUMENT] == day(27)
    score(world, episode, "discharge", at=24)
    assert DISCHARGE_INSTRUMENT not in due(world)
    review(world, episode, 25, "discharge_planned")
    assert DISCHARGE_INSTRUMENT not in due(world)


@pytest.mark.rule("measured_before_discharge")
def test_a_discharge_that_is_not_planned_any_more_asks_for_no_instrument(world, episode):
    """DC §6329 speaks of planned discharges."""
    review(world, episode, 20, "discharge_planned")
    review(world, episode, 21, "continued")
    assert DISCHARGE_INSTRUMENT not in due(world)
    assert [one["kind"] for one in world.told("due_withdrawn")] == [DISCHARGE_INSTRUMENT]


def test_a_discharge_ends_what_is_due(world, episode):
    review(world, episode, 20, "discharge_planned")
    world.do(commands.DischargeParticipant(episode, "left_against_advice"))
    assert due(world) == {}


def test_an_instrument_that_was_not_answered_is_told_to_a_coordinator(world, episode):
    """Program practice, as with everything that a therapist left undone."""
    world.clock.set(day(33))
    told = [(one["kind"], one["escalated_to"]) for one in world.told("due_escalated")]
    assert (REVIEW_INSTRUMENT, "coordinator") in told
