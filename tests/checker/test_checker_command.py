"""The command: what it prints, and its exit status."""

import json
from pathlib import Path

import pytest

from tests.checker.__main__ import main
from tests.checker.story import Story, at, dropped


@pytest.fixture
def right() -> Story:
    """One seat that was given back and taken again."""
    story = Story().track("evening").admit("ann").admit("ben").session("g2", 2, seats=1)
    for who in ("ann", "ben"):
        story.review("opened", who, at(-3, 9), kind="reconciliation", cause="admission", urgent=False, due_at=at(0, 9))
        rule = "plan_review.days of program_default@2020-01-01"
        story.due("set", who, at(-3, 9), "plan_review", due_at=at(87, 10), rule=rule)
    return story.book("ann", "g2").free("ann", "g2", at(-1)).book("ben", "g2", at(-1))


def test_nothing_differs(right: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(right.keep(tmp_path / "right.jsonl"))]) == 0
    assert "seats: 1 sessions judged, 0 differ\n" in capsys.readouterr().out


def test_what_differs_is_shown_with_the_events_that_say_so(
    right: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = dropped(right, "scheduling.booking_cancelled").keep(tmp_path / "broken.jsonl")
    assert main([str(broken)]) == 1
    shown = capsys.readouterr().out
    assert (
        "seats: 1 sessions judged, 1 differ\n  session g2\n    expected at most 1 bookings\n    told     2\n" in shown
    )
    assert "scheduling/1/" in shown
    assert main([str(broken), "--json"]) == 1
    (finding,) = [one for one in json.loads(capsys.readouterr().out) if one["rule"] == "seats"]
    assert (finding["judged"], finding["differences"][0]["subject"]) == (1, "session g2")


def test_order_of_lines_and_repetition_make_no_difference(right: Story, tmp_path: Path) -> None:
    lines = right.keep(tmp_path / "right.jsonl").read_text().splitlines()
    (tmp_path / "shuffled.jsonl").write_text("\n".join([*reversed(lines), lines[0]]))
    assert main([str(tmp_path / "shuffled.jsonl")]) == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (lambda lines: [], "no published event"),
        (lambda lines: ["nonsense"], "line 1: not a CloudEvent"),
        (lambda lines: [lines[0].replace('"subject"', '"about"')], "line 1: subject is missing"),
        (lambda lines: [one for one in lines if "session_scheduled" in one or "cancelled" in one], "is missing"),
        (lambda lines: [*lines, lines[0].replace("track_opened-0", "another")], "two events have the number 1"),
    ],
)
def test_wrong_input_is_named_with_the_way_out(
    right: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: "object", said: str
) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text("\n".join(lines(right.keep(path).read_text().splitlines())))
    assert main([str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error and "hint: " in error


def test_a_file_that_is_not_there_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err
