"""What packs ask of treatment weeks: each test is one rule, and cites its source."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from attendance_world import MONDAY, NINE_HOURS, Book, World, at, seat

from services.attendance.domain.attended import Attended
from services.attendance.domain.demand import Demand
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.week import Served, judge, served_in
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def a_full_week(world: World) -> list:
    bookings = [world.booked(seat(day(n))) for n in (0, 2, 4)]
    for booking in bookings:
        world.came(booking, "09:00", "12:00")
    return bookings


STAY = UUID(int=7)

STEPPING = replace(
    NINE_HOURS,
    step_down_weeks=2,
    decided_by=NINE_HOURS.decided_by | {"step_down_week": "asam@2013-10-24", "weekly_maximum": "asam@2013-10-24"},
)


NO_LONG_GAP = replace(
    NINE_HOURS, maximum_gap_days=2, decided_by=NINE_HOURS.decided_by | {"maximum_gap": "state@2020-01-01"}
)


def short_week(world: World, monday: date) -> None:
    """One session of three hours; and judged."""
    world.came(world.booked(seat(monday)), "09:00", "12:00")
    world.judged(monday)


@pytest.mark.rule("step_down_week")
@pytest.mark.rule("week.step_down_weeks")
@pytest.mark.parametrize("how", ["transfer", "discharge"])
def test_step_down_week(how):
    """The ASAM Criteria, 3rd edition: a step-down below the minimum for one to two weeks still counts."""
    world = World(Book(replace(STEPPING, days=None))).admitted()
    for week in range(3):
        short_week(world, day(7 * week))
    assert [world.weeks[day(7 * week)].verdict.compliant for week in range(3)] == [False] * 3
    if how == "transfer":
        world.transferred(day(18), kind="step_down")
    else:
        world.discharged(at(day(18), "12:00"), day(18), "stepped_down")
    verdicts = [world.weeks[day(7 * week)].verdict for week in range(3)]
    assert [verdict.compliant for verdict in verdicts] == [False, True, True]
    assert [verdict.step_down for verdict in verdicts] == [False, True, True]
    assert verdicts[1].asked == ("asam@2013-10-24:step_down_week",)


def test_a_week_without_service_is_no_step_down_week():
    world = World(Book(replace(STEPPING, days=None))).admitted()
    world.booked(seat(day(0)))
    world.transferred(day(4), kind="step_down")
    assert world.judged(MONDAY).broken_rules == ("asam@2013-10-24:step_down_week",)


def test_a_discharge_for_another_reason_is_no_step_down():
    world = World(Book(replace(STEPPING, days=None))).admitted()
    short_week(world, MONDAY)
    world.discharged(at(day(6), "12:00"), day(6), "left_against_advice")
    assert not world.weeks[MONDAY].verdict.compliant


def test_the_hours_of_a_pack_that_allows_no_step_down_are_asked_for_all_the_same():
    rules = PackRules(Packs.load()).week(JudgedBy(("asam_2_1", "tricare_iop")), MONDAY)
    assert (rules.weekly_minutes, rules.step_down_weeks, rules.minutes_of_others) == (540, 2, 360)
    world = World(Book(replace(rules, days=None))).admitted()
    short_week(world, MONDAY)
    world.transferred(day(4), kind="step_down")
    verdict = world.weeks[MONDAY].verdict
    assert verdict.asked == ("asam_2_1@2013-10-24:step_down_week", "tricare_iop@2017-01-01:weekly_hours")
    assert verdict.broken_rules == ("tricare_iop@2017-01-01:weekly_hours",)


@pytest.mark.rule("maximum_gap")
@pytest.mark.rule("day.maximum_gap_days")
def test_maximum_gap_of_a_week():
    """North Carolina Medicaid clinical coverage policy 8A, SAIOP: at most two consecutive days without service."""
    gap = replace(
        NINE_HOURS, maximum_gap_days=2, decided_by=NINE_HOURS.decided_by | {"maximum_gap": "state@2020-01-01"}
    )
    world = World(Book(gap)).admitted()
    for n in (0, 3, 4):
        world.came(world.booked(seat(day(n))), "09:00", "12:00")
    assert world.judged(MONDAY).gap_days == 2 and world.weeks[MONDAY].verdict.compliant
    for n in (9, 10, 11):
        world.came(world.booked(seat(day(n))), "09:00", "12:00")
    second = world.judged(day(7))
    assert (second.gap_days, second.broken_rules) == (4, ("state@2020-01-01:maximum_gap",)), "from Saturday to Tuesday"


def test_a_gap_before_a_suspension_does_not_reach_into_a_week_without_a_day_of_the_episode():
    world = World(Book(NINE_HOURS)).admitted()
    world.came(world.booked(seat(day(0))), "09:00", "12:00")
    world.suspended(STAY, at(day(7), "00:00"))
    world.resumed(STAY, at(day(14), "00:00"))
    assert served_in(MONDAY, world.episode).gap_days == 6
    assert served_in(day(7), world.episode).gap_days == 0
    assert served_in(day(14), world.episode).gap_days == 13


def test_a_day_of_service_told_late_shortens_the_gap_of_the_week_after():
    gap = replace(
        NINE_HOURS, maximum_gap_days=2, decided_by=NINE_HOURS.decided_by | {"maximum_gap": "state@2020-01-01"}
    )
    world = World(Book(gap)).admitted()
    for n in (0, 9, 10, 11):
        world.came(world.booked(seat(day(n))), "09:00", "12:00")
    world.judged(MONDAY)
    assert world.judged(day(7)).gap_days == 8
    world.came(world.booked(seat(day(6))), "09:00", "12:00")
    assert world.weeks[day(7)].verdict.gap_days == 2


@pytest.mark.rule("weekly_maximum")
def test_weekly_maximum():
    """The ASAM Criteria, 3rd edition: level 2.1 ends at 19 hours; more is noted, and breaks nothing."""
    world = World(Book(replace(STEPPING, maximum_minutes=8 * 60))).admitted()
    a_full_week(world)
    verdict = world.judged(MONDAY)
    assert (verdict.compliant, verdict.noted) == (True, ("asam@2013-10-24:weekly_maximum",))


def test_the_verdict_names_what_was_asked_and_which_pack_decided():
    world = World().admitted()
    a_full_week(world)
    asked = ("payer@2024-01-01:weekly_hours", "payer@2024-01-01:treatment_days")
    assert world.judged(MONDAY).asked == asked


def test_components_of_the_plan_without_a_minute_attended_are_named():
    attended = [Attended("group_therapy", "in_person", day(0), "present", 180)]
    verdict = judge(
        attended, Demand("full", 540, 3), NINE_HOURS, Served(planned=("group_therapy", "individual_therapy"))
    )
    assert verdict.not_attended == ("individual_therapy",)


@pytest.mark.rule("week_of_the_pack")
def test_the_week_of_a_transfer_is_judged_by_the_packs_of_both_tracks():
    """domain.md: several packs in force at once, the strictest wins."""
    world = World().admitted()
    world.transferred(day(3), ("state",))
    assert world.episode.stay.judged_by_in(MONDAY).packs == ("payer", "state")
    assert world.episode.stay.judged_by_in(day(7)).packs == ("state",)
    assert [world.episode.stay.judged_by_on(day(n)).packs for n in (2, 3)] == [("payer",), ("state",)]


def test_a_session_moved_to_another_week_counts_there():
    world = World().admitted()
    bookings = a_full_week(world)
    world.judged(MONDAY)
    world.moved(bookings[2], seat(day(7)))
    world.came(bookings[2], "09:00", "12:00")
    assert world.weeks[MONDAY].verdict.minutes == 360
    assert world.judged(day(7)).minutes == 180
