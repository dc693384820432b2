"""Rule packs: dated, sourced, validated, and the strictest wins."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.platform.packs import PackError, Packs, RuleMissing, UnknownPack
from tests.platform import reference_pages

FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 1)

CHANGED_IN_MARCH = """
name: state
title: A state
editions:
  - effective_from: 2026-03-01
    rules:
      week.minimum_hours: {value: 12, source: new law}
  - effective_from: 2025-01-01
    effective_to: 2026-02-28
    rules:
      week.minimum_hours: {value: 6, source: old law}
"""


def packs(folder: Path, *files: str) -> Packs:
    for number, content in enumerate(files):
        (folder / f"pack{number}.yaml").write_text(content)
    return Packs.load(folder)


def test_february_is_judged_by_februarys_edition(tmp_path: Path) -> None:
    known = packs(tmp_path, CHANGED_IN_MARCH)
    february, march = known.in_force(["state"], FEBRUARY), known.in_force(["state"], MARCH)
    assert (february.value("week.minimum_hours"), february.versions) == (Decimal(6), ("state@2025-01-01",))
    assert (march.value("week.minimum_hours"), march.versions) == (Decimal(12), ("state@2026-03-01",))


def test_a_pack_without_an_edition_for_the_day_is_named(tmp_path: Path) -> None:
    found = packs(tmp_path, CHANGED_IN_MARCH).in_force(["state", "h0015_day"], date(2024, 1, 1))
    assert found.not_in_force == ("state",)
    assert found.versions == ("h0015_day@2013-01-01",)


def test_the_strictest_wins_and_is_named() -> None:
    found = Packs.load().in_force(["medicare_iop", "tricare_iop", "h0015_day", "program_default"], MARCH)
    hours, day, telehealth = map(found.require, ("week.minimum_hours", "day.minimum_hours", "telehealth.counts"))
    assert (hours.value, hours.pack) == (Decimal(9), "medicare_iop@2024-01-01")
    assert (day.value, day.pack) == (Decimal(3), "h0015_day@2013-01-01")
    assert (telehealth.value, telehealth.pack) == (False, "medicare_iop@2024-01-01")


def test_adolescents_have_their_own_minimum() -> None:
    found = Packs.load().in_force(["asam_2_1"], MARCH)
    assert found.value("week.minimum_hours", "adult") == 9
    assert found.value("week.minimum_hours", "adolescent") == 6


def test_lists_of_several_packs_are_what_all_of_them_name(tmp_path: Path) -> None:
    narrow = """
name: narrow
title: Narrow
editions:
  - effective_from: 2020-01-01
    rules:
      week.counted_components: {value: [group_therapy, support_group], source: s}
