"""Lists on a real log: by source, under all ids of a person, and where they disagree."""

from datetime import datetime

import pytest
from medication_review_service import EPISODE, due, open_review
from medication_review_told import admitted, merged, named, reported
from medication_review_world import hours

from services.medication_review.domain import commands as c
from services.medication_review.domain.errors import NotHappenedYet


def test_sources_that_disagree_are_listed_and_left_to_a_prescriber(service):
    service.told(
        admitted("ada"),
        reported("ada", "1", -3),
        reported("ada", "x", -2, source="fhir_list:clinic", name="metformin", dose="850 mg"),
    )
    listed = service.ask("medications", participant_id=named("ada"))
    (found,) = listed["discrepancies"]
    assert (found["medication"], found["differs"]) == ("metformin", ["dose"])
    compared = tuple(row["mark"] for row in listed["medications"])
    answer = service.do(
        c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation"), compared), "therapist"
    )
    assert answer.body["undecided"] == 1
    assert due(service) == [("review", "discrepancies", False)]


def test_the_list_says_what_each_medication_is_and_what_is_not_recognised(service):
    service.told(
        admitted("ada"),
        reported("ada", "1", -3, name="Zoloft 50 MG tab", code="312941", dose="50 mg"),
        reported("ada", "2", -3, name="Moonwort", code=None, system=None),
        reported("ada", "3", -3, name="Lithium", code="36437"),
    )
    listed = service.ask("medications", participant_id=named("ada"))["medications"]
    assert {row["order_id"]: (row["recognition"], row["ingredients"]) for row in listed} == {
        "1": ("recognised", [{"name": "sertraline", "code": "36437"}]),
        "2": ("not_recognised", []),
        "3": ("contradictory", []),
    }


def test_a_discrepancy_names_its_kinds_sources_and_entries(service):
    service.told(
        admitted("ada"),
        reported("ada", "1", -3, frequency="QD"),
        reported("ada", "x", -2, source="fhir_list:clinic", name="Lithium", code="6448"),
        reported("ada", "y", -1, source="fhir_list:north", name="Glucophage", dose="850 mg", frequency="1 per 1 d"),
    )
    lithium, metformin = service.ask("medications", participant_id=named("ada"))["discrepancies"]
    order, list_ = {"source": "hospital_order:general", "order_id": "1"}, {"source": "fhir_list:north", "order_id": "y"}
    assert (metformin["medication"], metformin["codes"], metformin["differs"]) == (
        "metformin",
        ["6809"],
        ["omitted", "dose"],
    )
    assert metformin["findings"] == [
        {"kind": "omitted", "entries": [list_, order], "missing_from": ["fhir_list:clinic"]},
        {"kind": "dose", "entries": [list_, order], "missing_from": []},
    ]
    assert [entry["frequency"] for entry in metformin["entries"]] == ["1 per 1 d", "QD"]
    assert [(one["kind"], one["missing_from"]) for one in lithium["findings"]] == [("omitted", ["fhir_list:north"])]


def test_self_report_is_listed_and_is_no_decision(service):
    service.told(admitted("ada"))
    service.do(c.ListMedication(named("ada"), "self_report", "Melatonin", dose="3 mg"), "therapist")
    service.settle()
    (row,) = service.ask("medications", participant_id=named("ada"))["medications"]
    assert (row["source"], row["name"], row["decision"]) == ("self_report", "Melatonin", None)
    assert due(service) == [("reconciliation", "admission", False)]


@pytest.mark.rule("a_complete_list_omits")
def test_a_discharge_list_counts_from_the_day_it_was_given_not_from_when_it_is_entered(service):
    """Program practice, to be verified by the program: what came after a complete list is not missing from it."""
    service.told(admitted("ada"), reported("ada", "1", 20, name="Lithium", code="6448"))
    service.pass_time(hours(30))
    given = {"order_id": "1", "name": "Melatonin", "dose": "3 mg", "stated_at": hours(10)}
    service.do(c.ListMedication(named("ada"), "discharge_list", **given), "therapist")
    service.settle()
    found = service.ask("medications", participant_id=named("ada"))
    assert found["discrepancies"] == []
    (listed,) = (one for one in found["medications"] if one["source"] == "discharge_list")
    assert datetime.fromisoformat(listed["reported_at"]) == hours(10)
    service.do(c.ListMedication(named("ada"), "discharge_list", "Melatonin", "1", dose="3 mg"), "therapist")
    service.settle()
    (found,) = service.ask("medications", participant_id=named("ada"))["discrepancies"]
    assert (found["medication"], found["differs"]) == ("lithium", ["omitted"])
    with pytest.raises(NotHappenedYet):
        service.do(c.ListMedication(named("ada"), "self_report", "Melatonin", stated_at=hours(31)), "therapist")


def test_a_merged_participants_list_is_one_and_the_others_orders_ask_for_a_review(service):
    service.told(admitted("ada"), merged("ada", "twin", "ada"), reported("twin", "9", 4, dose="850 mg"))
    assert due(service, kind="review") == [("review", "order_changed", False)]
    answer = service.ask("medications", participant_id=named("twin"))
    assert answer["participant_id"] == str(named("ada")) and len(answer["medications"]) == 1


@pytest.mark.parametrize("through", [2, 3])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (2, 3, 4, 0, 1), (2, 0, 3, 1, 4), (0, 2, 3, 4, 1)], ids=str)
def test_the_last_word_about_an_alias_counts_in_every_order(service, order, through):
    """Merged, un-merged, merged again; both are told, one copy of the last word came not (yet)."""
    copies = [("ada", 1), ("ada", 2), ("twin", 1), ("twin", 2), ("twin", 3)]
    told = [copies[index] for index in order if copies[index][1] <= through]
    service.told(admitted("ada"), *(merged("ada", "twin", key, revision) for key, revision in told))
    service.told(reported("twin", "9", 4, dose="850 mg"))
    together = through == 3
    assert due(service, kind="review") == ([("review", "order_changed", False)] if together else [])
    answer = service.ask("medications", participant_id=named("ada"))
    assert len(answer["medications"]) == int(together)


def test_an_unmerge_takes_back_the_review_that_the_others_orders_asked_for(service):
    service.told(admitted("ada"), merged("ada", "twin", "ada"), reported("twin", "9", 4, dose="850 mg"))
    service.told(merged("ada", "twin", "ada", 2), merged("ada", "twin", "twin", 1), merged("ada", "twin", "twin", 2))
    assert due(service, kind="review") == []
