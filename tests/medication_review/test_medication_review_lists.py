"""The medication list: what is the same medication, where sources disagree, and what a prescriber may decide."""

from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_review_world import ADMITTED, NAMES, PARTICIPANT, hours, medication

from services.medication_review.domain.discrepancies import discrepancies as discrepancies_by
from services.medication_review.domain.errors import DecidedTwice, DecisionUnclear, MedicationNotListed
from services.medication_review.domain.medication_list import MedicationList
from services.medication_review.domain.medications import Decision, changes, normal_dose, normal_name
from services.medication_review.table_files import shipped

REVIEW = uuid5(NAMES, "review")
FORMULARY = shipped().formulary


def discrepancies(listed, stated=None):
    return discrepancies_by(listed, FORMULARY, stated)


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


@pytest.mark.parametrize(
    ("one", "other"),
    [("500 mg", "500mg"), ("0.50 MG", "0.5 mg"), ("10 mg", "10.0 mg"), ("0.5 g", "500 mg"), ("500 mcg", "0.5mg")],
)
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


def test_two_orders_of_one_source_are_a_duplicate():
    (found,) = discrepancies([medication(order="1"), medication(order="2", dose="850 mg")])
    assert found.differs == ("duplicate",)
    assert [entry.order_id for entry in found.findings[0].entries] == ["1", "2"]


def test_an_order_that_replaces_a_stopped_one_is_no_duplicate():
    assert discrepancies([medication(order="1", status="stopped"), medication(order="2", dose="850 mg")]) == []


@pytest.mark.parametrize(
    ("kind", "changed"),
    [("dose", {"dose": "850 mg"}), ("frequency", {"frequency": "BID"}), ("route", {"route": "sublingual"})],
)
def test_what_is_stated_differently_is_named(kind, changed):
    (found,) = discrepancies([medication(), medication("self_report", "a", **changed)])
    assert found.differs == (kind,)


def test_frequency_and_route_agree_however_they_are_written():
    assert discrepancies([medication(), medication("self_report", "a", frequency="QD", route="PO")]) == []


def test_a_brand_and_a_salt_are_the_same_medication():
    brand = medication(name="Zoloft 50 MG tab", code=None, dose="50 mg")
    salt = medication("self_report", "a", name="sertraline hydrochloride", code=None, dose="100 mg")
    (found,) = discrepancies([brand, salt])
    assert (found.medication, found.codes, found.differs) == ("sertraline", ("36437",), ("dose",))


@pytest.mark.rule("a_complete_list_omits")
def test_a_complete_list_omits():
    """Program practice, to be verified by the program: a discharge list and a FHIR list claim to be complete."""
    listed = [medication(), medication("discharge_list", "a", code=None, name="Lithium", reported=5)]
    found = {one.medication: one.findings for one in discrepancies(listed)}
    assert [(one.kind, one.missing_from) for one in found["metformin"]] == [("omitted", ("discharge_list",))]
    assert "lithium" not in found, "orders claim no such thing"


def test_a_list_older_than_an_order_does_not_omit_it_until_it_is_stated_again():
    listed = [medication(reported=5), medication("fhir_list:clinic", "a", code=None, name="Lithium", reported=1)]
    assert discrepancies(listed) == []
    (found,) = discrepancies(listed, {"fhir_list:clinic": hours(6)})
    assert found.differs == ("omitted",)


def test_two_medications_of_one_class_are_asked_about():
    listed = [medication(name="sertraline", code="36437"), medication("self_report", "a", name="Celexa", code=None)]
    (found,) = discrepancies(listed)
    assert (found.medication, found.differs) == ("selective serotonin reuptake inhibitors", ("same_class",))
    assert discrepancies([listed[0], medication("self_report", "a", name="Celexa", code=None, status="stopped")]) == []


def test_what_is_not_recognised_is_compared_as_written():
    """The rule ``nothing_is_guessed``."""
    listed = [medication(name="Moonwort 5 mg", code=None, dose="5 mg")]
    listed.append(medication("self_report", "a", name="MOONWORT", code=None, dose="10 mg"))
    (found,) = discrepancies(listed)
    assert (found.medication, found.codes, found.differs) == ("moonwort", (), ("dose",))


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
        (Decision("continue", "hospital_order:general", "1", code="6448", system="RxNorm"), DecisionUnclear),
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


def test_what_is_started_keeps_the_code_that_the_prescriber_gives(medication_list):
    start = Decision("start", name="Caplyta", code="2275602", system="RxNorm", dose="42 mg")
    medication_list.decide(REVIEW, [start], [], hours(10))
    (ours,) = medication_list.medications.values()
    assert (ours.source, ours.name, ours.code, ours.system) == ("program", "Caplyta", "2275602", "RxNorm")


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


STATEMENTS = st.lists(
    st.builds(
        medication,
        source=st.sampled_from(["hospital_order:a", "fhir_list:b", "self_report"]),
        order=st.sampled_from("12"),
        name=st.sampled_from(["Metformin", "Zoloft"]),
        code=st.none(),
        dose=st.sampled_from(["500 mg", "850 mg"]),
        status=st.sampled_from(["active", "stopped"]),
        reported=st.integers(0, 5),
    ),
    max_size=10,
    unique_by=lambda one: (one.source, one.order_id, one.reported_at),
)


def _list_after(statements) -> MedicationList:
    medication_list = MedicationList.open(PARTICIPANT, ADMITTED)
    for one in statements:
        medication_list.report(one, ADMITTED)
    return medication_list


@given(statements=STATEMENTS, twice=st.integers(0, 10), order=st.randoms(use_true_random=False))
def test_the_list_follows_from_what_was_said_not_from_when_it_came(statements, twice, order):
    shuffled = [*statements, *statements[:twice]]
    order.shuffle(shuffled)
    one, other = _list_after(statements), _list_after(shuffled)
    assert one.medications == other.medications
    assert set(one.orders) == set(other.orders) and one.stated == other.stated
    assert discrepancies(one.medications.values(), one.stated) == discrepancies(
        other.medications.values(), other.stated
    )


def test_what_is_said_again_is_no_change():
    said = [medication(reported=n, dose=dose) for n, dose in ((1, "5 mg"), (2, "5 mg"), (3, "10 mg"), (4, "10 mg"))]
    assert changes(said) == [said[0], said[2]]


@given(entries=ENTRIES, order=st.randoms(use_true_random=False))
def test_discrepancies_do_not_depend_on_the_order_of_the_list(entries, order):
    shuffled = list(entries)
    order.shuffle(shuffled)
    assert discrepancies(shuffled) == discrepancies(entries)
