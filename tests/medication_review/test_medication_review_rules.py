"""Every rule of medication review is a named value with a source, and its numbers are in the shipped packs."""

from datetime import date, timedelta

from services.medication_review.domain import rules
from services.medication_review.rulebook import PackRules
from services.platform.packs import Packs


def test_each_rule_has_a_name_of_its_own_and_a_source():
    assert len({rule.name for rule in rules.NAMED_RULES}) == len(rules.NAMED_RULES)
    assert all(rule.says and rule.source for rule in rules.NAMED_RULES)


def test_the_shipped_packs_give_72_hours_30_days_and_24_hours():
    found = PackRules(Packs.load()).reviews(("medicare_iop",), date(2026, 2, 2))
    assert (found.admission, found.cycle, found.urgent) == (
        timedelta(hours=72),
        timedelta(days=30),
        timedelta(hours=24),
    )
    assert "prescriber" in found.reconciled_by
