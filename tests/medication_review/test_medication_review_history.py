"""The history of each medication: what each source said when, what that changed, and what a prescriber decided."""

from datetime import timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from medication_review_told import admitted, merged, named, reported
from medication_review_world import hours, medication

from services.medication_review.domain import commands as c
from services.medication_review.domain.history import steps
from services.medication_review.domain.medications import Decision
from tests.support.whole_service import WholeService

SAID = [
    medication(reported=1, status="stopped"),
    medication(reported=2),
    medication(reported=3),
    medication(reported=4, dose="850 mg", frequency="BID"),
    medication(reported=5, dose="0.850 g", frequency="BID", route="SL", name="Glucophage"),
    medication(reported=6, dose="0.850 g", frequency="BID", route="SL", name="Glucophage", status="stopped"),
]


def test_a_step_says_what_changed_and_when_the_same_was_said_again():
    assert [(step.medication.reported_at, step.changed, step.again_at) for step in steps(SAID)] == [
        (hours(1), ("listed", "stopped"), None),
        (hours(2), ("started",), hours(3)),
        (hours(4), ("dose", "frequency"), None),
        (hours(5), ("route", "name"), None),
        (hours(6), ("stopped",), None),
    ]


@given(seed=st.integers(0, 1_000_000))
def test_the_steps_do_not_depend_on_the_order_in_which_they_came(seed):
    shuffled = list(SAID)
    Random(seed).shuffle(shuffled)
    assert steps(shuffled) == steps(SAID)


def history(service: WholeService, **beside: object) -> dict[str, list[dict]]:
    service.settle()
    params = {"since": None, "until": None, **beside}
    found = service.ask("medication_history", participant_id=named("ada"), **params)["medications"]
    return {one["medication"]: one["steps"] for one in found}


def test_the_history_tells_what_sources_said_and_prescribers_decided_in_order_of_time(service):
    service.told(
        admitted("ada"),
        reported("ada", "1", -3, name="Zoloft 50 MG", code=None, dose="50 mg"),
        reported("ada", "9", -2, name="Lithium", code="6448"),
        reported("ada", "x", -1, source="fhir_list:clinic", name="sertraline", code="36437", dose="100 mg"),
    )
    service.pass_time(hours(2), timedelta(hours=1))
    (review,) = service.ask("due", kind="reconciliation")["due"]
    change = Decision("change", "hospital_order:general", "1", dose="100 mg")
    compared = tuple(row["mark"] for row in service.ask("medications", participant_id=named("ada"))["medications"])
    raised = c.CompleteReview(named("ada's episode"), UUID(review["review_id"]), (change,), "raised", compared)
    service.do(raised, "prescriber")
    service.told(reported("ada", "1", 4, name="Zoloft 50 MG", code=None, dose="100 mg"))
    found = history(service)
    assert found.keys() == {"lithium", "sertraline"}
    assert [(one["source"], one["changed"], one["decision"], one["dose"]) for one in found["sertraline"]] == [
        ("hospital_order:general", ["listed"], None, "50 mg"),
        ("fhir_list:clinic", ["listed"], None, "100 mg"),
        ("program", ["listed"], "change", "100 mg"),
        ("hospital_order:general", ["dose"], None, "100 mg"),
    ]
    assert found["sertraline"][2]["review_id"] == review["review_id"]


def test_the_history_is_of_the_whole_person_and_of_the_time_asked_for(service):
    service.told(admitted("ada"), reported("ada", "1", 1), reported("twin", "1", 2, dose="850 mg"))
    assert [one["dose"] for one in history(service)["metformin"]] == ["500 mg"]
    before = service.ask("medications", participant_id=named("ada"))["position"]
    service.told(merged("ada", "twin", "ada"))
    assert [one["dose"] for one in history(service)["metformin"]] == ["500 mg", "850 mg"]
    assert [one["dose"] for one in history(service, since=hours(2))["metformin"]] == ["850 mg"]
    assert [one["dose"] for one in history(service, until=hours(2))["metformin"]] == ["500 mg"]
    assert [one["dose"] for one in history(service, as_of=before)["metformin"]] == ["500 mg"]
