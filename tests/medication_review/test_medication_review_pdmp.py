"""When the prescription drug monitoring program is asked, and what asks for a review: each test is one rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import NAMES, World, hours, medication, uuid5

from services.medication_review.domain.controlled import controlled_substances
from services.medication_review.domain.errors import NotHappenedYet, NotQualifiedToCheck
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Decision
from services.medication_review.domain.pdmp import INCONSISTENT, UNAVAILABLE, Controlled
from services.medication_review.domain.who_may import check_delegate
from services.medication_review.rulebook import PackRules
from services.medication_review.table_files import shipped
from services.platform.packs import Packs

CLONAZEPAM = {"code": None, "system": None, "name": "Clonazepam 0.5 MG Oral Tablet"}
MONTHS = 90 * 24


def taking(since: float = 10, schedule: str = "IV") -> World:
    """Admitted, and taking a controlled substance since then."""
    return World().admitted().taking(Controlled("clonazepam", schedule, hours(since)))


@pytest.mark.rule("pdmp_is_checked")
@pytest.mark.rule("medication.pdmp_start_hours")
def test_a_check_is_due_within_the_packs_hours_of_the_start_of_a_controlled_substance():
    """CDC Clinical Practice Guideline for Prescribing Opioids 2022, recommendation 9: when starting."""
    assert taking(10).pdmp.due_at == hours(34)


def test_of_what_was_taken_before_the_admission_a_check_is_due_from_the_admission():
    assert taking(-500).pdmp.due_at == hours(24)


def test_before_an_admission_and_after_the_discharge_no_check_is_due():
    world = World().taking(Controlled("clonazepam", "IV", hours(1)))
    assert world.pdmp.due_at is None
    assert world.admitted().pdmp.due_at == hours(25)
    world.after(lambda case: case.close(hours(20), hours(20)))
    assert world.pdmp.due_at is None


@pytest.mark.rule("medication.pdmp_schedules")
def test_of_schedules_that_the_packs_do_not_name_no_check_is_due():
    """21 USC 812: schedules; which of them a state's program holds is the state's rule."""
    assert taking(10, "V").pdmp.due_at is None


@pytest.mark.rule("pdmp_is_checked")
@pytest.mark.rule("medication.pdmp_valid_days")
def test_a_check_is_good_for_the_packs_days_and_is_due_again():
    """CDC Clinical Practice Guideline for Prescribing Opioids 2022, recommendation 9: at least every 3 months."""
    world = taking(10).checked(12)
    assert world.pdmp.due_at == hours(12 + MONTHS)
    assert world.checked(500).pdmp.due_at == hours(500 + MONTHS)


def test_a_check_shortly_before_the_start_is_one_for_it_and_an_older_one_is_not():
    assert World().admitted().checked(0).taking(Controlled("clonazepam", "IV", hours(20))).pdmp.due_at == hours(MONTHS)
    assert World().admitted().checked(0).taking(Controlled("clonazepam", "IV", hours(30))).pdmp.due_at == hours(54)


def test_another_substance_asks_for_a_check_of_its_own():
    world = taking(10).checked(12)
    world.taking(Controlled("clonazepam", "IV", hours(10)), Controlled("methadone", "II", hours(200)))
    assert world.pdmp.due_at == hours(224)


def test_a_program_that_did_not_answer_was_not_asked():
    assert taking(10).checked(12, UNAVAILABLE).pdmp.due_at == hours(34)


def test_once_no_controlled_substance_is_taken_no_check_is_due():
    assert taking(10).taking().pdmp.due_at is None


@pytest.mark.rule("controlled_substance_unchecked_is_reviewed")
@pytest.mark.rule("medication.pdmp_review_hours")
def test_a_controlled_substance_without_a_check_in_time_asks_for_a_review_until_it_is_made():
    """domain.md: controlled substance without a PDMP check."""
    world = taking(10)
    assert world.open("review") is None
    world.passed(hours(34))
    assert (world.open("review").need.cause, world.open("review").need.due_at) == ("pdmp_check", hours(34 + 60))
    assert world.checked(40).open("review") is None


def test_a_review_that_was_completed_without_a_check_is_not_asked_for_again():
    world = taking(10).passed(hours(34)).completed("review", 40)
    assert world.open("review") is None
    assert world.pdmp.due_at == hours(34), "the check still is to be made"


def test_what_is_heard_of_after_the_check_was_due_asks_at_once():
    world = World().admitted()
    world.controlled = (Controlled("clonazepam", "IV", hours(10)),)
    assert world.after(lambda case: None, at=hours(60)).open("review").need.causes == ("pdmp_check",)


@pytest.mark.rule("controlled_substance_unchecked_is_reviewed")
def test_a_check_that_shows_what_is_not_known_asks_for_a_review():
    """Program practice: what the program shows is looked at by a prescriber."""
    world = taking(10).checked(12, INCONSISTENT)
    assert (world.open("review").need.cause, world.open("review").need.due_at) == ("pdmp_result", hours(12 + 60))
    assert world.completed("review", 14).open("review") is None


def test_a_check_is_recorded_when_it_was_made():
    with pytest.raises(NotHappenedYet):
        taking(10).checked(50, at=40)


@pytest.mark.rule("medication.pdmp_checked_by")
def test_prescribers_and_the_delegates_that_the_packs_name_may_check():
    """State rules: most let prescribers delegate the query to staff."""
    rules = World().book.pdmp((), date(2026, 2, 2))
    check_delegate(frozenset({"coordinator"}), rules)
    check_delegate(frozenset({"prescriber"}), rules)
    with pytest.raises(NotQualifiedToCheck, match="coordinator"):
        check_delegate(frozenset({"therapist"}), rules)


def test_the_shipped_packs_ask_at_the_start_and_every_90_days():
    found = PackRules(Packs.load()).pdmp((), date(2026, 2, 2))
    assert (found.at_start, found.valid) == (timedelta(hours=24), timedelta(days=90))
    assert found.schedules == {"II", "III", "IV", "V"} and found.checked_by == {"prescriber", "coordinator"}


def substances(*listed):
    return controlled_substances(listed, shipped().formulary)


def test_a_controlled_substance_is_told_by_its_ingredient_whoever_lists_it():
    first = medication("self_report", "a", 5, name="Klonopin", code=None)
    other = medication("hospital_order:general", "1", 9, **CLONAZEPAM)
    assert substances(other, first) == (Controlled("clonazepam", "IV", hours(5)),)


def test_products_of_several_ingredients_have_the_schedule_of_those_that_have_one():
    suboxone = medication("hospital_order:general", "1", 9, name="Suboxone", code=None)
    assert substances(suboxone) == (Controlled("buprenorphine", "III", hours(9)),)


def test_what_is_not_scheduled_stopped_or_not_recognised_is_none():
    stopped = medication("hospital_order:general", "1", 9, status="stopped", **CLONAZEPAM)
    unknown = medication("self_report", "a", 5, name="the blue ones", code=None)
    assert substances(medication(), stopped, unknown) == ()


def test_what_the_programs_prescriber_stopped_is_taken_no_more_whatever_the_hospital_lists():
    listed = medication("hospital_order:general", "1", 9, **CLONAZEPAM)
    own = MedicationList.open(uuid5(NAMES, "participant"), hours(0))
    own.report(listed, hours(9))
    own.decide(
        uuid5(NAMES, "r"), [Decision("stop", listed.source, listed.order_id)], own.medications.values(), hours(20)
    )
    assert substances(*own.medications.values()) == ()


STEPS = (
    lambda world: world.admitted(),
    lambda world: world.taking(Controlled("clonazepam", "IV", hours(10))),
    lambda world: world.checked(12, name="first"),
    lambda world: world.checked(900, INCONSISTENT, name="second"),
    lambda world: world.transferred(600),
)


@given(order=st.permutations(STEPS))
def test_every_order_ends_in_the_same_due_time_and_the_same_reviews(order):
    expected, world = World(), World()
    for step in STEPS:
        step(expected)
    for step in order:
        step(world)
    for one in (expected, world):
        one.passed(hours(3500))
    assert (world.pdmp.due_at, world.pdmp.standing) == (expected.pdmp.due_at, expected.pdmp.standing)
    assert world.needs() == expected.needs()
