"""When a review falls due, what withdraws it, and who completes it: each test is one rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import ADMITTED, SUSPENSION, World, hours, medication

from services.medication_review.domain.errors import (
    NotAReconciliation,
    NotQualifiedToReconcile,
    PrescriberOnly,
    ReviewNotOpen,
    ReviewUnknown,
)
from services.medication_review.domain.reconciling import Compared

LEFT = Compared("1", ("dose",), ("6809",), (("self_report", "a"),), "left")


@pytest.mark.rule("reconciled_at_admission")
def test_an_admission_opens_a_reconciliation_due_in_the_packs_hours():
    """Program practice."""
    world = World().admitted()
    need = world.open("reconciliation").need
    assert (need.cause, need.urgent, need.due_at) == ("admission", False, hours(72))
    assert world.open("review") is None


def test_nothing_is_due_before_an_admission():
    world = World().triggered(-5).no_shows(3, -5).reported(medication())
    assert world.case.reviews == {}


def test_orders_reported_before_the_admission_are_covered_by_its_reconciliation():
    assert World().reported(medication(reported=-1)).admitted().open("review") is None


@pytest.mark.rule("order_change_is_reviewed")
def test_a_hospital_order_changed_after_the_admission_asks_for_a_review():
    """Program practice."""
    world = World().admitted().reported(medication(reported=5))
    assert (world.open("review").need.cause, world.open("review").need.due_at) == ("order_changed", hours(77))


def test_the_same_order_told_again_changes_nothing():
    world = World().reported(medication(reported=-1)).admitted().reported(medication(reported=5))
    assert world.open("review") is None


def test_orders_while_suspended_are_covered_by_the_reconciliation_of_the_transition():
    world = World().admitted().reported(medication(reported=5)).suspended(4)
    assert world.open("review") is None
    assert "ReviewWithdrawn" in world.told()


@pytest.mark.rule("reconciled_at_transition")
def test_a_suspension_marks_the_transition_and_the_resumption_asks_for_a_reconciliation():
    """Program practice."""
    world = World().admitted().completed("reconciliation", 10).suspended(20)
    assert world.case.facts.in_transition
    assert world.open("reconciliation") is None
    world.resumed(50)
    assert not world.case.facts.in_transition
    assert (world.open("reconciliation").need.cause, world.open("reconciliation").need.due_at) == (
        "transition",
        hours(122),
    )


def test_a_corrected_beginning_leaves_the_end_of_a_suspension():
    world = World().admitted().completed("reconciliation", 10).suspended(20).resumed(50).suspended(25)
    assert not world.case.facts.in_transition
    assert world.open("reconciliation").need.due_at == hours(122)


def test_a_suspension_that_never_was_withdraws_what_only_it_caused():
    world = World().admitted().completed("reconciliation", 10).suspended(20).resumed(50)
    world.after(lambda case: case.cancel_suspension(SUSPENSION, ADMITTED))
    assert world.open("reconciliation") is None


def test_a_cancelled_suspension_leaves_what_something_else_asks_for_too():
    world = World().admitted().suspended(20).resumed(50)
    assert world.open("reconciliation").need.causes == ("admission", "transition")
    world.after(lambda case: case.cancel_suspension(SUSPENSION, ADMITTED))
    assert world.open("reconciliation").need.causes == ("admission",)


def test_a_cancelled_resumption_waits_for_the_next_one():
    world = World().admitted().completed("reconciliation", 10).suspended(20).resumed(50)
    world.after(lambda case: case.cancel_resumption(SUSPENSION, ADMITTED))
    assert world.open("reconciliation") is None
    assert world.case.facts.in_transition
    assert world.resumed(60).open("reconciliation").need.due_at == hours(132)


@pytest.mark.rule("safety_trigger_is_urgent")
def test_a_safety_trigger_asks_for_an_urgent_review_within_the_packs_hours():
    """Program practice."""
    world = World().admitted().triggered(5)
    need = world.open("review").need
    assert (need.cause, need.urgent, need.due_at) == ("safety_trigger", True, hours(29))


def test_a_safety_trigger_before_the_admission_counts_from_the_admission():
    assert World().triggered(-50).admitted().open("review").need.due_at == hours(24)


@pytest.mark.rule("one_open_review")
def test_an_urgent_review_joins_the_open_one_which_then_is_due_sooner():
    """Program practice."""
    world = World().admitted().no_shows(3, 4)
    before = world.open_id("review")
    world.triggered(5)
    need = world.open("review").need
    assert world.open_id("review") == before
    assert (need.cause, need.causes, need.urgent, need.due_at) == (
        "safety_trigger",
        ("no_shows", "safety_trigger"),
        True,
        hours(29),
    )
    assert world.told().count("ReviewOpened") == 2
    assert world.told().count("ReviewRescheduled") == 1


def test_completing_a_review_answers_everything_that_asked_for_it():
    world = World().admitted().no_shows(3, 4).triggered(5).completed("review", 10)
    assert world.open("review") is None


@pytest.mark.rule("repeated_no_shows_are_reviewed")
def test_no_shows_excused_later_withdraw_what_only_they_caused():
    """Program practice."""
    world = World().admitted().no_shows(3, 4).no_shows(6, 40)
    world.after(lambda case: case.excuse_no_shows(5, ADMITTED))
    assert world.open("review").need.due_at == hours(4 + 7 * 24)
    world.after(lambda case: case.excuse_no_shows(2, ADMITTED))
    assert world.open("review") is None


@pytest.mark.rule("repeated_no_shows_are_reviewed")
def test_no_shows_that_repeat_as_often_after_an_excuse_ask_for_another_review():
    """Program practice."""
    world = World().admitted().no_shows(3, 4).completed("review", 10)
    world.after(lambda case: case.excuse_no_shows(2, ADMITTED))
    assert world.open("review") is None
    assert world.no_shows(3, 60).open("review").need.due_at == hours(60 + 7 * 24)


@pytest.mark.rule("reviewed_in_cycles")
def test_the_cycle_runs_from_the_admission_and_from_each_completed_review():
    """Program practice."""
    world = World().admitted()
    due = hours(30 * 24)
    assert world.case.facts.cycle_due_at == due
    world.after(lambda case: case.reach_cycle(due, due))
    assert (world.open("review").need.cause, world.open("review").need.due_at) == ("cycle", due)
    world.completed("review", 25 * 24)
    assert world.open("review") is None
    assert world.case.facts.cycle_due_at == hours(55 * 24)


def test_a_cycle_that_moved_on_opens_nothing():
    world = World().admitted().triggered(1).completed("review", 2)
    world.after(lambda case: case.reach_cycle(hours(30 * 24), ADMITTED))
    assert world.open("review") is None


def test_a_discharge_closes_the_case_and_withdraws_what_is_open():
    world = World().admitted().triggered(5)
    world.after(lambda case: case.close(hours(20), ADMITTED))
    assert world.needs() == {"reconciliation": None, "review": None}
    assert world.told().count("ReviewWithdrawn") == 2
    assert world.triggered(30).needs() == {"reconciliation": None, "review": None}


def test_a_review_falls_overdue_once_and_only_at_the_time_it_is_due():
    world = World().admitted()
    review = world.open_id("reconciliation")
    for _ in range(2):
        world.after(lambda case: case.fall_overdue(review, hours(72), world.book, hours(72)))
        world.after(lambda case: case.fall_overdue(review, hours(71), world.book, hours(90)))
    assert world.told().count("ReviewOverdue") == 1


def test_a_completed_review_cannot_fall_overdue():
    world = World().admitted()
    review = world.open_id("reconciliation")
    world.completed("reconciliation", 10)
    world.after(lambda case: case.fall_overdue(review, hours(72), world.book, hours(72)))
    assert "ReviewOverdue" not in world.told()


@pytest.mark.rule("decided_by_a_prescriber")
def test_only_a_prescriber_completes_a_review():
    """domain.md: decisions by a prescriber only."""
    world = World().admitted().triggered(5)
    with pytest.raises(PrescriberOnly):
        world.completed("review", 6, roles=frozenset({"coordinator", "therapist"}))


@pytest.mark.rule("medication.reconciled_by")
def test_a_reconciliation_is_completed_by_the_roles_that_the_pack_names():
    """Program practice; a state may ask for a nurse, a pharmacist or a prescriber."""
    world = World().admitted()
    with pytest.raises(NotQualifiedToReconcile):
        world.completed("reconciliation", 6, roles=frozenset({"peer_lead"}))
    world.completed("reconciliation", 6, roles=frozenset({"coordinator"}))
    assert world.open("reconciliation") is None


def test_decisions_in_a_reconciliation_are_a_prescribers_too():
    world = World().admitted()
    with pytest.raises(PrescriberOnly):
        world.completed("reconciliation", 6, roles=frozenset({"coordinator"}), decisions=1)


@pytest.mark.rule("discrepancies_are_reviewed")
def test_discrepancies_left_undecided_ask_for_a_prescribers_review():
    """Program practice."""
    world = World().admitted().completed("reconciliation", 6, roles=frozenset({"coordinator"}), compared=(LEFT, LEFT))
    assert (world.open("review").need.cause, world.open("review").need.due_at) == ("discrepancies", hours(78))


def test_a_review_is_completed_once_and_only_if_there_is_one():
    world = World().admitted().triggered(1)
    review = world.open_id("review")
    with pytest.raises(NotAReconciliation):
        world.case.check_reconciliation(review)
    world.completed("review", 2)
    with pytest.raises(ReviewNotOpen):
        world.case.check_reconciliation(review)
    with pytest.raises(ReviewUnknown):
        world.case.check_reconciliation(SUSPENSION)


ENROLLMENT = (
    lambda world: world.admitted(),
    lambda world: world.suspended(20),
    lambda world: world.triggered(30),
    lambda world: world.resumed(50),
    lambda world: world.triggered(60),
    lambda world: world.after(lambda case: case.cancel_resumption(SUSPENSION, ADMITTED)),
    lambda world: world.resumed(70),
)
ATTENDANCE = (
    lambda world: world.no_shows(3, 10),
    lambda world: world.no_shows(6, 90),
    lambda world: world.after(lambda case: case.excuse_no_shows(5, ADMITTED)),
)
HOSPITAL = (
    lambda world: world.reported(medication(order="1", reported=-4)),
    lambda world: world.reported(medication(order="2", reported=25, dose="850 mg")),
    lambda world: world.reported(medication(order="1", reported=80, status="stopped")),
)


@given(
    order=st.permutations([0] * len(ENROLLMENT) + [1] * len(ATTENDANCE) + [2] * len(HOSPITAL)),
    twice=st.lists(st.booleans(), min_size=13, max_size=13),
)
def test_every_order_across_sources_ends_in_the_same_reviews(order, twice):
    expected = World()
    for step in (*ENROLLMENT, *ATTENDANCE, *HOSPITAL):
        step(expected)
    world = World()
    waiting = [list(source) for source in (ENROLLMENT, ATTENDANCE, HOSPITAL)]
    for source, again in zip(order, twice, strict=True):
        step = waiting[source].pop(0)
        step(world)
        if again and step not in (ENROLLMENT[3], ENROLLMENT[5], ENROLLMENT[6]):
            step(world)
    assert world.needs() == expected.needs()
    assert world.case.facts.cycle_due_at == expected.case.facts.cycle_due_at
