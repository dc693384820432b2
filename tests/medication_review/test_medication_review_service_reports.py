"""What is reported between reviews, on a real log: adverse effects, and checks of the monitoring program."""

from datetime import timedelta
from uuid import UUID

import pytest
from medication_review_service import EPISODE, due, told
from medication_review_told import admitted, named, reported
from medication_review_world import hours

from services.medication_review.domain import commands as c
from services.medication_review.domain.errors import MedicationNotListed, NotQualifiedToCheck


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


def test_a_suspected_medication_is_one_that_is_on_the_list(service):
    service.told(admitted("ada"))
    with pytest.raises(MedicationNotListed):
        service.do(c.ReportAdverseEffect(EPISODE, "mild", "a rash", "self_report", "7"), "coordinator")
