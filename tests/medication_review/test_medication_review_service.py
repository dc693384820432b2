"""Medication review on a real log: what it answers, what it tells, and that no order of arrival changes what stands."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from medication_review_told import (
    NOW,
    admitted,
    cancelled,
    discharged,
    merged,
    named,
    no_shows,
    no_shows_excused,
    reported,
    resumed,
    scored,
    suspended,
    transferred,
)
from medication_review_world import hours

from events.follow.rebuild import rebuild
from services.medication_review.domain import commands as c
from services.medication_review.domain import dose_commands
from services.medication_review.domain.errors import (
    MedicationNotListed,
    NotQualifiedToCheck,
    PrescriberOnly,
    ReviewBeforeDose,
)
from services.medication_review.domain.medications import Decision
from services.medication_review.wiring import define
from services.platform.web import routes
from tests.support.whole_service import Told, WholeService, interleaved, opened

EPISODE = named("ada's episode")


@pytest.fixture
def service() -> Iterator[WholeService]:
    with opened(define, NOW) as running:
        yield running


def told(service: WholeService, type_: str) -> list[dict]:
    service.settle()
    return [event["data"] for event in service.feed() if event["type"] == f"medication_review.{type_}.v1"]


def due(service: WholeService, **params) -> list[tuple[str, str, bool]]:
    service.settle()
    return [(row["kind"], row["cause"], row["overdue"]) for row in service.ask("due", **params)["due"]]


def open_review(service: WholeService, kind: str) -> UUID:
    service.settle()
    return next(UUID(row["review_id"]) for row in service.ask("due")["due"] if row["kind"] == kind)


@pytest.mark.rule("medication.reconciliation_hours")
def test_an_admission_is_reconciled_within_72_hours_or_falls_overdue(service):
    """Program practice: 72 hours."""
    service.told(admitted("ada"))
    (opened_,) = told(service, "review_opened")
    assert (opened_["kind"], opened_["cause"], opened_["due_at"]) == (
        "reconciliation",
        "admission",
        "2026-02-05T14:00:00Z",
    )
    assert opened_["decided_by"] == ["medication.reconciliation_hours of program_default@2020-01-01"]
    answer = service.ask("reviews", participant_id=named("ada"))
    assert [row["decided_by"] for row in answer["reviews"]] == [opened_["decided_by"]]
    assert answer["sources"][opened_["decided_by"][0]].startswith("Program practice")
    service.pass_time(hours(71))
    assert due(service, overdue=True) == []
    service.pass_time(hours(73))
    assert due(service, overdue=True) == [("reconciliation", "admission", True)]
    assert len(told(service, "review_overdue")) == 1


def test_a_reconciliation_completed_in_time_never_falls_overdue(service):
    service.told(admitted("ada"))
    service.pass_time(hours(10))
    service.do(c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation")), "coordinator")
    service.pass_time(hours(100))
    assert told(service, "review_overdue") == []
    assert [data["decisions"] for data in told(service, "review_completed")] == [0]


@pytest.mark.rule("medication.urgent_review_hours")
def test_a_safety_trigger_is_reviewed_urgently_and_a_prescriber_decides(service):
    """Program practice: 24 hours."""
    service.told(admitted("ada"), reported("ada", "1", -3), scored("ada", 1), scored("ada", 2, trigger=False))
    assert due(service) == [("review", "safety_trigger", False), ("reconciliation", "admission", False)]
    review = open_review(service, "review")
    change = Decision("change", "hospital_order:general", "1", dose="850 mg")
    with pytest.raises(PrescriberOnly):
        service.do(c.CompleteReview(EPISODE, review, (change,), "dose too low"), "coordinator", "therapist")
    service.do(c.CompleteReview(EPISODE, review, (change,), "dose too low"), "prescriber")
    service.settle()
    listed = service.ask("medications", participant_id=named("ada"))["medications"]
    assert {(row["source"], row["dose"], row["decision"]) for row in listed} == {
        ("hospital_order:general", "500 mg", None),
        ("program", "850 mg", "change"),
    }
    assert [data["decisions"] for data in told(service, "review_completed")] == [1]


def test_decisions_are_refused_to_others_at_the_entrypoint_too():
    (route,) = [route for route in routes(define().shell) if route.name == "complete_review"]
    assert route.roles == {"prescriber"}


def test_a_rationale_is_sealed_on_disk(service):
    service.told(admitted("ada"), scored("ada", 1))
    service.do(c.CompleteReview(EPISODE, open_review(service, "review"), (), "Quincy asked for less"), "prescriber")
    stored = [event.data for event in service.log.read(0, 1000) if event.type.endswith("case.review_completed")]
    assert stored[0]["rationale"].startswith("sealed:")


def test_an_adverse_effect_is_reviewed_told_in_codes_alone_and_its_words_are_sealed(service):
    service.told(admitted("ada"), reported("ada", "1", -3))
    effect = c.ReportAdverseEffect(EPISODE, "severe", "Quincy fainted", "hospital_order:general", "1")
    answer = service.do(effect, "therapist")
    assert due(service, kind="review") == [("review", "adverse_effect", False)]
    (row,) = service.ask("adverse_effects", participant_id=named("ada"))["adverse_effects"]
    assert (row["description"], row["order_id"], row["reported_by"]) == ("Quincy fainted", "1", "someone")
    (hidden,) = service.ask("adverse_effects", by="peer_lead", participant_id=named("ada"))["adverse_effects"]
    assert "description" not in hidden and hidden["severity"] == "severe"
    (stored,) = [one.data for one in service.log.read(0, 1000) if one.type.endswith("adverse_effect_reported")]
    assert stored["description"].startswith("sealed:")
    (data,) = told(service, "adverse_effect_reported")
    own = {"episode_id": str(EPISODE), "participant_id": str(named("ada"))}
    effect_id = str(answer.body["effect_id"])
    assert data == own | {"effect_id": effect_id, "severity": "severe", "reported_at": "2026-02-02T14:00:00Z"}


def test_an_adverse_effect_reported_by_mistake_is_withdrawn_with_a_reason(service):
    service.told(admitted("ada"))
    answer = service.do(c.ReportAdverseEffect(EPISODE, "severe", "fainted"), "therapist")
    effect_id = UUID(str(answer.body["effect_id"]))
    service.do(c.WithdrawAdverseEffect(EPISODE, effect_id, "it was Quincy"), "coordinator")
    assert due(service, kind="review") == []
    assert service.ask("adverse_effects", participant_id=named("ada"))["adverse_effects"] == []
    assert [data["effect_id"] for data in told(service, "adverse_effect_withdrawn")] == [str(effect_id)]
    (stored,) = [one.data for one in service.log.read(0, 1000) if one.type.endswith("adverse_effect_withdrawn")]
    assert stored["reason"].startswith("sealed:")


def test_a_controlled_substance_is_checked_in_time_or_reviewed(service):
    service.told(admitted("ada"))
    service.do(c.ListMedication(named("ada"), "self_report", "Klonopin", dose="0.5 mg"), "therapist")
    assert due(service, kind="pdmp_check") == [("pdmp_check", None, False)]
    service.pass_time(hours(25))
    assert due(service, kind="pdmp_check", role="prescriber") == [("pdmp_check", None, True)]
    assert due(service, kind="review") == [("review", "pdmp_check", False)]
    with pytest.raises(NotQualifiedToCheck):
        service.do(c.RecordPdmpCheck(EPISODE, "consistent"), "therapist")
    answer = service.do(c.RecordPdmpCheck(EPISODE, "consistent", hours(24)), "coordinator")
    assert due(service, kind="review") == [] and due(service, kind="pdmp_check", overdue=True) == []
    found = service.ask("pdmp_checks", participant_id=named("ada"))
    (check,) = found["pdmp_checks"]
    assert (check["result"], check["checked_by"]) == ("consistent", "someone")
    assert [row["due_at"] for row in found["due"]] == [check["valid_until"]] == ["2026-05-04T14:00:00Z"]
    (data,) = told(service, "pdmp_checked")
    assert data["check_id"] == str(answer.body["check_id"]) and data["valid_until"] == check["valid_until"]


def test_a_check_falls_due_again_and_asks_for_a_review_when_it_is_not_made(service):
    service.told(admitted("ada"), reported("ada", "1", -3, name="Methadone 10 MG Oral Tablet", code="6813"))
    service.do(c.RecordPdmpCheck(EPISODE, "consistent"), "prescriber")
    service.pass_time(hours(89 * 24), timedelta(days=5))
    assert due(service, kind="pdmp_check", overdue=True) == []
    service.pass_time(hours(91 * 24), timedelta(days=1))
    assert due(service, kind="pdmp_check", overdue=True) == [("pdmp_check", None, True)]
    (review,) = [
        row for row in service.ask("reviews", participant_id=named("ada"))["reviews"] if row["kind"] == "review"
    ]
    assert "pdmp_check" in review["causes"]


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


def test_a_suspected_medication_is_one_that_is_on_the_list(service):
    service.told(admitted("ada"))
    with pytest.raises(MedicationNotListed):
        service.do(c.ReportAdverseEffect(EPISODE, "mild", "a rash", "self_report", "7"), "coordinator")


def test_a_step_down_asks_for_a_reconciliation(service):
    service.told(admitted("ada"))
    service.do(c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation")), "coordinator")
    service.told(transferred("ada", 20, "step_down"))
    assert due(service) == [("reconciliation", "transition", False)]


def test_sources_that_disagree_are_listed_and_left_to_a_prescriber(service):
    service.told(
        admitted("ada"),
        reported("ada", "1", -3),
        reported("ada", "x", -2, source="fhir_list:clinic", name="metformin", dose="850 mg"),
    )
    (found,) = service.ask("medications", participant_id=named("ada"))["discrepancies"]
    assert (found["medication"], found["differs"]) == ("metformin", ["dose"])
    answer = service.do(c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation")), "therapist")
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


def test_an_overdue_review_escalates_until_it_is_done(service):
    service.told(admitted("ada"), scored("ada", 1))
    service.pass_time(hours(24))
    assert told(service, "review_escalated") == []
    service.pass_time(hours(26))
    assert [data["escalated_to"] for data in told(service, "review_escalated")] == ["coordinator"]
    service.pass_time(hours(50))
    assert [data["escalated_to"] for data in told(service, "review_escalated")] == ["coordinator", "auditor"]
    service.do(c.CompleteReview(EPISODE, open_review(service, "review")), "prescriber")
    assert due(service, role="auditor") == []


def test_a_review_completed_after_its_first_step_does_not_escalate_further(service):
    service.told(admitted("ada"), scored("ada", 1))
    service.pass_time(hours(26))
    service.do(c.CompleteReview(EPISODE, open_review(service, "review")), "prescriber")
    service.pass_time(hours(60))
    assert len(told(service, "review_escalated")) == 1


def test_each_role_is_answered_what_it_has_to_do_and_what_it_was_told_of(service):
    service.told(admitted("ada"), scored("ada", 1))
    assert due(service, role="prescriber") == [("review", "safety_trigger", False)]
    assert due(service, role="coordinator") == [("reconciliation", "admission", False)]
    assert due(service, role="auditor") == []
    service.pass_time(hours(26))
    assert due(service, role="coordinator") == [
        ("review", "safety_trigger", True),
        ("reconciliation", "admission", False),
    ]
    service.pass_time(hours(50))
    assert due(service, role="auditor") == [("review", "safety_trigger", True)]
    assert ("review", "safety_trigger", True) in due(service, role="coordinator"), "who was told once stays told"
    (row,) = service.ask("due", role="prescriber")["due"]
    assert (row["role"], row["escalated_to"]) == ("prescriber", "auditor")


@pytest.mark.rule("medication.review_cycle_days")
@pytest.mark.rule("medication.cycle_notice_days")
def test_the_cycles_review_opens_a_week_before_it_is_due(service):
    """Program practice: every 30 days, opened a week before."""
    service.told(admitted("ada"))
    service.pass_time(hours(23 * 24 - 1), timedelta(days=1))
    assert due(service, kind="review") == []
    service.pass_time(hours(23 * 24 + 1))
    assert due(service, kind="review") == [("review", "cycle", False)]


def test_an_urgent_cause_brings_an_open_review_forward_and_tells_so(service):
    service.told(admitted("ada"), no_shows("ada", 3, 2), scored("ada", 5))
    (again,) = told(service, "review_rescheduled")
    assert (again["cause"], again["urgent"], again["due_at"]) == ("safety_trigger", True, "2026-02-03T19:00:00Z")
    (review,) = [
        row for row in service.ask("reviews", participant_id=named("ada"))["reviews"] if row["kind"] == "review"
    ]
    assert review["causes"] == ["no_shows", "safety_trigger"]


def test_a_hospitalization_marks_the_transition_and_its_cancellation_takes_all_back(service):
    service.told(admitted("ada"), suspended("ada", 5))
    (case,) = service.ask("reviews", participant_id=named("ada"))["cases"]
    assert case["state"] == "in_transition"
    service.do(c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation")), "coordinator")
    service.told(resumed("ada", 20))
    assert due(service) == [("reconciliation", "transition", False)]
    service.told(cancelled("suspension_cancelled", "ada"))
    assert due(service) == []
    assert [data["reason"] for data in told(service, "review_withdrawn")] == ["cause_cancelled"]


def test_a_discharge_withdraws_what_is_open(service):
    service.told(admitted("ada"), scored("ada", 1), discharged("ada", 10))
    assert due(service) == []
    assert [data["reason"] for data in told(service, "review_withdrawn")] == ["discharged", "discharged"]
    service.pass_time(hours(40 * 24), timedelta(days=5))
    assert due(service) == []


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


def test_the_past_is_answered_as_it_was_and_a_rebuild_gives_the_same_rows(service):
    service.told(admitted("ada"), scored("ada", 1))
    before = service.ask("reviews", participant_id=named("ada"))
    service.do(c.CompleteReview(EPISODE, open_review(service, "review")), "prescriber")
    service.pass_time(hours(80))
    assert service.ask("reviews", as_of=before["position"], participant_id=named("ada")) == before
    for projection in (*define().projections, *define().deadlines):
        assert rebuild(service.database, service.log, projection()).identical


STORY = [
    admitted("ada"),
    suspended("ada", 20),
    scored("ada", 30),
    resumed("ada", 50),
    cancelled("resumption_cancelled", "ada"),
    resumed("ada", 70),
    transferred("ada", 75, "step_down"),
    merged("ada", "twin", "ada"),
    merged("ada", "twin", "twin"),
    admitted("ben", hours(3)),
    scored("ben", 4),
    discharged("ben", 90),
    no_shows("ada", 3, 10),
    no_shows("ada", 6, 90),
    no_shows_excused("ada", 5),
    no_shows("ben", 3, 20),
    reported("ada", "1", -4),
    reported("ada", "2", 25, dose="850 mg"),
    reported("ada", "1", 80, status="stopped"),
    reported("twin", "7", 95, name="Lithium", code="6448"),
    reported("ada", "1", 75, source="fhir_list:clinic", dose="850 mg"),
    reported("ben", "1", 95),
    reported("ben", "2", 30, name="Clonazepam 0.5 MG Oral Tablet", code="2598"),
    reported("twin", "8", 40, name="Methadone 10 MG Oral Tablet", code="6813"),
]


def rows_after(story: list[Told], late: int) -> dict[str, list]:
    """All is told, the last ``late`` events only when weeks have passed."""
    with opened(define, NOW) as service:
        service.told(*story[: len(story) - late])
        service.pass_time(hours(35 * 24), timedelta(days=5))
        service.told(*story[len(story) - late :])
        service.pass_time(hours(36 * 24), timedelta(days=1))
        return service.rows()


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    picks=st.lists(st.integers(0, 30), min_size=len(STORY), max_size=len(STORY)),
    late=st.integers(0, len(STORY)),
)
def test_every_order_of_arrival_early_or_late_ends_in_the_same_rows(picks, late):
    assert rows_after(interleaved(STORY, picks), late) == rows_after(STORY, 0)


DOSED = [
    suspended("ada", 20),
    resumed("ada", 50),
    cancelled("suspension_cancelled", "ada"),
    transferred("ada", 100),
    reported("ada", "2", 25, name="Clonazepam 0.5 MG Oral Tablet", code="2598"),
    scored("ada", 30),
    no_shows("ada", 3, 10),
]


def rows_of_doses_after(story: list[Told], early: int) -> dict[str, list]:
    """Ada takes methadone under observation, on some days, and is checked once. The first ``early`` events are told
    before that, the others when it is over; the clock goes on in between."""
    with opened(define, NOW) as service:
        service.told(admitted("ada"), *story[:early])
        service.do(dose_commands.OrderDoses(EPISODE, "methadone", DAILY), "prescriber", command_id=named("order"))
        service.do(c.RecordPdmpCheck(EPISODE, "consistent", NOW), "prescriber", command_id=named("check"))
        for day in range(9):
            service.pass_time(hours(24 * day))
            if day in (0, 3):
                service.do(dose_commands.RecordDose(EPISODE, "observed"), "prescriber", command_id=named(f"dose {day}"))
        service.told(*story[early:], *story[early:])
        service.pass_time(hours(12 * 24), timedelta(days=1))
        return service.rows()


@settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(picks=st.lists(st.integers(0, 30), min_size=len(DOSED), max_size=len(DOSED)), early=st.integers(0, len(DOSED)))
def test_what_others_tell_before_or_after_the_doses_ends_in_the_same_rows(picks, early):
    assert rows_of_doses_after(interleaved(DOSED, picks), early) == rows_of_doses_after(DOSED, 0)
