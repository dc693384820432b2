"""Events of medication review stored long ago load for ever, also after the participant was erased."""

from datetime import timedelta
from pathlib import Path

import pytest
from medication_review_world import ADMITTED, PARTICIPANT, hours

from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.medication_review.wiring import AGGREGATES
from tests.support import frozen

FOLDER = Path(__file__).parent / "frozen"
FILES = sorted(FOLDER.glob("*.jsonl"))


@pytest.fixture
def mapper(tmp_path: Path) -> DaybookMapper:
    """The key under which the frozen rationale was sealed is gone."""
    vault = Vault.connect(f"sqlite:///{tmp_path}/keys.db", b"k" * 32)
    vault.seal(str(PARTICIPANT), "anything")
    vault.destroy(str(PARTICIPANT))
    return DaybookMapper(TypeRegistry("medication_review", AGGREGATES), vault)


def test_every_event_class_is_frozen(mapper):
    assert {line.type for file in FILES for line in frozen.read(file)} == {entry.name for entry in mapper.registry}


def test_a_frozen_case_means_what_it_meant(mapper):
    case = frozen.load(FOLDER / "medication_review_case.jsonl", mapper)
    assert (case.participant_id, case.facts.discharged_at) == (PARTICIPANT, hours(900))
    assert case.facts.completed == {"reconciliation": 0, "review": 1}


def test_a_frozen_case_in_another_track_means_what_it_meant(mapper):
    case = frozen.load(FOLDER / "medication_review_case_transferred.jsonl", mapper)
    assert case.facts.track_at(hours(41)).packs == ("other",)
    assert {effect.severity for effect in case.facts.adverse_effects.values()} == {"severe"}


def test_a_frozen_effect_that_was_withdrawn_asks_for_nothing(mapper):
    case = frozen.load(FOLDER / "medication_review_case_effect_withdrawn.jsonl", mapper)
    assert case.facts.adverse_effects == {}


def test_a_frozen_escalation_means_what_it_meant(mapper):
    case = frozen.load(FOLDER / "medication_review_case_escalated.jsonl", mapper)
    assert [one.escalated_to for one in case.reviews.values() if one.overdue] == [("coordinator",)]


def test_a_frozen_pdmp_record_means_what_it_meant(mapper):
    record = frozen.load(FOLDER / "medication_review_pdmp_record.jsonl", mapper)
    assert {check.result for check in record.checks.values()} == {"inconsistent"}
    assert (record.due_at, record.missed) == (hours(12) + timedelta(days=90), hours(24))


def test_a_frozen_comparison_means_what_it_meant(mapper):
    case = frozen.load(FOLDER / "medication_review_case_compared.jsonl", mapper)
    assert len(case.facts.undecided_since) == 1


def test_a_frozen_watch_means_what_it_meant(mapper):
    watch = frozen.load(FOLDER / "medication_review_interaction_watch.jsonl", mapper)
    pair = ("maoi_ssri", ("36437", "8123"))
    assert (watch.flagged, watch.acknowledged) == ({}, {pair: hours(1)})


def test_frozen_doses_mean_what_they_meant(mapper):
    dosing = frozen.load(FOLDER / "medication_review_dosing.jsonl", mapper)
    first = ADMITTED.date()
    assert dosing.outcomes == {first: "observed", first + timedelta(days=3): "absent"}
    assert dosing.missed == {first + timedelta(days=number) for number in (1, 2, 3)}
    assert (dosing.asked, dosing.awaited) == ({first + timedelta(days=1): (3, False)}, None)
    assert dosing.orders[0].ended_on == first + timedelta(days=4)


def test_a_frozen_list_means_what_it_meant(mapper):
    medication_list = frozen.load(FOLDER / "medication_review_medication_list.jsonl", mapper)
    stopped = medication_list.medications["program", "hospital_order:general/1"]
    assert (stopped.name, stopped.active) == ("Metformin 500 MG Oral Tablet", False)
