"""What the checker finds in absence policies, and that it finds it."""

from typing import Any

import pytest

from tests.checker.case import Case
from tests.checker.checks import absences, attendance
from tests.checker.finding import Finding
from tests.checker.packs import Packs
from tests.checker.story import Story, at, changed, dropped

TOO_MANY, BY_CALL = "at most 180 minutes, those in the call among them", "by call where every minute was in the call"
REACHED = "attendance.absence_step_reached"


@pytest.fixture
def right() -> Story:
    """Missed on Monday, Wednesday and Friday; what was missed on Wednesday is excused afterwards."""
    story = Story().track("evening").admit("ann")
    for day in (0, 2, 4):
        story.session(f"g{day}", day).book("ann", f"g{day}").outcome("ann", f"g{day}", "no_show", 0)
    story.step("ann", "three_unexcused", "outreach", "g0", "g0")
    story.step("ann", "three_unexcused", "coordinator", "g2", "g0", "g2")
    story.step("ann", "five_of_six", "coordinator", "g2", "g0", "g2")
    story.step("ann", "three_unexcused", "discharge_review", "g4", "g0", "g2", "g4")
    _repeated(story, "repeated", at(4, 22), 3, last_missed_at=at(4, 18))
    story.outcome("ann", "g2", "excused", 0, reason="illness", when=at(5, 9))
    story.step("ann", "three_unexcused", "discharge_review", "g4", "g0", "g2", "g4", reversed_=True)
    story.step("ann", "three_unexcused", "coordinator", "g4", "g0", "g4")
    return _repeated(story, "excused", at(5, 9), 2)


def _repeated(story: Story, kind: str, when: str, count: int, **data: object) -> Story:
    return story.tell(f"attendance.no_shows_{kind}", "ann", when, participant_id="ann", episode_id="ann-1",
                      count=count, **data)  # fmt: skip


def found(story: Story, check: Any = absences.steps) -> Finding:
    return check(Case(story.told(), Packs()))


def test_a_right_story_has_no_difference_and_every_episode_is_judged(right: Story) -> None:
    for check in (absences.steps, absences.repeated_no_shows):
        assert (found(right, check).judged, found(right, check).differences) == (1, [])


def test_a_step_never_told_is_found(right: Story) -> None:
    (one,) = found(dropped(right, REACHED, step="outreach")).differences
    assert (one.subject, one.told) == ("outreach of three_unexcused, episode ann-1", "None")


def test_a_step_never_reversed_is_found(right: Story) -> None:
    (one,) = found(dropped(right, "attendance.absence_step_reversed")).differences
    assert (one.subject, one.expected) == ("discharge_review of three_unexcused, episode ann-1", "None")


def test_a_step_reached_by_other_absences_is_found(right: Story) -> None:
    broken = changed(right, REACHED, lambda data: data | {"absences": ["ann-g4"]}, step="outreach")
    assert len(found(broken).differences) == 1


def test_an_absence_in_a_suspension_counts_for_nothing(right: Story) -> None:
    assert len(found(right.suspend("ann", at(6), at(0))).differences) == 3


def test_of_several_seats_at_one_time_one_counts(right: Story) -> None:
    """Excused on Monday already, the seat was taken again, and missed; had they come, nothing was."""
    right.book("ann", "g0", at(-1), booking_id="ann-g0-first")
    right.outcome("ann", "g0", "excused", 0)
    right.events[-1]["data"]["booking_id"] = "ann-g0-first"
    assert found(right).differences == []
    right.events[-1]["data"] |= {"status": "present", "minutes": 180}
    assert {one.subject for one in found(right).differences} >= {"outreach of three_unexcused, episode ann-1"}


def test_repeated_no_shows_are_told_and_taken_back(right: Story) -> None:
    check = absences.repeated_no_shows
    assert [one.expected for one in found(dropped(right, "attendance.no_shows_excused"), check).differences] == ["[]"]
    unexcused = dropped(right, "attendance.attendance_corrected")
    assert [one.expected for one in found(unexcused, check).differences] == ["[3]"]


@pytest.mark.parametrize(("notice", "status", "differ"), [(72, "excused", 0), (72, "no_show", 1), (2, "no_show", 0)])
def test_notice_excuses(notice: float, status: str, differ: int) -> None:
    story = Story().track("evening").admit("ann").session("g2", 2).book("ann", "g2")
    story.free("ann", "g2", at(-1), notice=notice).outcome("ann", "g2", status, 0)
    assert len(found(story, absences.excused).differences) == differ


def test_a_suspension_excuses_and_a_discharge_is_no_absence() -> None:
    story = Story().track("evening").admit("ann").session("g2", 2).book("ann", "g2").outcome("ann", "g2", "no_show", 0)
    for told, expected in (
        (Story(story.events).suspend("ann", at(3), at(1)), "excused"),
        (Story(story.events).discharge("ann", at(1)), "cancelled_by_program"),
    ):
        assert [one.expected for one in found(told, absences.excused).differences] == [expected]


def test_a_seat_freed_for_a_suspension_stays_excused_whatever_comes_after() -> None:
    story = Story().track("evening").admit("ann").session("g4", 4).book("ann", "g4")
    story.suspend("ann", at(1), at(1)).free("ann", "g4", at(1), "suspended").discharge("ann", at(3))
    (one,) = found(story.outcome("ann", "g4", "no_show", 0), absences.excused).differences
    assert one.expected == "excused"


def test_every_booking_whose_time_is_over_has_one_outcome(right: Story) -> None:
    check = attendance.outcomes_told
    assert (found(right, check).judged, found(right, check).differences) == (3, [])
    recorded = "attendance.attendance_recorded"
    missing = dropped(right, recorded, booking_id="ann-g0")
    assert [one.told for one in found(missing, check).differences] == ["0"]
    unbooked = dropped(right, "scheduling.booking_made", booking_id="ann-g0")
    assert [one.told for one in found(unbooked, check).differences] == ["an outcome of none"]
    twice = right.outcome("ann", "g0", "no_show", 0, when=at(6))
    assert [one.told for one in found(twice, check).differences] == ["2"]


def test_a_seat_that_the_program_took_back_is_no_absence_in_a_suspension_that_came_later() -> None:
    story = Story().track("evening").admit("ann").session("g4", 4).book("ann", "g4")
    story.free("ann", "g4", at(1), "review_withdrawn").suspend("ann", at(3), at(3))
    (one,) = found(story.outcome("ann", "g4", "excused", 0), absences.excused).differences
    assert one.expected == "cancelled_by_program"


@pytest.mark.parametrize(
    ("status", "minutes", "also", "expected"),
    [
        ("present", 180, {}, None),
        ("present", 181, {}, TOO_MANY),
        ("present", 60, {"telehealth_minutes": 61}, TOO_MANY),
        ("present", 0, {}, "minutes"),
        ("present", 60, {"telehealth_minutes": 60}, BY_CALL),
        (
            "late",
            60,
            {"telehealth_minutes": 59, "modality": "telehealth"},
            BY_CALL,
        ),
        ("no_show", 20, {}, None),
    ],
)
def test_minutes_that_nobody_can_have_attended_are_found(
    status: str, minutes: int, also: dict[str, Any], expected: str | None
) -> None:
    story = Story().track("evening").admit("ann").session("g2", 2).book("ann", "g2")
    story.outcome("ann", "g2", status, minutes)
    story.events[-1]["data"] |= also
    finding = found(story, attendance.minutes_attended)
    assert finding.judged == 1
    assert [one.expected for one in finding.differences] == ([] if expected is None else [expected])
