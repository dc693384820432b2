"""`daybook what-if` on the kept logs of a small program: what other packs would have changed, and nothing does."""

import shutil
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from e2e_house import opened
from e2e_program import BEGIN, MONDAY, Program, at

from events.log.database import Database
from services.cli.pages import KEYS
from tests.cli.cli_process import Up, daybook

pytestmark = pytest.mark.processes

PACK = "name: {name}\ntitle: Others\neditions:\n  - effective_from: {since}\n    rules:\n"
FOUR_HOURS = "      day.minimum_hours: {value: 4, source: a new manual}\n"
THIRTY_DAYS = (
    "      week.minimum_hours: {value: 10, source: a new rule}\n"
    "      certification.days: {value: 30, source: a new rule}\n"
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[Path]:
    """Somebody attended nine hours on three days of the first week; it is judged."""
    folder = tmp_path_factory.mktemp("kept")
    with opened(folder, BEGIN) as house:
        program = Program(house, packs=("program_default", "medicare_iop", "h0015_day")).open_track()
        program.plan("long", "group_therapy", "therapist", "MO,WE,FR", time(18), 180, weeks=1)
        house.settle()
        member = program.member(0, "long")
        for n, booking in enumerate(program.bookings(member)):
            day = MONDAY + timedelta(days=2 * n)
            house.pass_time(at(day, 22))
            body = {"checked_in_at": at(day, 18), "checked_out_at": at(day, 21), "reason": "entered_late"}
            program.staff.post(f"/attendance/bookings/{booking['booking_id']}/correction", body)
        house.pass_time(at(MONDAY + timedelta(days=10), 12))
    return folder


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "h0015.yaml").write_text(PACK.format(name="h0015_day", since="2013-01-01") + FOUR_HOURS)
    (tmp_path / "medicare.yaml").write_text(PACK.format(name="medicare_iop", since="2024-01-01") + THIRTY_DAYS)
    return tmp_path


def positions(folder: Path) -> dict[str, int]:
    """Of each log: how long it is, by the records in its file."""
    found = {}
    for path in sorted((folder / "logs").glob("*.sqlite")):
        database = Database.open(f"sqlite:///{path}", path.stem)
        with database.read() as connection:
            found[path.stem] = connection.exec_driver_sql("SELECT count(*) FROM log").scalar_one()
        database.close()
    return found


def test_a_folder_of_packs_is_supposed_and_nothing_is_written(kept, packs):
    before = positions(kept)
    said = daybook("what-if", "--packs", packs, "--data", kept, "--json")
    assert said.status == 0, said.err
    answer = said.answer
    assert set(answer) == set(KEYS["what-if"])
    (week,) = answer["weeks"]
    assert (week["on"], week["was"]["compliant"], week["would_be"]["compliant"]) == (str(MONDAY), True, False)
    assert [day["would_be"]["bills_as"] for day in answer["billable_days"]] == ["nothing"] * 3
    assert [(due["what"], due["was"]["decided_by"]) for due in answer["due_dates"]] == [
        ("certification", ["certification.first_days of medicare_iop@2024-01-01"])
    ]
    assert answer["changed"] == sum(
        len(answer[kind]) for kind in ("weeks", "billable_days", "absence_steps", "due_dates")
    )
    assert "weeks: 1 of 1 would be different" in said.out
    assert positions(kept) == before


def test_one_file_and_a_span_of_days(kept, packs):
    said = daybook(
        "what-if",
        "--packs",
        packs / "h0015.yaml",
        "--data",
        kept,
        "--from",
        str(MONDAY + timedelta(days=1)),
        "--through",
        str(MONDAY + timedelta(days=2)),
        "--json",
    )
    assert said.status == 0, said.err
    assert [day["on"] for day in said.answer["billable_days"]] == [str(MONDAY + timedelta(days=2))]
    assert said.answer["due_dates"] == []


def test_running_services_are_asked(kept, packs, tmp_path_factory):
    folder = shutil.copytree(kept, tmp_path_factory.mktemp("running") / "data")
    running = Up(folder)
    try:
        said = daybook(
            "what-if", "--packs", packs, "--data", folder, "--through", str(MONDAY + timedelta(days=6)), "--json"
        )
        assert (said.status, [week["on"] for week in said.answer["weeks"]]) == (0, [str(MONDAY)]), said.err
    finally:
        running.kill()


def test_an_edition_edited_in_place_is_refused_until_it_is_as_it_was(kept, tmp_path_factory, tmp_path):
    folder, ours = shutil.copytree(kept, tmp_path_factory.mktemp("edited") / "data"), tmp_path / "ours.yaml"
    written = PACK.format(name="ours", since="2024-01-01") + FOUR_HOURS
    settings = {"DAYBOOK_RULE_PACKS": str(tmp_path)}
    for text, status in ((written, 0), (written.replace("value: 4", "value: 5"), 2), (written, 0)):
        ours.write_text(text)
        said = daybook("participants", "--data", folder, **settings)
        assert said.status == status, said.err
        if status:
            assert "day.minimum_hours of ours@2024-01-01 was" in said.error and "effective_from" in said.hint
    ours.write_text("name: ours")
    said = daybook("participants", "--data", folder, **settings)
    assert (said.status, "ours.yaml: title: is missing or no text" in said.error, bool(said.hint)) == (2, True, True)


def test_a_pack_that_judges_nobody_is_told(kept, tmp_path):
    (tmp_path / "ours.yaml").write_text(PACK.format(name="ours", since="2024-01-01") + FOUR_HOURS)
    said = daybook("what-if", "--packs", tmp_path, "--data", kept, "--json")
    assert (said.answer["changed"], said.answer["unused"]) == (0, ["ours"])
    assert "nobody is judged by ours" in said.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--packs", "{folder}"), "has no rule packs"),
        (("--packs", "{folder}/none.yaml"), "none.yaml: cannot be read"),
        (("--packs", "{folder}/bad.txt"), "editions[0].rules.week.hours"),
        (("--packs", "{folder}/bad.txt", "--from", "March"), "is no day"),
        ((), "--packs"),
    ],
)
def test_wrong_use_says_what_is_wrong_and_what_to_do(tmp_path, words, error):
    bad = PACK.format(name="bad", since="2024-01-01") + "      week.hours: {value: 1, source: x}\n"
    (tmp_path / "bad.txt").write_text(bad)
    said = daybook("what-if", *(word.format(folder=tmp_path) for word in words), "--data", tmp_path)
    assert said.status == 2 and error in said.error and said.hint, said.err
