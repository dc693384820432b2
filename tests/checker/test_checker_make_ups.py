"""What the checker finds in make-ups and early warnings, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import make_ups
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped, on

RAISED, CLEARED = "attendance.early_warning_raised", "attendance.early_warning_cleared"
MADE = "scheduling.booking_made"


@pytest.fixture
def right() -> Story:
    """Admitted on a Friday. Wednesday is missed, which Saturday makes up for; the week of nine hours on three days
    is in reach again. In the next week nothing was missed."""
    story = Story().track("evening").admit("ann")
    for day in (0, 2, 4, 5, 7, 9, 11):
        story.session(f"g{day}", day)
    for day in (0, 2, 4, 7, 9, 11):
        story.book("ann", f"g{day}")
    story.outcome("ann", "g0").outcome("ann", "g2", "no_show", 0)
    warn(story, at(2, 22), 180, 1, "g5").book("ann", "g5", at(3, 9), kind="make_up", makes_up_for="ann-g2")
    story.tell(CLEARED, "ann", at(3, 9), participant_id="ann", episode_id="ann-1", week=on(0))
    for day in (4, 5, 7, 9, 11):
        story.outcome("ann", f"g{day}")
    return story.track("later").tell("enrollment.census_limit_changed", "later", at(17, 9), track_id="later",
                                     census_limit=9)  # fmt: skip


def warn(story: Story, when: str, minutes: int, days: int, *sessions: str) -> Story:
    return story.tell(RAISED, "ann", when, participant_id="ann", episode_id="ann-1", week=on(0),
                      missing_minutes=minutes, missing_days=days, make_ups=list(sessions))  # fmt: skip


def found(story: Story, check: Any) -> Finding:
    return check(Case(story.told(), Packs()))


@pytest.mark.parametrize(
    ("check", "judged"), [(make_ups.make_ups, 1), (make_ups.early_warnings, 2), (make_ups.suggestions, 1)]
)
def test_a_right_story_has_no_difference_and_everything_is_judged(right: Story, check: Any, judged: int) -> None:
    assert (found(right, check).judged, found(right, check).differences) == (judged, [])


@pytest.mark.parametrize(
    ("missed", "wrong"),
    [
        ("nothing", "of no booking"),
        ("ann-g5", "of the same session"),
        ("ann-g4", "of a booking that stood"),
        ("ben-g2", "of another episode's booking"),
    ],
)
def test_a_make_up_for_what_was_not_missed_is_found(right: Story, missed: str, wrong: str) -> None:
    right.admit("ben").book("ben", "g2")
    broken = changed(right, MADE, lambda data: data | {"makes_up_for": missed}, booking_id="ann-g5")
    assert [one.told for one in found(broken, make_ups.make_ups).differences] == [wrong]


def test_what_is_made_up_twice_is_found_unless_the_first_was_given_back(right: Story) -> None:
    right.session("g6", 6)
    twice = Story(right.events).book("ann", "g6", at(3, 10), kind="make_up", makes_up_for="ann-g2")
    assert [one.told for one in found(twice, make_ups.make_ups).differences] == ["of a booking made up for already"]
    again = Story(right.events).free("ann", "g5", at(3, 9, 30))
    again.book("ann", "g6", at(3, 10), kind="make_up", makes_up_for="ann-g2")
    assert found(again, make_ups.make_ups).differences == []


def test_a_warning_that_stands_for_nothing_is_found(right: Story) -> None:
    broken = dropped(right, CLEARED)
    told = [(one.expected, one.told) for one in found(broken, make_ups.early_warnings).differences]
    assert told == [("cleared when the week is over", "a warning stands"), ("None", "(180, 1)")]


def test_a_warning_never_raised_is_found(right: Story) -> None:
    for name in (MADE, "attendance.attendance_recorded"):
        right = dropped(right, name, booking_id="ann-g5")
    silent = dropped(right, RAISED)
    assert [one.expected for one in found(silent, make_ups.early_warnings).differences] == ["(180, 1)"]


@pytest.mark.parametrize("wrong", [{"missing_minutes": 90}, {"missing_days": 2}])
def test_a_warning_of_something_else_is_found(right: Story, wrong: dict[str, int]) -> None:
    for name in (MADE, "attendance.attendance_recorded"):
        right = dropped(right, name, booking_id="ann-g5")
    late = dropped(right, CLEARED).tell(CLEARED, "ann", at(7), participant_id="ann", episode_id="ann-1", week=on(0))
    assert found(late, make_ups.early_warnings).differences == []
    assert len(found(changed(late, RAISED, lambda data: data | wrong), make_ups.early_warnings).differences) == 1


def test_a_week_of_which_something_was_told_late_or_which_is_cut_is_left_out(right: Story) -> None:
    late = changed(right, MADE, lambda data: data, booking_id="ann-g2")
    late = dropped(late, "attendance.attendance_recorded", booking_id="ann-g2")
    assert found(late.outcome("ann", "g2", "no_show", 0, when=at(8)), make_ups.early_warnings).judged == 1
    assert found(right.suspend("ann", at(8), at(8)), make_ups.early_warnings).judged == 1


@pytest.mark.parametrize(
    ("sessions", "wrong"),
    [
        (["g5", "g4", "g5", "g4", "g5", "g4", "g5"], "7 sessions"),
        (["g7"], "a session of another time"),
        (["g0"], "a session of another time"),
        (["g4"], "a session at a time that is taken"),
    ],
)
def test_a_suggestion_that_repairs_nothing_is_found(right: Story, sessions: list[str], wrong: str) -> None:
    broken = changed(right, RAISED, lambda data: data | {"make_ups": sessions})
    assert [one.told for one in found(broken, make_ups.suggestions).differences] == [wrong]


def test_a_suggestion_that_is_too_short_or_on_another_track_is_found(right: Story) -> None:
    short = changed(right, RAISED, lambda data: data | {"missing_minutes": 181})
    assert [one.told for one in found(short, make_ups.suggestions).differences] == ["180 minutes"]
    elsewhere = changed(
        right, "scheduling.session_scheduled", lambda data: data | {"track_id": "later"}, session_id="g5"
    )
    assert [one.told for one in found(elsewhere, make_ups.suggestions).differences] == ["a session of another track"]
