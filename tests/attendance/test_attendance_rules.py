"""Every rule of attendance is a named value with a source, and its numbers are in the shipped packs."""

from datetime import date

import pytest

from services.attendance.domain import absences, billable_day, demand, early_warning, groups, kiosk, rules, week
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs

MONDAY = date(2026, 2, 2)


def test_each_rule_has_a_name_of_its_own_and_a_source():
    modules = (rules, demand, week, absences, billable_day, early_warning, groups, kiosk)
    named = [rule for module in modules for rule in module.NAMED_RULES]
    assert len({rule.name for rule in named}) == len(named)
    assert all(rule.says and rule.source for rule in named)


def test_common_practice_speaks_where_the_episodes_packs_are_silent():
    found = PackRules(Packs.load()).attendance(JudgedBy(("medicare_iop",)), MONDAY)
    assert (found.notice_excuses.total_seconds() / 3600, found.unexcused_no_shows) == (48, 3)


@pytest.mark.rule("week.minimum_hours")
@pytest.mark.rule("week.counted_components")
def test_the_minimum_of_a_week_is_that_of_the_age_group_and_names_its_pack():
    """The ASAM Criteria, 3rd edition, level 2.1: nine hours for adults, six for adolescents."""
    book = PackRules(Packs.load())
    adult = book.week(JudgedBy(("asam_2_1",)), MONDAY)
    adolescent = book.week(JudgedBy(("asam_2_1",), "adolescent"), MONDAY)
    assert (adult.weekly_minutes, adolescent.weekly_minutes) == (540, 360)
    assert adult.decided_by["weekly_hours"].startswith("asam_2_1@")
    assert "support_group" not in adult.hours_components | adult.day_components
