"""What the checker finds in billable days, and that it finds it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import billable_days
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import MONDAY, Story, at, changed, dropped, on

DETERMINED = "attendance.billable_day_determined"
SHORT = {"billable": False, "bills_as": "nothing", "broken_rules": ["h0015_day@2013-01-01:minimum_day"]}
NORTH_CAROLINA = ["program_default", "north_carolina_saiop"]


@pytest.fixture
def right() -> Story:
    """A full day; one that is too short; one that a correction made full."""
    story = Story().track("evening").admit("ann")
    for day in (0, 2, 4):
        story.session(f"g{day}", day).book("ann", f"g{day}")
    story.outcome("ann", "g0").day("ann", 0, 180)
    story.outcome("ann", "g2", "left_early", 120).day("ann", 2, 120, **SHORT)
    story.outcome("ann", "g4", "left_early", 60).day("ann", 4, 60, **SHORT)
    story.outcome("ann", "g4", "present", 180, reason="paper_sheet", when=at(5, 9))
    return story.day("ann", 4, 180, revision=2, when=at(5, 9))


def found(story: Story, check: Any = billable_days.verdicts) -> Finding:
    return check(Case(story.told(), Packs()))


def differing(story: Story) -> dict[str, str]:
    return {one.subject.split(" of ", 1)[0]: one.expected for one in found(story).differences}


def test_a_right_story_has_no_difference_and_every_day_is_judged(right: Story) -> None:
    for check in (billable_days.verdicts, billable_days.days_counted):
        assert (found(right, check).judged, found(right, check).differences) == (3, [])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("minutes", 179),
        ("components", []),
        ("group", False),
        ("billable", False),
        ("bills_as", "discrete_services"),
        ("broken_rules", ["h0015_day@2013-01-01:minimum_day"]),
        ("packs", ["h0015_day@2013-01-01"]),
        ("gap_days", 0),
        ("decided_by", ["day.minimum_hours of tricare_iop@2017-01-01"]),
    ],
)
def test_any_other_verdict_is_found(right: Story, field: str, wrong: object) -> None:
    assert set(differing(changed(right, DETERMINED, lambda data: data | {field: wrong}, date=on(0)))) == {field}


def test_a_correction_that_was_not_judged_again_is_found(right: Story) -> None:
    expected = {"minutes": "180", "billable": "True", "bills_as": "per_diem", "broken_rules": "[]"}
    assert differing(dropped(right, DETERMINED, revision=2)) == expected


def test_a_day_never_told_is_found(right: Story) -> None:
    (one,) = found(dropped(right, DETERMINED, date=on(0)), billable_days.days_counted).differences
    assert (one.expected, one.told) == ("judged", "never told")


def test_a_day_told_twice_is_found(right: Story) -> None:
    right.day("ann", 0, 180, when=at(1))
    assert [one.told for one in found(right, billable_days.days_counted).differences] == ["[1, 1]", "the same again"]


def test_an_outcome_told_for_another_time_than_the_bookings_is_none(right: Story) -> None:
    right.tell("scheduling.booking_changed", "ann", at(1), participant_id="ann", episode_id="ann-1",
               booking_id="ann-g0", session_id="g0", component="group_therapy", modality="in_person",
               starts_at=at(9, 18), ends_at=at(9, 21), local_date=on(9), sequence=1)  # fmt: skip
    case = Case(right.told(), Packs())
    assert set(case.outcomes) == {"ann-g2", "ann-g4"}
    assert not case.is_settled("ann-1", MONDAY)


ONE_A_DAY = {"billable": False, "bills_as": "nothing", "broken_rules": ["one_per_diem_a_day"]}


def test_a_day_that_two_episodes_of_one_person_bill_is_found(right: Story) -> None:
    right.admit("cem", at(-2)).book("cem", "g0").outcome("cem", "g0").day("cem", 0, 180)
    assert differing(right) == {}
    for told_to in ("ann", "cem"):
        right.tell("enrollment.participants_merged", told_to, at(1), told_to=told_to, surviving_id="cem",
                   retired_id="ann", revision=1)  # fmt: skip
    expected = {"billable": "False", "bills_as": "nothing", "broken_rules": "['one_per_diem_a_day']"}
    assert differing(right) == expected
    assert differing(right.day("cem", 0, 180, revision=2, when=at(1), **ONE_A_DAY)) == {}


def test_a_day_with_an_open_booking_is_not_judged_yet(right: Story) -> None:
    right.session("late", 0).book("ann", "late")
    assert found(right).judged == 2


def test_a_day_under_new_yorks_minimum_is_discrete_services() -> None:
    packs = ["program_default", "new_york_822"]
    story = Story().track("evening", packs=packs).admit("ann", packs=packs).session("g0", 0).book("ann", "g0")
    story.outcome("ann", "g0", "left_early", 120).day("ann", 0, 120, **SHORT)
    assert differing(story)["bills_as"] == "discrete_services"


def test_north_carolina_asks_for_a_group_and_for_short_gaps() -> None:
    story = Story().track("evening", packs=NORTH_CAROLINA).admit("ann", packs=NORTH_CAROLINA)
    story.session("skills", 1, component="psychoeducation").book("ann", "skills")
    story.outcome("ann", "skills").day("ann", 1, 180, components=["psychoeducation"], group=False)
    pack = "north_carolina_saiop@2020-01-01"
    assert differing(story)["broken_rules"] == f"['{pack}:group_every_day', '{pack}:maximum_gap']"


def test_a_day_after_the_discharge_is_in_no_episode(right: Story) -> None:
    assert differing(right.discharge("ann", at(1)))["broken_rules"].startswith("['day_in_episode'")


def test_service_during_a_suspension_ends_a_gap() -> None:
    story = Story().track("evening").admit("ann").suspend("ann", at(2), at(2))
    story.session("g4", 4).book("ann", "g4").outcome("ann", "g4")
    case = Case(story.told(), Packs())
    (episode,) = case.episodes.values()
    assert [case.gap_before(episode, MONDAY + timedelta(days=day)) for day in (2, 4, 5)] == [5, 5, 0]
