"""Treatment weeks: what counts, what is judged, and when it is judged again."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid5

import pytest
from attendance_world import FORMAL, MONDAY, NAMES, NINE_HOURS, Book, World, at, decided_by, seat
from hypothesis import given
from hypothesis import strategies as st

from services.attendance.domain.attended import Attended
from services.attendance.domain.calendar import week_end, week_start
from services.attendance.domain.demand import Demand
from services.attendance.domain.week import Served, judge

ASKED = (("weekly_hours", "payer@2024-01-01"), ("treatment_days", "payer@2024-01-01"))
FULL = Demand("full", 540, 3, asked_by=ASKED)
SUSPENSION = uuid5(NAMES, "suspension")


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def a_full_week(world: World) -> list:
    bookings = [world.booked(seat(day(n))) for n in (0, 2, 4)]
    for booking in bookings:
        world.came(booking, "09:00", "12:00")
    return bookings


@pytest.mark.rule("weekly_hours")
@pytest.mark.rule("treatment_days")
def test_nine_hours_on_three_days_are_a_compliant_week():
    """CMS-1786-FC: at least nine hours a week; H0015: at least three hours on three days."""
    world = World().admitted()
    a_full_week(world)
    verdict = world.judged(MONDAY)
    assert (verdict.minutes, verdict.days, verdict.compliant, verdict.basis) == (540, 3, True, "full")
    assert verdict.packs == ("payer@2024-01-01",)


@pytest.mark.rule("weekly_hours")
@pytest.mark.rule("treatment_days")
def test_a_minute_too_few_breaks_weekly_hours_and_the_day():
    """CMS-1786-FC: at least nine hours a week; H0015: at least three hours on three days."""
    world = World().admitted()
    bookings = a_full_week(world)
    world.corrected(bookings[0], checked_in_at=at(day(0), "09:01"), checked_out_at=at(day(0), "12:00"))
    verdict = world.judged(MONDAY)
    assert verdict.broken_rules == ("payer@2024-01-01:weekly_hours", "payer@2024-01-01:treatment_days")


@pytest.mark.rule("week.counted_components")
@pytest.mark.rule("day.counted_components")
def test_a_support_group_counts_for_neither_hours_nor_days():
    """Payer manuals: support groups are outside formal therapy."""
    world = World().admitted()
    booking = world.booked(seat(day(0), component="support_group"))
    world.came(booking, "09:00", "12:00")
    verdict = world.judged(MONDAY)
    assert (verdict.minutes, verdict.days) == (0, 0)


@pytest.mark.rule("telehealth.counts")
def test_telehealth_counts_only_where_the_packs_let_it():
    """CMS: Medicare does not pay for virtual intensive outpatient service; some payers do."""
    attended = [Attended("group_therapy", "telehealth", day(0), "present", 200)]
    assert judge(attended, FULL, NINE_HOURS, Served()).minutes == 0
    assert judge(attended, FULL, replace(NINE_HOURS, telehealth_counts=True), Served()).minutes == 200


def test_a_late_arrival_that_counts_as_a_no_show_adds_nothing():
    world = World().admitted()
    booking = world.booked(seat(day(0)))
    world.came(booking, "09:45", "12:00")
    assert world.judged(MONDAY).minutes == 0


def test_a_correction_judges_the_week_again_and_only_if_something_changed():
    world = World().admitted()
    bookings = a_full_week(world)
    world.judged(MONDAY)
    week = world.weeks[MONDAY]
    world.corrected(bookings[0], checked_in_at=at(day(0), "09:00"), checked_out_at=at(day(0), "12:05"))
    assert week.revision == 1
    world.corrected(bookings[0], status="no_show")
    assert (week.revision, week.verdict.compliant, week.verdict.minutes) == (2, False, 360)


def test_a_week_not_judged_yet_is_not_judged_early_by_a_correction():
    world = World().admitted()
    bookings = a_full_week(world)
    world.corrected(bookings[0], status="no_show")
    assert world.weeks[MONDAY].verdict is None


@pytest.mark.rule("week_of_the_pack")
def test_a_pack_change_on_the_first_of_march_judges_february_by_the_old_pack():
    """domain.md: a past week is judged by the pack in force that week."""
    new = "payer@2026-03-01"
    changed = replace(NINE_HOURS, packs=(new,), weekly_minutes=600, decided_by=decided_by(new))
    book = Book(changed_on=date(2026, 3, 1), changed=changed)
    world = World(book).admitted(date(2026, 2, 16))
    last_of_february, first_of_march = date(2026, 2, 23), date(2026, 3, 2)
    for monday in (last_of_february, first_of_march):
        for n in (0, 2, 4):
            world.came(world.booked(seat(monday + timedelta(days=n))), "09:00", "12:00")
    assert world.judged(last_of_february).packs == ("payer@2024-01-01",)
    assert world.judged(last_of_february).compliant
    assert world.judged(first_of_march).packs == ("payer@2026-03-01",)
    assert world.judged(first_of_march).broken_rules == ("payer@2026-03-01:weekly_hours",)


def test_the_answer_names_the_pack_whose_number_broke():
    mixed = replace(NINE_HOURS, decided_by={"weekly_hours": "payer@2024-01-01", "treatment_days": "state@2020-01-01"})
    attended = [Attended("group_therapy", "in_person", day(n), "present", 200) for n in (0, 1)]
    verdict = judge(attended, replace(FULL, asked_by=tuple(mixed.decided_by.items())), mixed, Served())
    assert verdict.broken_rules == ("payer@2024-01-01:weekly_hours", "state@2020-01-01:treatment_days")


@pytest.mark.rule("partial_week")
@pytest.mark.rule("week.partial_weeks")
def test_the_week_of_admission_is_judged_in_proportion():
    """An assumption: no payer's manual says it."""
    world = World().admitted(on=day(3))
    world.came(world.booked(seat(day(3))), "09:00", "12:00")
    world.came(world.booked(seat(day(4), ends="11:08")), "09:00", "11:08")
    verdict = world.judged(MONDAY)
    assert (verdict.minutes, verdict.basis, verdict.compliant) == (308, "pro_rated", True)


