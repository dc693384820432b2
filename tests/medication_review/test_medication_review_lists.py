"""The medication list: what is the same medication, where sources disagree, and what a prescriber may decide."""

from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import ADMITTED, NAMES, PARTICIPANT, hours, medication

from services.medication_review.domain.errors import DecidedTwice, DecisionUnclear, MedicationNotListed
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Decision, discrepancies, normal_dose, normal_name

REVIEW = uuid5(NAMES, "review")


@pytest.fixture
def medication_list() -> MedicationList:
    return MedicationList.open(PARTICIPANT, ADMITTED)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("Metformin 500 MG Oral Tablet", "metformin"),
        ("METFORMIN", "metformin"),
        ("metformin hydrochloride 24 HR Extended Release", "metformin hydrochloride"),
        ("Tablet 5 mg", "tablet 5 mg"),
    ],
)
def test_a_normal_name_leaves_strength_and_form_away(name, normal):
    assert normal_name(name) == normal


@pytest.mark.parametrize(("one", "other"), [("500 mg", "500mg"), ("0.50 MG", "0.5 mg"), ("10 mg", "10.0 mg")])
def test_doses_are_equal_however_they_are_written(one, other):
    assert normal_dose(one) == normal_dose(other)


@pytest.mark.parametrize(("one", "other"), [("5 mg", "50 mg"), ("10 mg", "1 mg"), ("5 mg", "5 mcg")])
def test_different_doses_stay_different(one, other):
    assert normal_dose(one) != normal_dose(other)


def test_sources_that_agree_have_no_discrepancy():
    assert discrepancies([medication(), medication("self_report", "a", dose="500mg", name="metformin")]) == []


def test_the_same_code_with_another_dose_is_a_discrepancy():
    found = discrepancies([medication(), medication("fhir_list:clinic", "a", dose="850 mg", name="Glucophage")])
    assert [one.differs for one in found] == [("dose",)]


def test_the_same_normal_name_with_another_status_is_a_discrepancy():
    found = discrepancies([medication(), medication("self_report", "a", code=None, status="stopped", name="metformin")])
    assert [(one.medication, one.differs) for one in found] == [("metformin", ("status",))]


def test_two_orders_of_one_source_are_no_discrepancy():
    assert discrepancies([medication(order="1"), medication(order="2", dose="850 mg")]) == []


def test_what_the_program_decided_last_is_settled_until_a_source_says_something_new(medication_list):
    listed = [medication(), medication("self_report", "a", dose="850 mg")]
    for one in listed:
        medication_list.report(one, ADMITTED)
    change = Decision("change", "hospital_order:general", "1", dose="850 mg")
    medication_list.decide(REVIEW, [change], medication_list.medications.values(), hours(10))
    assert discrepancies(medication_list.medications.values()) == []
    medication_list.report(medication("self_report", "a", dose="1000 mg", reported=20), ADMITTED)
    assert len(discrepancies(medication_list.medications.values())) == 1


def test_a_source_that_says_something_older_changes_nothing(medication_list):
    medication_list.report(medication(reported=5), ADMITTED)
    medication_list.report(medication(reported=1, dose="850 mg"), ADMITTED)
    assert next(iter(medication_list.medications.values())).dose == "500 mg"


@pytest.mark.parametrize(
    ("decision", "refusal"),
    [
        (Decision("continue", "self_report", "none"), MedicationNotListed),
        (Decision("change", "hospital_order:general", "1"), DecisionUnclear),
        (Decision("start"), DecisionUnclear),
        (Decision("start", "hospital_order:general", "1", name="Lithium"), DecisionUnclear),
        (Decision("double", "hospital_order:general", "1"), DecisionUnclear),
    ],
)
def test_a_decision_names_what_is_listed_and_what_changes(medication_list, decision, refusal):
    medication_list.report(medication(), ADMITTED)
    with pytest.raises(refusal):
        medication_list.decide(REVIEW, [decision], medication_list.medications.values(), hours(10))


def test_one_review_decides_once_about_one_medication(medication_list):
    medication_list.report(medication(), ADMITTED)
    twice = [Decision("continue", "hospital_order:general", "1"), Decision("stop", "hospital_order:general", "1")]
    with pytest.raises(DecidedTwice):
        medication_list.decide(REVIEW, twice, medication_list.medications.values(), hours(10))


def test_stop_and_start_change_the_programs_own_list(medication_list):
    medication_list.report(medication(), ADMITTED)
    decisions = [Decision("stop", "hospital_order:general", "1"), Decision("start", name="Lithium", dose="300 mg")]
    medication_list.decide(REVIEW, decisions, list(medication_list.medications.values()), hours(10))
    ours = [one for one in medication_list.medications.values() if one.source == "program"]
    assert [(one.name, one.status) for one in ours] == [
        ("Metformin 500 MG Oral Tablet", "stopped"),
        ("Lithium", "active"),
    ]


ENTRIES = st.lists(
    st.builds(
        medication,
        source=st.sampled_from(["hospital_order:a", "fhir_list:b", "self_report"]),
        order=st.sampled_from("12345"),
        code=st.sampled_from([None, "1", "2"]),
        name=st.sampled_from(["Metformin", "metformin 500 mg", "Lithium"]),
        dose=st.sampled_from(["500 mg", "850 mg", None]),
        status=st.sampled_from(["active", "stopped"]),
    ),
    max_size=6,
    unique_by=lambda one: (one.source, one.order_id),
)


@given(entries=ENTRIES, order=st.randoms(use_true_random=False))
def test_discrepancies_do_not_depend_on_the_order_of_the_list(entries, order):
    shuffled = list(entries)
    order.shuffle(shuffled)
    assert discrepancies(shuffled) == discrepancies(entries)
