"""The numbers of the shipped packs, put to the test by what they make of a week or a booking; each cites its source."""

from datetime import timedelta

import pytest
from attendance_world import MONDAY, World, at, seat

from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs

SHIPPED = PackRules(Packs.load())


def admitted(*packs: str, age_group: str = "adult") -> World:
    return World(SHIPPED).admitted(judged_by=JudgedBy(packs, age_group))


def attended(world: World, days: int, minutes: int) -> None:
    """So many minutes a day from 08:00, on so many days of the week from Monday."""
    for n in range(days):
        on = MONDAY + timedelta(days=n)
        until = f"{8 + minutes // 60:02}:{minutes % 60:02}"
        world.came(world.booked(seat(on, "08:00", until)), "08:00", until)


@pytest.mark.rule("week.minimum_hours")
@pytest.mark.rule("weekly_hours")
@pytest.mark.parametrize(
    ("pack", "age_group", "hours"),
    [
        ("medicare_iop", "adult", 9),
        ("asam_2_1", "adult", 9),
        ("asam_2_1", "adolescent", 6),
        ("asam_2_1_4th", "adult", 9),
        ("tricare_iop", "adult", 6),
    ],
)
def test_weekly_hours(pack, age_group, hours):
    """CMS-1786-FC: at least nine hours; ASAM level 2.1: adults nine, adolescents six; TRICARE: six."""
    for minutes, compliant in ((hours * 60 // 3, True), (hours * 60 // 3 - 1, False)):
        world = admitted(pack, age_group=age_group)
        attended(world, 3, minutes)
        verdict = world.judged(MONDAY)
        assert verdict.compliant is compliant
        assert compliant or verdict.broken_rules[0].startswith(f"{pack}@")


@pytest.mark.rule("week.minimum_days")
@pytest.mark.rule("day.minimum_hours")
@pytest.mark.rule("treatment_days")
@pytest.mark.parametrize("pack", ["h0015_day", "north_carolina_saiop"])
def test_treatment_days(pack):
    """H0015 and North Carolina SAIOP: at least three hours on at least three days."""
    for days, minutes, broken in ((3, 180, False), (3, 179, True), (2, 300, True)):
        world = admitted(pack)
        attended(world, days, minutes)
        asked = f"{pack}@{'2013-01-01' if pack == 'h0015_day' else '2020-01-01'}:treatment_days"
        assert (asked in world.judged(MONDAY).broken_rules) is broken


@pytest.mark.rule("week.maximum_hours")
@pytest.mark.rule("weekly_maximum")
def test_weekly_maximum():
    """The ASAM Criteria, 3rd edition: level 2.1 ends at 19 hours, more is another level; noted, not a breach."""
    for minutes, noted in ((228, ()), (229, ("asam_2_1@2013-10-24:weekly_maximum",))):
        world = admitted("asam_2_1")
        attended(world, 5, minutes)
        verdict = world.judged(MONDAY)
        assert (verdict.compliant, verdict.noted) == (True, noted)


@pytest.mark.rule("week.partial_hospitalization_hours")
@pytest.mark.rule("partial_hospitalization")
def test_partial_hospitalization():
    """42 CFR 424.24(e): partial hospitalization begins at 20 hours a week; noted, not a breach."""
    for minutes, noted in ((239, ()), (240, ("medicare_iop@2024-01-01:partial_hospitalization",))):
        world = admitted("medicare_iop")
        attended(world, 5, minutes)
        verdict = world.judged(MONDAY)
        assert (verdict.compliant, verdict.noted) == (True, noted)


@pytest.mark.rule("week.counted_components")
@pytest.mark.rule("day.counted_components")
def test_what_counts():
    """Payer manuals: support groups are outside formal therapy and count for neither hours nor days."""
    world = admitted("medicare_iop", "h0015_day")
    world.came(world.booked(seat(MONDAY, "09:00", "12:00", component="support_group")), "09:00", "12:00")
    world.came(world.booked(seat(MONDAY, "13:00", "16:00", component="psychoeducation")), "13:00", "16:00")
    verdict = world.judged(MONDAY)
    assert (verdict.minutes, verdict.days) == (180, 1)


@pytest.mark.rule("telehealth.counts")
@pytest.mark.parametrize(("pack", "minutes"), [("medicare_iop", 0), ("h0015_day", 180)])
def test_telehealth(pack, minutes):
    """CMS: Medicare does not pay for virtual intensive outpatient service; some payers do."""
    world = admitted(pack)
    world.came(world.booked(seat(MONDAY, modality="telehealth")), "09:00", "12:00")
    assert world.judged(MONDAY).minutes == minutes


@pytest.mark.rule("absence.late_minutes")
@pytest.mark.rule("absence.late_is_no_show_minutes")
@pytest.mark.rule("absence.left_early_minutes")
@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        ("09:05", "12:00", "present"),
        ("09:06", "12:00", "late"),
        ("09:29", "12:00", "late"),
        ("09:30", "12:00", "no_show"),
        ("09:00", "11:55", "present"),
        ("09:00", "11:54", "left_early"),
    ],
)
def test_late_and_left_early(since, until, status):
    """Program practice: five minutes; programs' published absence policies: late by 30 minutes is a no-show."""
    world = admitted("medicare_iop")
    booking = world.booked(seat(MONDAY))
    world.came(booking, since, until)
    world.grace_ended(booking)
    assert world.status(booking) == status


@pytest.mark.rule("absence.notice_hours")
@pytest.mark.rule("notice_excuses")
def test_notice_excuses():
    """Programs' published absence policies: 48 hours of notice excuse."""
    for hours, status in ((48.0, "excused"), (47.9, "no_show")):
        world = admitted("medicare_iop")
        booking = world.booked(seat(MONDAY))
        world.freed(booking, "participant", hours)
        assert world.status(booking) == status


@pytest.mark.rule("absence.no_show_grace_minutes")
@pytest.mark.rule("absence.open_visit_counts")
@pytest.mark.rule("absence.unexcused_no_shows")
def test_grace_open_visits_and_repeated_no_shows():
    """Program practice: an hour of grace, no minutes without a documented end; published policies: three unexcused."""
    world = admitted("medicare_iop")
    bookings = [world.booked(seat(MONDAY + timedelta(days=n))) for n in range(4)]
    assert world.records[bookings[0]].grace_ends_at == at(MONDAY, "13:00")
    world.came(bookings[0], "09:00", None)
    for booking in bookings:
        world.grace_ended(booking)
    assert (world.status(bookings[0]), world.minutes(bookings[0])) == ("present", 0)
    assert world.episode.times_repeated == 1


@pytest.mark.rule("week.warned_after_hours")
@pytest.mark.rule("week.judged_after_hours")
@pytest.mark.rule("week.partial_weeks")
def test_when_a_week_is_warned_of_and_judged_and_how_it_is_judged_when_cut():
    """Program practice: warned of after a day, judged two days after its end; a cut week in proportion."""
    world = admitted("medicare_iop")
    opened = world.episode.opened[MONDAY]
    assert opened == at(MONDAY + timedelta(days=9), "00:00")
    assert world.episode.looked_ahead[MONDAY][0] == at(MONDAY + timedelta(days=1), "08:00")
    cut = World(SHIPPED).admitted(on=MONDAY + timedelta(days=6), judged_by=JudgedBy(("medicare_iop",)))
    assert cut.judged(MONDAY).basis == "pro_rated"
