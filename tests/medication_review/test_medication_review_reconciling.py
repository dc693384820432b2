"""A reconciliation says what it compared, and what became of each discrepancy; refused where the list has changed."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from medication_review_told import NOW, admitted, merged, named, reported
from medication_review_world import hours

from services.medication_review.domain import commands as c
from services.medication_review.domain.errors import DiscrepancyUnknown, ListChanged
from services.medication_review.domain.medications import Decision
from services.medication_review.wiring import define
from tests.support.whole_service import WholeService, opened

EPISODE = named("ada's episode")
PRESCRIBER_ORDER = Decision("change", "hospital_order:general", "1", dose="850 mg")


@pytest.fixture
def service() -> Iterator[WholeService]:
    """Of metformin the dose is in doubt, and of lithium how often it is taken."""
    with opened(define, NOW) as running:
        running.told(
            admitted("ada"),
            reported("ada", "1", -3),
            reported("ada", "2", -3, name="Lithium", code="6448", frequency="BID"),
            reported("ada", "x", -2, source="fhir_list:clinic", name="Glucophage", dose="850 mg"),
            reported("ada", "y", -2, source="fhir_list:clinic", name="lithium carbonate", code=None, frequency="QD"),
        )
        running.pass_time(hours(2), timedelta(hours=1))
        yield running


def the_list(service: WholeService) -> dict:
    service.settle()
    return service.ask("medications", participant_id=named("ada"))


def marks(listed: dict) -> tuple[str, ...]:
    return tuple(row["mark"] for row in listed["medications"])


def id_of(listed: dict, medication: str) -> str:
    return next(one["id"] for one in listed["discrepancies"] if one["medication"] == medication)


def open_review(service: WholeService, kind: str = "reconciliation") -> UUID:
    service.settle()
    return UUID(service.ask("due", kind=kind)["due"][0]["review_id"])


def causes(service: WholeService) -> list[str]:
    service.settle()
    return [row["cause"] for row in service.ask("due", kind="review")["due"]]


@pytest.mark.rule("what_is_compared_is_current")
def test_a_reconciliation_of_a_list_that_has_changed_is_refused_and_says_which_sources_changed(service):
    """Program practice, to be verified by the program."""
    compared = marks(the_list(service))
    review = open_review(service)
    service.told(reported("ada", "1", 1, dose="1000 mg"), reported("ada", "z", 1, source="fhir_list:north"))
    with pytest.raises(ListChanged) as refused:
        service.do(c.CompleteReconciliation(EPISODE, review, compared), "coordinator")
    assert "fhir_list:north (1 new or changed), hospital_order:general (1 new or changed)" in refused.value.detail
    assert "metformin" not in refused.value.detail.lower()
    service.do(c.CompleteReconciliation(EPISODE, review, marks(the_list(service))), "coordinator")


def test_entries_that_stand_no_more_are_a_change_too(service):
    service.told(reported("twin", "7", 1), merged("ada", "twin", "ada"), merged("ada", "twin", "twin"))
    compared = marks(the_list(service))
    service.told(merged("ada", "twin", "ada", 2), merged("ada", "twin", "twin", 2))
    with pytest.raises(ListChanged, match="1 entries that were compared do not stand any more"):
        service.do(c.CompleteReconciliation(EPISODE, open_review(service), compared), "coordinator")


def test_what_is_said_again_is_no_change(service):
    compared = marks(the_list(service))
    service.told(reported("ada", "1", 1))
    service.do(c.CompleteReconciliation(EPISODE, open_review(service), compared), "coordinator")


def test_what_is_explained_asks_for_no_review_and_what_is_left_does(service):
    listed = the_list(service)
    explained = (id_of(listed, "lithium"),)
    answer = service.do(
        c.CompleteReconciliation(EPISODE, open_review(service), marks(listed), explained), "coordinator"
    )
    outcomes = {one["id"]: one["outcome"] for one in answer.body["discrepancies"]}
    assert outcomes == {explained[0]: "explained", id_of(listed, "metformin"): "left"}
    assert answer.body["undecided"] == 1 and "discrepancies" in causes(service)


def test_where_all_is_explained_no_review_is_asked_for(service):
    listed = the_list(service)
    explained = tuple(one["id"] for one in listed["discrepancies"])
    service.do(c.CompleteReconciliation(EPISODE, open_review(service), marks(listed), explained), "coordinator")
    assert "discrepancies" not in causes(service)


def test_what_a_prescriber_decided_is_kept_as_decided(service):
    listed = the_list(service)
    review = open_review(service)
    explained = (id_of(listed, "lithium"),)
    done = c.CompleteReview(EPISODE, review, (PRESCRIBER_ORDER,), "", marks(listed), explained)
    service.do(done, "prescriber")
    service.settle()
    reviews = service.ask("reviews", participant_id=named("ada"))["reviews"]
    (kept,) = [row["compared"] for row in reviews if row["review_id"] == str(review)]
    assert [(one["kinds"], one["codes"], one["outcome"]) for one in kept] == [
        (["frequency"], ["6448"], "explained"),
        (["dose"], ["6809"], "decided"),
    ]


def test_a_discrepancy_that_is_not_on_the_list_is_not_explained(service):
    compared = marks(the_list(service))
    with pytest.raises(DiscrepancyUnknown):
        service.do(c.CompleteReconciliation(EPISODE, open_review(service), compared, ("nothing",)), "coordinator")


@pytest.mark.rule("what_is_compared_is_current")
def test_a_reconciliation_that_does_not_say_what_it_compared_is_refused_unless_there_is_nothing(service):
    """Program practice: a list that nobody looked at is not reconciled, whoever completes it."""
    review = open_review(service)
    for done, role in (
        (c.CompleteReconciliation(EPISODE, review), "coordinator"),
        (c.CompleteReview(EPISODE, review, (PRESCRIBER_ORDER,), "seen"), "prescriber"),
    ):
        with pytest.raises(ListChanged, match=r"nothing was compared that is on the list: fhir_list:clinic \(2 new or"):
            service.do(done, role)
    service.told(admitted("ben"))
    of_ben = next(
        row for row in service.ask("due", kind="reconciliation")["due"] if row["participant_id"] == str(named("ben"))
    )
    service.do(c.CompleteReconciliation(named("ben's episode"), UUID(of_ben["review_id"])), "coordinator")
