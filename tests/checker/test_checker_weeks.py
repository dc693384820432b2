"""What the checker finds in treatment weeks, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import treatment_weeks
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped, on

JUDGED = "attendance.treatment_week_judged"
CUT = {
    "basis": "pro_rated",
    "compliant": False,
    "broken_rules": ["asam_2_1@2013-10-24:weekly_hours", "h0015_day@2013-01-01:treatment_days"],
    "gap_days": 3,
    "not_attended": ["group_therapy", "support_group"],
}
"""The days from the admission on Friday to Sunday: 3/7 of 9 hours and of 3 days."""


@pytest.fixture
def right() -> Story:
    """Admitted on a Friday; a week with nine hours on three days; all of the next missed but one day."""
    story = Story().track("evening").admit("ann")
    for day in (0, 2, 4, 7, 9, 11):
        story.session(f"g{day}", day).book("ann", f"g{day}")
    for day in (0, 2, 4, 7):
        story.outcome("ann", f"g{day}")
    story.outcome("ann", "g9", "no_show", 0).outcome("ann", "g11", "no_show", 0)
    story.week("ann", -7, 0, 0, **CUT).week("ann", 0, 540, 3)
    broken = ["asam_2_1@2013-10-24:weekly_hours", "h0015_day@2013-01-01:treatment_days"]
    return story.week("ann", 7, 180, 1, compliant=False, broken_rules=broken, gap_days=6)


def found(story: Story, check: Any = treatment_weeks.verdicts) -> Finding:
    return check(Case(story.told(), Packs()))


def expected(story: Story) -> set[str]:
    return {one.subject.split(" of ", 1)[0] for one in found(story).differences}


def test_a_right_story_has_no_difference_and_every_week_is_judged(right: Story) -> None:
    for check in (treatment_weeks.verdicts, treatment_weeks.judged_once):
        assert (found(right, check).judged, found(right, check).differences) == (3, [])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("minutes", 539),
        ("days", 2),
        ("compliant", False),
        ("broken_rules", ["asam_2_1@2013-10-24:weekly_hours"]),
        ("asked", ["program_default@2020-01-01:weekly_hours", "h0015_day@2013-01-01:treatment_days"]),
        ("packs", ["program_default@2020-01-01"]),
        ("basis", "pro_rated"),
        ("gap_days", 1),
        ("step_down", True),
        ("noted", ["asam_2_1@2013-10-24:weekly_maximum"]),
        ("not_attended", []),
        ("decided_by", ["week.minimum_hours of medicare_iop@2024-01-01"]),
    ],
)
def test_any_other_verdict_is_found(right: Story, field: str, wrong: object) -> None:
    broken = changed(right, JUDGED, lambda data: data | {field: wrong}, week_start=on(0))
    assert expected(broken) == {field}


def test_a_correction_that_was_not_judged_again_is_found(right: Story) -> None:
    right.outcome("ann", "g4", "left_early", 60, reason="entry_error", when=at(12, 9))
    assert expected(right) == {"minutes", "days", "compliant", "broken_rules"}


def test_a_week_never_judged_is_found(right: Story) -> None:
    (one,) = found(dropped(right, JUDGED, week_start=on(0)), treatment_weeks.judged_once).differences
    assert (one.expected, one.told) == ("judged", "never judged")


def test_a_week_judged_twice_is_found(right: Story) -> None:
    right.week("ann", 0, 540, 3, when=at(10))
    (one,) = found(right, treatment_weeks.judged_once).differences
    assert (one.expected, one.told) == ("[1, 2]", "[1, 1]")


def test_a_week_judged_too_early_is_found(right: Story) -> None:
    early = dropped(right, JUDGED, week_start=on(0)).week("ann", 0, 540, 3, when=at(8, 23))
    assert len(found(early, treatment_weeks.judged_once).differences) == 1


def test_a_suspended_week_is_not_judged(right: Story) -> None:
    right.suspend("ann", at(-3, 20), at(0, 1))
    assert "basis" in expected(right)
    subjects = {one.subject: one.expected for one in found(right).differences}
    assert subjects[f"basis of week {on(0)} of episode ann-1"] == "not_judged"


def test_a_step_down_week_counts_below_the_hours(right: Story) -> None:
    right.discharge("ann", at(13, 22), reason="stepped_down")
    differences = {one.subject.split(" of ", 1)[0]: one.expected for one in found(right).differences}
    assert differences["broken_rules"] == "['h0015_day@2013-01-01:treatment_days']"
    asked = ["asam_2_1@2013-10-24:step_down_week", "h0015_day@2013-01-01:treatment_days"]
    assert differences["asked"] == str(asked)


def test_a_week_after_the_discharge_is_outside_the_episode(right: Story) -> None:
    right.tell("enrollment.participant_discharged", "ann", at(17), participant_id="ann", episode_id="ann-1",
               track_id="evening", discharged_at=at(5), discharged_on=on(5), reason="administrative",
               to_level_of_care=None)  # fmt: skip
    differences = {one.subject: one.expected for one in found(right).differences}
    assert differences[f"basis of week {on(7)} of episode ann-1"] == "outside_episode"