@pytest.mark.rule("partial_week")
@pytest.mark.rule("week.partial_weeks")
def test_a_pack_may_leave_partial_weeks_unjudged():
    """An assumption: no payer's manual says it."""
    world = World(Book(replace(NINE_HOURS, partial_weeks="not_judged"))).admitted(on=day(3))
    verdict = world.judged(MONDAY)
    assert (verdict.compliant, verdict.basis) == (True, "not_judged")


def test_a_week_wholly_suspended_is_not_judged_and_judged_again_when_the_suspension_never_was():
    world = World().admitted(on=MONDAY - timedelta(days=7))
    world.judged(MONDAY - timedelta(days=7))
    world.suspended(SUSPENSION, at(MONDAY - timedelta(days=1), "10:00"))
    assert world.judged(MONDAY).basis == "not_judged"
    world.suspension_cancelled(SUSPENSION)
    week = world.weeks[MONDAY]
    assert (week.verdict.basis, week.verdict.compliant, week.revision) == ("full", False, 2)


def test_judging_a_week_opens_the_next_until_the_discharge():
    world = World().admitted()
    world.judged(MONDAY)
    assert day(7) in world.episode.opened
    world.discharged(at(day(9), "10:00"), day(9))
    world.judged(day(7))
    assert day(14) not in world.episode.opened


def test_a_week_after_the_discharge_is_none_whenever_the_discharge_is_told():
    told_in_time = World().admitted()
    told_in_time.judged(MONDAY)
    told_in_time.discharged(at(day(4), "10:00"), day(4))
    told_in_time.judged(day(7))
    assert told_in_time.weeks[day(7)].verdict is None
    told_late = World().admitted()
    told_late.judged(MONDAY)
    told_late.judged(day(7))
    told_late.discharged(at(day(4), "10:00"), day(4))
    assert told_late.weeks[day(7)].verdict.basis == "outside_episode"


@pytest.mark.parametrize(
    ("monday", "hours"), [(date(2026, 3, 2), 167), (date(2026, 10, 26), 169), (date(2026, 2, 2), 168)]
)
def test_a_week_ends_at_local_midnight_across_daylight_saving_changes(monday, hours):
    begins = week_end(monday - timedelta(days=7), "America/New_York")
    assert week_end(monday, "America/New_York") - begins == timedelta(hours=hours)


def test_a_session_on_the_night_the_clocks_change_has_its_real_minutes():
    world = World().admitted(on=date(2026, 3, 2))
    sunday = date(2026, 3, 8)
    booking = world.booked(seat(sunday, "01:00", "04:00"))
    world.came(booking, "01:00", "04:00")
    assert world.minutes(booking) == 120


@pytest.mark.rule("absence.unexcused_no_shows")
def test_unexcused_no_shows_repeat_at_the_packs_number_and_no_longer_when_one_is_excused():
    """Programs' published absence policies: three unexcused absences."""
    world = World().admitted()
    bookings = [world.booked(seat(day(n))) for n in range(4)]
    for booking in bookings[:2]:
        world.grace_ended(booking)
    assert "NoShowsRepeated" not in world.told(world.episode)
    world.grace_ended(bookings[2])
    world.grace_ended(bookings[3])
    assert world.told(world.episode).count("NoShowsRepeated") == 1
    for booking in bookings[:2]:
        world.corrected(booking, status="excused")
    assert world.told(world.episode).count("NoShowsNoLongerRepeated") == 1


OUTCOMES = st.lists(
    st.tuples(st.sampled_from([*sorted(FORMAL), "support_group"]), st.integers(0, 6), st.integers(0, 400)), max_size=12
)


@given(outcomes=OUTCOMES)
def test_the_weeks_minutes_are_those_of_the_components_that_count(outcomes):
    attended = [Attended(component, "in_person", day(n), "present", minutes) for component, n, minutes in outcomes]
    verdict = judge(attended, FULL, NINE_HOURS, Served())
    assert verdict.minutes == sum(minutes for component, _, minutes in outcomes if component != "support_group")
    assert verdict.compliant == (verdict.minutes >= 540 and verdict.days >= 3)


@given(outcomes=OUTCOMES, active=st.integers(1, 7))
def test_fewer_days_in_the_episode_never_ask_for_more(outcomes, active):
    attended = [Attended(component, "in_person", day(n), "present", minutes) for component, n, minutes in outcomes]
    full = judge(attended, FULL, NINE_HOURS, Served())
    partial = judge(
        attended, Demand("pro_rated", 540 * active // 7, 3 * active // 7, asked_by=ASKED), NINE_HOURS, Served()
    )
    assert set(partial.broken_rules) <= set(full.broken_rules)


@given(n=st.integers(0, 3000))
def test_every_day_belongs_to_the_week_of_its_monday(n):
    some = date(2024, 1, 1) + timedelta(days=n)
    monday = week_start(some)
    assert monday.weekday() == 0 and 0 <= (some - monday).days < 7
