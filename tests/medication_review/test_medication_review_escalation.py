"""What is overdue escalates, in the packs' steps, until it is done: each test is one rule."""

from datetime import date, timedelta

import pytest
from medication_review_world import World, hours

from services.medication_review.rulebook import PackRules
from services.platform.packs import Packs

DUE = hours(72)
"""Of the reconciliation at the admission."""


def overdue(by: float = 0) -> World:
    """An admission's reconciliation that nobody has completed so many hours after it was due."""
    world = World().admitted()
    review, at = world.open_id("reconciliation"), DUE + timedelta(hours=by)
    return world.after(lambda case: case.fall_overdue(review, DUE, world.book, at))


def escalate(world: World, to: str, due_at=DUE) -> World:
    review = world.open_id("reconciliation")
    return world.after(lambda case: case.escalate(review, due_at, to, due_at + timedelta(hours=24)))


@pytest.mark.rule("overdue_review_escalates")
@pytest.mark.rule("medication.escalation_hours_auditor")
def test_an_overdue_reconciliation_is_the_coordinators_and_a_day_later_the_auditor_is_told():
    """domain.md: medication review, overdue escalation; the steps are program practice."""
    world = overdue()
    (step,) = next(event for event in world.case.pending_events if type(event).__name__ == "ReviewOverdue").escalations
    assert (step.to, step.at) == ("auditor", DUE + timedelta(hours=24))
    assert world.open("reconciliation").escalated_to == ()
    assert escalate(world, "auditor").open("reconciliation").escalated_to == ("auditor",)


@pytest.mark.rule("overdue_review_escalates")
@pytest.mark.rule("medication.escalation_hours_coordinator")
def test_of_an_overdue_review_the_coordinator_is_told_at_once():
    """domain.md: medication review, overdue escalation; the steps are program practice."""
    world = World().admitted().triggered(1)
    review = world.open_id("review")
    world.after(lambda case: case.fall_overdue(review, hours(25), world.book, hours(25)))
    assert world.open("review").escalated_to == ("coordinator",)


def test_what_is_heard_of_long_after_it_was_due_escalates_through_all_steps():
    world = World().admitted()
    world.case.note_safety_trigger("phq_9", hours(1), hours(80))
    world.passed(hours(80))
    assert world.open("review").escalated_to == ("coordinator", "auditor")


def test_nobody_is_told_twice_nor_of_another_due_time():
    world = escalate(escalate(overdue(), "auditor"), "auditor")
    escalate(world, "prescriber", DUE + timedelta(hours=1))
    assert world.open("reconciliation").escalated_to == ("auditor",)


def test_what_is_done_in_time_does_not_escalate():
    world = World().admitted()
    review = world.open_id("reconciliation")
    world.completed("reconciliation", 10)
    world.after(lambda case: case.escalate(review, DUE, "auditor", hours(96)))
    assert "ReviewEscalated" not in world.told()


def test_what_is_due_later_again_has_not_escalated():
    world = World().admitted().triggered(1).no_shows(3, -160)
    review = world.open_id("review")
    world.after(lambda case: case.fall_overdue(review, hours(8), world.book, hours(8)))
    assert world.open("review").escalated_to == ("coordinator",)
    world.after(lambda case: case.excuse_no_shows(2, hours(9)))
    assert (world.open("review").overdue, world.open("review").escalated_to) == (False, ())


def test_the_shipped_packs_tell_the_coordinator_at_once_and_the_auditor_after_24_hours():
    found = PackRules(Packs.load()).reviews((), date(2026, 2, 2))
    assert found.escalation == (("coordinator", timedelta(0)), ("auditor", timedelta(hours=24)))
