"""Observed doses on a real log: ordered, given, missed, excused, and what is told of them."""

from datetime import date
from uuid import UUID

import pytest
from medication_review_service import EPISODE, due, open_review, told
from medication_review_told import admitted, cancelled, named, reported, suspended
from medication_review_world import hours

from services.medication_review.domain import commands as c
from services.medication_review.domain import dose_commands
from services.medication_review.domain.errors import PrescriberOnly, ReviewBeforeDose
from services.medication_review.wiring import define
from services.platform.web import routes
from tests.support.whole_service import WholeService

WEDNESDAY, THURSDAY = date(2026, 2, 4), date(2026, 2, 5)


DAILY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def dosing(service: WholeService) -> None:
    """Ada is to take methadone daily, and takes it on Monday."""
    service.told(admitted("ada"))
    service.do(dose_commands.OrderDoses(EPISODE, "methadone", DAILY, dose="30 mg"), "prescriber")
    service.do(dose_commands.RecordDose(EPISODE, "observed"), "coordinator")
    service.settle()


def doses(service: WholeService) -> dict[str, tuple[str | None, bool]]:
    service.settle()
    found = service.ask("doses", participant_id=named("ada"))["doses"]
    return {row["on"]: (row["outcome"], row["missed"]) for row in found}


def test_doses_missed_at_the_days_end_ask_for_a_review_before_the_next(service):
    dosing(service)
    service.pass_time(hours(4 * 24))
    assert doses(service) == {
        "2026-02-02": ("observed", False),
        "2026-02-03": (None, True),
        "2026-02-04": (None, True),
        "2026-02-05": (None, True),
    }
    (data,) = told(service, "doses_missed")
    assert (data["first_on"], data["last_on"], data["count"]) == ("2026-02-03", "2026-02-05", 3)
    assert due(service, kind="missed_doses", role="coordinator") == [("missed_doses", None, True)]
    with pytest.raises(ReviewBeforeDose):
        service.do(dose_commands.RecordDose(EPISODE, "observed"), "coordinator")
    service.do(c.CompleteReview(EPISODE, open_review(service, "review")), "prescriber")
    service.do(dose_commands.RecordDose(EPISODE, "observed"), "coordinator")
    assert due(service, kind="missed_doses") == []
    assert [(one["on"], one["outcome"], one["late"]) for one in told(service, "dose_observed")] == [
        ("2026-02-02", "observed", False),
        ("2026-02-06", "observed", False),
    ]
    assert [one["under_way"] for one in told(service, "doses_missed")] == [True, False]


def test_a_late_entry_reverses_what_was_missed_and_its_reason_is_sealed(service):
    dosing(service)
    service.pass_time(hours(4 * 24))
    late = dose_commands.RecordDose(EPISODE, "observed", WEDNESDAY, "Quincy signed the sheet")
    service.do(late, "coordinator")
    assert doses(service)["2026-02-04"] == ("observed", False)
    assert [one["first_on"] for one in told(service, "doses_missed_reversed")] == ["2026-02-03"]
    assert "missed_doses" not in {cause for _, cause, _ in due(service)}
    (row,) = [one for one in service.ask("doses", participant_id=named("ada"))["doses"] if one["late"]]
    assert row["reason"] == "Quincy signed the sheet"
    (hidden,) = [
        one for one in service.ask("doses", by="peer_lead", participant_id=named("ada"))["doses"] if one["late"]
    ]
    assert "reason" not in hidden
    stored = [one.data for one in service.log.read(0, 1000) if one.type.endswith("dose_recorded")]
    assert stored[-1]["reason"].startswith("sealed:")


def test_a_hospital_stay_excuses_doses_and_its_cancellation_compensates_that(service):
    dosing(service)
    service.told(suspended("ada", 20))
    service.pass_time(hours(4 * 24))
    assert set(doses(service)) == {"2026-02-02"} and told(service, "doses_missed") == []
    service.told(cancelled("suspension_cancelled", "ada"))
    assert [day for day, (_, missed) in doses(service).items() if missed] == ["2026-02-05", "2026-02-04", "2026-02-03"]
    assert len(told(service, "doses_missed")) == 1
    service.told(suspended("ada", 20))
    assert len(told(service, "doses_missed_reversed")) == 1


def test_doses_are_ordered_by_a_prescriber_and_a_controlled_one_asks_for_a_check(service):
    service.told(admitted("ada"))
    order = dose_commands.OrderDoses(EPISODE, "methadone", ("MO", "TH"), ("TU", "WE"))
    with pytest.raises(PrescriberOnly):
        service.do(order, "coordinator")
    answer = service.do(order, "prescriber")
    assert due(service, kind="pdmp_check") == [("pdmp_check", None, False)]
    (row,) = service.ask("doses", participant_id=named("ada"))["orders"]
    assert (row["days"], row["take_home_days"], row["starts_on"]) == (["MO", "TH"], ["TU", "WE"], "2026-02-02")
    with pytest.raises(PrescriberOnly):
        service.do(dose_commands.EndDoseOrder(EPISODE, UUID(str(answer.body["order_id"]))), "therapist")
    service.do(dose_commands.EndDoseOrder(EPISODE, UUID(str(answer.body["order_id"])), THURSDAY), "prescriber")
    service.settle()
    (row,) = service.ask("doses", participant_id=named("ada"))["orders"]
    assert row["ended_on"] == "2026-02-05"


def test_what_is_dosed_under_observation_interacts_with_what_is_listed(service):
    service.told(admitted("ada"), reported("ada", "1", -3, name="Clonazepam 0.5 MG Oral Tablet", code="2598"))
    assert told(service, "interaction_flagged") == []
    service.do(dose_commands.OrderDoses(EPISODE, "methadone", DAILY), "prescriber")
    assert {tuple(data["ingredients"]) for data in told(service, "interaction_flagged")} == {("2598", "6813")}


@pytest.mark.rule("doses_ordered_by_a_prescriber")
def test_doses_are_ordered_by_prescribers_alone_at_the_entrypoint_too():
    """42 CFR 8.12: ordered by a practitioner."""
    allowed = {route.name: route.roles for route in routes(define().shell)}
    assert allowed["order_doses"] == allowed["end_dose_order"] == {"prescriber"}
