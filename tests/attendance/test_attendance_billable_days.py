"""Days of service and what they may be billed as: each test is one rule of the domain, and cites its source."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid5

import pytest
from attendance_told import admitted, booked, booking, days, discharged, named, suspended, suspension_cancelled
from attendance_world import MONDAY, NAMES, THREE_HOURS, World, at, seat

from services.attendance.domain import commands as c
from services.attendance.domain.billable_day import DayVerdict
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs
from tests.support.whole_service import WholeService

SUSPENSION = uuid5(NAMES, "suspension")


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def a_world(**rules) -> World:
    world = World().admitted()
    world.book.day_rules = replace(THREE_HOURS, **rules)
    return world


def served(world: World, on: date, until: str = "12:00", **of) -> None:
    world.came(world.booked(seat(on, **of)), "09:00", until)


def verdict(world: World, on: date) -> DayVerdict:
    return world.weeks[on - timedelta(days=on.weekday())].days[on]


@pytest.mark.rule("minimum_day")
@pytest.mark.rule("day.minimum_hours")
def test_minimum_day():
    """H0015: at least three hours a day; TRICARE: two."""
    world = a_world()
    served(world, day(0))
    assert verdict(world, day(0)).billable
    short = world.booked(seat(day(1)))
    world.came(short, "09:00", "11:59")
    world.grace_ended(short)
    assert verdict(world, day(1)).broken_rules == ("payer@2024-01-01:minimum_day",)
    assert not verdict(world, day(1)).billable


@pytest.mark.rule("day.counted_components")
def test_what_does_not_count_adds_nothing_to_a_day():
    """Payer manuals: support groups are outside formal therapy."""
    world = a_world()
    served(world, day(0), "11:00", ends="11:00")
    served(world, day(0), "12:00", starts="11:00", component="support_group")
    assert (verdict(world, day(0)).minutes, verdict(world, day(0)).components) == (120, ("group_therapy",))


def test_a_day_on_which_nothing_counts_is_no_day_of_service():
    world = a_world()
    served(world, day(0), component="support_group")
    assert world.weeks[MONDAY].days == {}


@pytest.mark.rule("telehealth.counts")
@pytest.mark.parametrize(("counts", "minutes"), [(True, 180), (False, 0)])
def test_telehealth_counts_by_pack(counts, minutes):
    """CMS: Medicare does not pay for virtual intensive outpatient service; some payers do."""
    world = a_world(telehealth_counts=counts)
    served(world, day(0), modality="telehealth")
    found = world.weeks[MONDAY].days.get(day(0))
    assert (found.minutes if found else 0) == minutes


@pytest.mark.rule("group_every_day")
@pytest.mark.rule("day.group_optional")
def test_group_every_day():
    """North Carolina Medicaid clinical coverage policy 8A, SAIOP: group counselling every service day."""
    world = a_world(group_required=True)
    served(world, day(0), component="individual_therapy")
    served(world, day(1))
    assert verdict(world, day(0)).broken_rules == ("group_every_day",)
    assert verdict(world, day(1)).billable


@pytest.mark.rule("maximum_gap")
@pytest.mark.rule("day.maximum_gap_days")
def test_maximum_gap():
    """North Carolina Medicaid clinical coverage policy 8A, SAIOP: at most two consecutive days without service."""
    world = a_world(maximum_gap_days=2)
    served(world, day(0))
    served(world, day(3))
    served(world, day(7))
    assert verdict(world, day(3)).billable and verdict(world, day(3)).gap_days == 2
    assert not verdict(world, day(7)).billable and verdict(world, day(7)).gap_days == 3


def test_a_day_of_service_told_late_ends_the_gap_and_the_next_day_is_judged_again():
    world = a_world(maximum_gap_days=2)
    served(world, day(0))
    served(world, day(8))
    assert not verdict(world, day(8)).billable
    served(world, day(5))
    assert verdict(world, day(8)).billable and world.weeks[day(7)].day_revisions[day(8)] == 2


def test_days_suspended_are_no_gap():
    world = a_world(maximum_gap_days=2)
    served(world, day(0))
    served(world, day(7))
    world.suspended(SUSPENSION, at(day(1), "00:00"))
    world.resumed(SUSPENSION, at(day(6), "00:00"))
    assert verdict(world, day(7)).billable
    world.suspension_cancelled(SUSPENSION)
    assert not verdict(world, day(7)).billable


@pytest.mark.rule("discrete_services")
@pytest.mark.rule("day.under_minimum")
def test_discrete_services():
    """14 NYCRR part 822: a day under three hours attended is billed as discrete services."""
    world = a_world(under_minimum="discrete_services")
    served(world, day(0), "11:00", ends="11:00")
    assert verdict(world, day(0)).bills_as == "discrete_services" and not verdict(world, day(0)).billable


@pytest.mark.rule("day_in_episode")
def test_day_in_episode():
    """Payer manuals: services are authorized for the episode."""
    world = a_world()
    served(world, day(2))
    world.discharged(at(day(1), "17:00"), day(1))
    assert verdict(world, day(2)).broken_rules == ("day_in_episode",)


@pytest.mark.rule("settled_day")
def test_settled_day():
    """Nothing is billed before it is documented: a day waits for the outcome of every booking."""
    world = a_world()
    served(world, day(0), "12:00")
    assert verdict(world, day(0)).billable
    open_ = World().admitted()
    later = open_.booked(seat(day(0), "13:00", "14:00"))
    served(open_, day(0))
    assert open_.weeks[MONDAY].days == {}
    open_.grace_ended(later)
    assert verdict(open_, day(0)).billable


@pytest.mark.rule("day.under_minimum")
@pytest.mark.rule("day.group_optional")
@pytest.mark.rule("day.maximum_gap_days")
def test_new_york_sets_discrete_services_and_north_carolina_group_and_gap():
    """14 NYCRR part 822; North Carolina Medicaid clinical coverage policy 8A, SAIOP."""
    book = PackRules(Packs.load())
    new_york = book.day(JudgedBy(("new_york_822",)), MONDAY)
    assert (new_york.minutes, new_york.under_minimum) == (180, "discrete_services")
    north_carolina = book.day(JudgedBy(("north_carolina_saiop",)), MONDAY)
    assert (north_carolina.group_required, north_carolina.maximum_gap_days) == (True, 2)
    assert north_carolina.decided_by["maximum_gap"].startswith("north_carolina_saiop@")


def test_the_strictest_of_several_packs_decides_the_day():
    rules = PackRules(Packs.load()).day(JudgedBy(("tricare_iop", "h0015_day")), MONDAY)
    assert rules.minutes == 180 and rules.decided_by["minimum_day"].startswith("h0015_day@")


def came(service: WholeService, name: str, on: date) -> None:
    times = {"checked_in_at": at(on, "09:00"), "checked_out_at": at(on, "12:00")}
    service.now = max(service.now, at(on, "12:00"))
    service.do(c.CorrectAttendance(booking(name, on), "entered_late", **times), "therapist")
    service.settle()


def told(service: WholeService) -> list[tuple[str, bool, int]]:
    events = [one["data"] for one in service.feed() if one["type"] == "attendance.billable_day_determined.v1"]
    return [(data["date"], data["billable"], data["revision"]) for data in events]


def test_a_billable_day_is_told_and_told_again_with_the_next_revision_when_it_is_corrected(service):
    service.told(admitted("ada", packs=("h0015_day",)), booked("ada", MONDAY))
    came(service, "ada", MONDAY)
    assert told(service) == [(str(MONDAY), True, 1)]
    service.do(c.CorrectAttendance(booking("ada", MONDAY), "wrong_entry", status="no_show"), "therapist")
    service.settle()
    assert told(service) == [(str(MONDAY), True, 1), (str(MONDAY), False, 2)]
    assert service.ask("billable_days", participant_id=named("ada"))["days"] == []


def test_the_answer_names_the_rule_and_the_pack_that_decided(service):
    service.told(admitted("ada", packs=("north_carolina_saiop",)), booked("ada", MONDAY, "individual_therapy"))
    came(service, "ada", MONDAY)
    (found,) = service.ask("billable_days", participant_id=named("ada"))["days"]
    assert found["broken_rules"] == ["north_carolina_saiop@2020-01-01:group_every_day"]


def test_a_cancelled_suspension_judges_the_days_again(service):
    first, second = days(0, 5)
    service.told(admitted("ada", packs=("north_carolina_saiop",)), booked("ada", first), booked("ada", second))
    came(service, "ada", first)
    came(service, "ada", second)
    service.told(suspended("ada", at(days(1)[0], "00:00")))
    service.told(suspension_cancelled("ada"))
    assert [billable for on, billable, _ in told(service) if on == str(second)] == [False, True, False]


def test_a_discharge_told_late_takes_the_days_after_it_back(service):
    service.told(admitted("ada", packs=("h0015_day",)), booked("ada", days(2)[0]))
    came(service, "ada", days(2)[0])
    service.told(discharged("ada", days(1)[0]))
    assert [billable for _, billable, _ in told(service)] == [True, False]
