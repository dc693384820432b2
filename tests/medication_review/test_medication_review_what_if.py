"""When open reviews would be due by other packs; what is due stands."""

from collections.abc import Iterator

import pytest
from medication_review_told import NOW, admitted, scored

from services.medication_review.what_if import what_if
from services.medication_review.wiring import define
from services.platform.packs import Packs
from services.platform.what_if import supposed
from tests.support.whole_service import WholeService, opened

PACK = "name: medicare_iop\ntitle: x\neditions:\n  - {effective_from: 2024-01-01, rules: {%s}}\n"


@pytest.fixture
def service() -> Iterator[WholeService]:
    with opened(define, NOW) as running:
        running.told(admitted("ada"), scored("ada", 5))
        yield running


def differences(service: WholeService, rules: str, **span: str) -> list[tuple[str, list[str]]]:
    """What would be due at another time, and what would decide it; the log is as it was."""
    head, asking = service.log.head(), supposed(Packs.load(), {"packs": {"p.yaml": PACK % rules}, **span})
    found = what_if(service.runtime, asking).document(asking)["differences"]["due_dates"]
    assert service.log.head() == head
    assert all(one["was"]["due_at"] > one["would_be"]["due_at"] for one in found)
    return [(one["what"], list(one["would_be"]["decided_by"])) for one in found]


def test_shorter_times_would_have_made_reviews_due_sooner(service):
    reconciled = "medication.reconciliation_hours: {value: 24, source: x}"
    said = "medication.reconciliation_hours of medicare_iop@2024-01-01"
    assert differences(service, reconciled) == [("reconciliation", [said])]
    urgent = "medication.urgent_review_hours: {value: 8, source: x}"
    assert differences(service, urgent) == [("review", ["medication.urgent_review_hours of medicare_iop@2024-01-01"])]
    assert differences(service, "medication.review_cycle_days: {value: 14, source: x}") == [("next_cycle", [])]


def test_what_would_be_due_at_the_same_time_is_no_difference(service):
    assert differences(service, "medication.reconciliation_hours: {value: 72, source: the same}") == []
    shorter = "medication.reconciliation_hours: {value: 24, source: x}"
    assert differences(service, shorter, through="2020-01-01") == []
