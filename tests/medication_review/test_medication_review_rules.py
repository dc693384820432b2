"""Every rule of medication review is a named value with a source, and its numbers are in the shipped packs."""

from datetime import date, timedelta

import pytest

from services.medication_review.domain import rules
from services.medication_review.rulebook import PackRules
from services.platform.packs import Packs


def test_each_rule_has_a_name_of_its_own_and_a_source():
    assert len({rule.name for rule in rules.NAMED_RULES}) == len(rules.NAMED_RULES)
    assert all(rule.says and rule.source for rule in rules.NAMED_RULES)


@pytest.mark.rule("medication.reconciliation_hours")
@pytest.mark.rule("medication.review_cycle_days")
@pytest.mark.rule("medication.urgent_review_hours")
@pytest.mark.rule("medication.reconciled_by")
def test_the_shipped_packs_give_72_hours_30_days_and_24_hours():
    """Program practice: reconciled within 72 hours, reviewed every 30 days, urgently within 24 hours."""
    found = PackRules(Packs.load()).reviews(("medicare_iop",), date(2026, 2, 2))
    assert (found.admission, found.cycle, found.urgent) == (
        timedelta(hours=72),
        timedelta(days=30),
        timedelta(hours=24),
    )
    assert "prescriber" in found.reconciled_by


@pytest.mark.rule("medication.transition_hours")
@pytest.mark.rule("medication.order_changed_hours")
@pytest.mark.rule("medication.no_shows_hours")
@pytest.mark.rule("medication.discrepancies_hours")
@pytest.mark.rule("medication.cycle_notice_days")
def test_the_shipped_packs_give_hours_for_every_other_cause():
    """Program practice: within 72 hours; repeated no-shows at the next weekly team meeting; a week's notice."""
    found = PackRules(Packs.load()).reviews(("medicare_iop",), date(2026, 2, 2))
    hours = (found.transition, found.order_changed, found.discrepancies, found.no_shows, found.cycle_notice)
    assert [int(one.total_seconds() / 3600) for one in hours] == [72, 72, 72, 168, 168]