"""
    rule = packs(tmp_path, narrow).in_force(["program_default", "narrow"], MARCH).require("week.counted_components")
    assert rule.value == {"group_therapy"}
    assert rule.pack == "program_default@2020-01-01 and narrow@2020-01-01"


def test_silence_is_none_and_a_need_is_an_error() -> None:
    found = Packs.load().in_force(["h0015_day"], MARCH)
    assert found.rule("medication.review_cycle_days") is None
    with pytest.raises(RuleMissing, match=r"medication\.review_cycle_days.*h0015_day"):
        found.require("medication.review_cycle_days")
    with pytest.raises(KeyError):
        found.rule("no.such_parameter")


def test_an_unknown_pack_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPack, match=r"'nowhere'.*medicare_iop"):
        Packs.load().in_force(["nowhere"], MARCH)


def edition(rules: str, head: str = "effective_from: 2020-01-01") -> str:
    return f"name: p\ntitle: t\neditions:\n  - {head}\n    rules:\n      {rules}\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (edition("week.hours: {value: 9, source: s}"), r"rules\.week\.hours: is no parameter"),
        (edition("week.minimum_hours: {value: 9}"), "source: is missing"),
        (edition("week.minimum_hours: {source: s}"), "has no value"),
        (edition("week.minimum_hours: {value: nine, source: s}"), "value: is not a number"),
        (edition("week.minimum_days: {value: 2.5, source: s}"), "whole number"),
        (edition("week.minimum_hours: {value: {adult: 9}, source: s}"), "adult and adolescent"),
        (edition("week.counted_components: {value: [yoga], source: s}"), "list of components"),
        (edition("week.minimum_hours: {value: 9, source: s, verify: maybe}"), "neither true nor false"),
        (edition("week.minimum_hours: {value: 9, source: s}", "effective_from: soon"), "no date"),
        (
            edition("week.minimum_hours: {value: 9, source: s}", "effective_form: 2020-01-01"),
            "effective_form: is unknown",
        ),
        ("name: p\ntitle: t\neditions: []\n", "at least one edition"),
        ("name: p\nname: q\ntitle: t\neditions: []\n", "stands twice"),
        ("name: [", "is not YAML"),
        (CHANGED_IN_MARCH.replace("effective_to: 2026-02-28", "effective_to: 2026-03-01"), "overlaps"),
        (CHANGED_IN_MARCH.replace("name: state", "name: medicare_iop"), "exists already"),
        (CHANGED_IN_MARCH.replace("name: state", "name: My State"), "name: is not lower-case letters"),
        (CHANGED_IN_MARCH.replace("2026-02-28", "2026-02-29"), "2026-02-29: day is out of range"),
        (CHANGED_IN_MARCH.replace("2026-02-28", "2024-12-31"), "effective_to: is before effective_from"),
        ("? [a, b]\n: c\n", "a key is no word"),
        (edition("week.minimum_hours: {value: .nan, source: s}"), "value: is not a number from 0 up"),
        (edition("week.counted_components: {value: [{a: b}], source: s}"), "list of components"),
        (edition("certification.days: {value: 0, source: s}"), "due at once"),
        (edition("medication.reconciled_by: {value: [nurse], source: s}"), r"list of roles \(coordinator"),
        (
            edition("group.minimum: {value: 9, source: s}\n      group.maximum: {value: 8, source: s}"),
            "above group.max",
        ),
        (edition("assessment.asam_edition: {value: 5, source: s}"), "neither 3 nor 4"),
        (edition("assessment.asam_dimensions: {value: [{dimension: mood}], source: s}"), "has a dimension mood; known"),
        (edition("instrument.phq_9: {value: [{scale: sum, bands: {none: 0}}], source: s}"), "has a scale sum; known"),
        (edition("instrument.phq_9: {value: [{scale: total, bands: {a: 0, c: 9, b: 5}}], source: s}"), "do not ascend"),
        (
            edition("instrument.phq_9: {value: [{scale: total, bands: {a: 0}, reliable_change: 0}], source: s}"),
            "reliable_change of total that is 0",
        ),
    ],
)
def test_a_wrong_pack_is_refused_naming_file_key_and_reason(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(PackError, match=reason) as refused:
        packs(tmp_path, content)
    assert str(tmp_path) in str(refused.value)


def test_every_shipped_value_has_its_source() -> None:
    known = Packs.load()
    for name in known.names:
        for one in known.editions(name):
            assert one.rules
            assert all(stated.source for stated in one.rules.values())


@pytest.mark.parametrize("page", reference_pages.NAMES)
def test_the_reference_pages_are_complete(page: str) -> None:
    written = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    assert written == reference_pages.page(page), "run: python -m services.platform.reference docs"


POLICIES = """
name: ours
title: Our absence policies
editions:
  - effective_from: 2025-01-01
    rules:
      absence.policies:
        value: [{policy}]
        source: our handbook
"""


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{name: a, counts: absences, window: episode}", "not a mapping of counts, name, steps, window"),
        ("{name: a b, counts: absences, window: episode, steps: {outreach: 1}}", "not one word"),
        ("{name: a, counts: lates, window: episode, steps: {outreach: 1}}", "counts none of absences, unexcused, late"),
        ("{name: a, counts: late, window: {months: 1}, steps: {outreach: 1}}", "neither episode nor"),
        ("{name: a, counts: late, window: {weeks: 0}, steps: {outreach: 1}}", "neither episode nor"),
        ("{name: a, counts: late, window: episode, steps: {expulsion: 1}}", "no mapping of outreach"),
        ("{name: a, counts: late, window: episode, steps: {outreach: 3, coordinator: 1}}", "later steps come before"),
    ],
)
def test_a_bad_absence_policy_names_file_key_and_reason(tmp_path: Path, policy: str, reason: str) -> None:
    with pytest.raises(PackError, match=reason) as caught:
        packs(tmp_path, POLICIES.replace("{policy}", policy))
    assert "pack0.yaml" in str(caught.value) and "absence.policies.value" in str(caught.value)


def test_absence_policies_of_several_packs_hold_together(tmp_path: Path) -> None:
    sooner = "{name: three_unexcused, counts: unexcused, window: episode, steps: {discharge_review: 2}}"
    known = packs(tmp_path, POLICIES.replace("{policy}", sooner))
    found = known.in_force(["ours", "program_default"], MARCH).value("absence.policies")
    assert [policy.name for policy in found] == [
        "five_of_six",
        "more_than_six_in_twelve_weeks",
        *["three_unexcused"] * 2,
    ]
