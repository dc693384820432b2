"""Reviews on a real log: what opens, reschedules, completes and withdraws them, and what is told of that."""

from datetime import timedelta

import pytest
from medication_review_service import EPISODE, due, open_review, told
from medication_review_told import (
    admitted,
    cancelled,
    discharged,
    named,
    no_shows,
    reported,
    resumed,
    scored,
    suspended,
    transferred,
)
from medication_review_world import hours

from events.follow.rebuild import rebuild
from services.medication_review.domain import commands as c
from services.medication_review.domain.errors import PrescriberOnly
from services.medication_review.domain.medications import Decision
from services.medication_review.wiring import define
from services.platform.web import routes


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


def test_a_step_down_asks_for_a_reconciliation(service):
    service.told(admitted("ada"))
    service.do(c.CompleteReconciliation(EPISODE, open_review(service, "reconciliation")), "coordinator")
    service.told(transferred("ada", 20, "step_down"))
    assert due(service) == [("reconciliation", "transition", False)]


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


def test_the_past_is_answered_as_it_was_and_a_rebuild_gives_the_same_rows(service):
    service.told(admitted("ada"), scored("ada", 1))
    before = service.ask("reviews", participant_id=named("ada"))
    service.do(c.CompleteReview(EPISODE, open_review(service, "review")), "prescriber")
    service.pass_time(hours(80))
    assert service.ask("reviews", as_of=before["position"], participant_id=named("ada")) == before
    for projection in (*define().projections, *define().deadlines):
        assert rebuild(service.database, service.log, projection()).identical
