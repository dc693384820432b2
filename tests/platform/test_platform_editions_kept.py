"""An edition of a rule pack that was in force is not edited: judgements name it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from events.log.database import Database
from services.platform import editions_kept
from services.platform.packs import Packs
from services.platform.settings import BadSetting

TODAY = date(2026, 3, 2)
PACK = """
name: ours
title: Ours
editions:
  - effective_from: {since}
    rules:
      {rules}
"""
NINE = "week.minimum_hours: {value: 9, source: our contract}"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "log").mkdir()
    opened = Database.open(f"sqlite:///{tmp_path}/log/attendance.db", "attendance")
    opened.migrate(extra=[editions_kept.metadata])
    yield opened
    opened.close()


def packs(folder: Path, *rules: str, since: str = "2026-01-01") -> Packs:
    (folder / "ours.yaml").write_text(PACK.format(since=since, rules="\n      ".join(rules)))
    return Packs.load(folder)


def test_the_same_values_are_welcome_however_they_are_written_and_sourced(database, tmp_path):
    editions_kept.check(database, packs(tmp_path, NINE), TODAY)
    rewritten = "week.minimum_hours: {value: {adult: 9.0, adolescent: 9}, source: page 4 of it, verify: true}"
    editions_kept.check(database, packs(tmp_path, rewritten), TODAY)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            ["week.minimum_hours: {value: 8, source: x}"],
            "week.minimum_hours of ours@2026-01-01 was adolescent 9; adult 9",
        ),
        (["week.minimum_hours: {value: {adult: 9, adolescent: 6}, source: x}"], "is adolescent 6; adult 9"),
        (["day.minimum_hours: {value: 3, source: x}"], "day.minimum_hours of ours@2026-01-01 was not there"),
        ([NINE, "telehealth.counts: {value: true, source: x}"], "telehealth.counts of ours@2026-01-01 was not there"),
    ],
)
def test_an_edition_in_force_is_not_edited(database, tmp_path, rules, told):
    """domain.md: a past week is judged by the pack in force that week; a changed pack rewrites nothing."""
    editions_kept.check(database, packs(tmp_path, NINE), TODAY)
    with pytest.raises(BadSetting) as refused:
        editions_kept.check(database, packs(tmp_path, *rules), TODAY)
    assert told in refused.value.fact
    assert "effective_from" in refused.value.way_out and "what-if" in refused.value.way_out
    editions_kept.check(database, packs(tmp_path, NINE), TODAY)


def test_an_edition_that_is_still_to_come_may_be_written_until_then(database, tmp_path):
    for value in (9, 10):
        later = packs(tmp_path, f"week.minimum_hours: {{value: {value}, source: x}}", since="2026-04-01")
        editions_kept.check(database, later, TODAY)
    editions_kept.check(database, later, date(2026, 4, 1))
    with pytest.raises(BadSetting):
        editions_kept.check(database, packs(tmp_path, NINE, since="2026-04-01"), date(2026, 4, 1))


def test_a_new_edition_beside_the_old_one_is_how_a_number_changes(database, tmp_path):
    editions_kept.check(database, packs(tmp_path, NINE), TODAY)
    (tmp_path / "ours.yaml").write_text(
        PACK.format(since="2026-01-01\n    effective_to: 2026-03-01", rules=NINE)
        + "  - effective_from: 2026-03-02\n    rules:\n      week.minimum_hours: {value: 12, source: the new one}\n"
    )
    editions_kept.check(database, Packs.load(tmp_path), TODAY)


def test_a_shipped_edition_may_say_more_after_an_upgrade_but_nothing_else(database, tmp_path):
    editions_kept.check(database, Packs.load(), TODAY)
    with database.begin() as tx:
        of_medicare = editions_kept.SAID.c.edition == "medicare_iop@2024-01-01"
        telehealth = editions_kept.SAID.c.parameter == "telehealth.counts"
        tx.execute(editions_kept.SAID.delete().where(of_medicare, telehealth))
    editions_kept.check(database, Packs.load(), TODAY)
    with database.begin() as tx:
        tx.execute(
            editions_kept.SAID.update().where(of_medicare, telehealth).values(value="adolescent True; adult True")
        )
    with pytest.raises(BadSetting, match="was adolescent True"):
        editions_kept.check(database, Packs.load(), TODAY)
