"""Mid-week: whether the minimum is in reach, and the fewest sessions that would repair it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from uuid import UUID, uuid5

import pytest
from attendance_told import NOW, admitted, booked, days, freed, named, scheduled, session
from attendance_world import FORMAL, MONDAY, NAMES, NINE_HOURS, World, at, seat
from hypothesis import given
from hypothesis import strategies as st

from services.attendance.domain.attended import Expected
from services.attendance.domain.early_warning import Offer, Shortfall, Within, make_ups
from services.attendance.domain.episode_facts import JudgedBy
from tests.support.whole_service import Told, WholeService

SUSPENSION = uuid5(NAMES, "suspension")
TRACK = uuid5(NAMES, "track")
WEDNESDAY = MONDAY + timedelta(days=2)
WEEK = tuple(MONDAY + timedelta(days=n) for n in range(7))
WITHIN = Within(TRACK, WEEK, JudgedBy())
TUESDAY_MORNING = at(WEEK[1], "00:00")


def offer(day: int, starts: str = "09:00", ends: str = "12:00", **other) -> Offer:
    name = f"offer {day} {starts} {other}"
    of = {"component": "group_therapy", "modality": "in_person", "free": 1} | other
    on = WEEK[day]
    return Offer(uuid5(NAMES, name), of["component"], of["modality"], on, at(on, starts), at(on, ends), of["free"])


def three_days(world: World) -> list[UUID]:
    return [world.booked(seat(WEEK[n])) for n in (0, 2, 4)]


@pytest.mark.rule("early_warning")
def test_early_warning():
    """A week of nine hours on three days is in reach until a session is missed."""
    world = World().admitted()
    bookings = three_days(world)
    world.came(bookings[0], "09:00", "12:00")
    assert world.look_ahead(at(WEDNESDAY, "08:00")) is None
    world.grace_ended(bookings[1])
    lacking, _, _ = world.look_ahead(at(WEDNESDAY, "13:00"))
    assert (lacking.minutes, lacking.days) == (180, 1)


@pytest.mark.rule("early_warning")
@pytest.mark.rule("week.warned_after_hours")
def test_nobody_is_warned_before_the_packs_time_nor_after_the_week():
    """Program practice: warned once bookings of the week are made, while make-ups are still to come."""
    world = World().admitted()
    assert world.look_ahead(at(MONDAY, "23:59")) is None
    assert world.look_ahead(at(WEEK[6] + timedelta(days=1), "00:00")) is None
    assert world.look_ahead(at(WEEK[1], "08:00")) is not None


def test_a_warning_is_cleared_when_the_minimum_is_in_reach_again():
    world = World().admitted()
    bookings = three_days(world)
    world.grace_ended(bookings[0])
    assert world.look_ahead(at(WEEK[1], "08:00")) is not None
    world.booked(seat(WEEK[3]))
    assert world.look_ahead(at(WEEK[1], "09:00")) is None
    assert world.told(world.weeks[MONDAY]).count("EarlyWarningCleared") == 1


def test_a_suspension_cuts_what_is_asked_of_the_week_and_what_can_still_be_attended():
    world = World().admitted()
    three_days(world)
    world.suspended(SUSPENSION, at(WEEK[3], "00:00"))
    assert world.look_ahead(at(WEEK[3], "08:00")) is None, "two of three days are left of the week: 231 minutes, 1 day"
    world.freed(world.booked(seat(WEEK[1])), "participant", 1.0)
    world.suspended(SUSPENSION, at(WEEK[2], "00:00"))
    assert world.look_ahead(at(WEEK[2], "08:00")) is None, "one booking is left, and 154 minutes are asked for"
    world.suspension_cancelled(SUSPENSION)
    world.freed(next(iter(world.records)), "participant", 1.0)
    lacking, _, within = world.look_ahead(at(WEEK[2], "08:00"))
    assert (lacking.minutes, lacking.days, within.days) == (180, 1, WEEK)


@pytest.mark.rule("fewest_make_ups")
def test_fewest_make_ups():
    """One long session is better than two short ones; of as few, those that come first are suggested first."""
    lacking = Shortfall(180, 1)
    short = [offer(3, "09:00", "10:30"), offer(3, "13:00", "14:30")]
    found = make_ups(lacking, WITHIN, NINE_HOURS, [*short, offer(5), offer(4)], (), TUESDAY_MORNING)
    assert found == [(offer(4),), (offer(5),)]


def test_days_are_repaired_with_the_hours():
    """Two sessions on one day are one day: the second has to lie on another."""
    lacking = Shortfall(360, 2)
    found = make_ups(lacking, WITHIN, NINE_HOURS, [offer(3), offer(3, "13:00", "16:00"), offer(4)], (), TUESDAY_MORNING)
    assert [[one.local_date for one in chosen] for chosen in found] == [[WEEK[3], WEEK[4]], [WEEK[3], WEEK[4]]]


@pytest.mark.parametrize(
    "impossible",
    [
        offer(1, "00:00", "03:00"),
        offer(4, component="support_group"),
        offer(4, modality="telehealth"),
        offer(4, free=0),
        offer(2, "11:00", "14:00"),
    ],
    ids=["begun", "does not count", "virtual", "full", "overlaps a booking"],
)
def test_what_is_no_make_up(impossible):
    booked_ = [Expected("group_therapy", "in_person", WEEK[2], at(WEEK[2], "09:00"), at(WEEK[2], "12:00"))]
    assert make_ups(Shortfall(180, 1), WITHIN, NINE_HOURS, [impossible], booked_, TUESDAY_MORNING) == []


def test_sessions_that_overlap_one_another_are_not_suggested_together():
    both = [offer(3), offer(3, "11:00", "14:00")]
    assert make_ups(Shortfall(360, 0), WITHIN, NINE_HOURS, both, (), TUESDAY_MORNING) == []


def test_days_outside_the_episode_hold_no_make_up():
    within = replace(WITHIN, days=WEEK[:4])
    assert make_ups(Shortfall(180, 1), within, NINE_HOURS, [offer(4)], (), TUESDAY_MORNING) == []


COMPONENTS = [*sorted(FORMAL), "support_group"]
OFFERS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(8, 18), st.integers(1, 4), st.sampled_from(COMPONENTS)),
    max_size=7,
    unique_by=lambda drawn: drawn[:2],
)


def repairs(chosen: tuple[Offer, ...], lacking: Shortfall) -> bool:
    """Worked out in another way than the search does: no overlap, enough minutes, enough days of 180 minutes."""
    spans = sorted((one.starts_at, one.ends_at) for one in chosen)
    apart = all(before[1] <= after[0] for before, after in pairwise(spans))
    counted = [one for one in chosen if one.component in FORMAL]
    by_day: dict[date, int] = {}
    for one in counted:
        by_day[one.local_date] = by_day.get(one.local_date, 0) + one.minutes
    enough = sum(1 for minutes in by_day.values() if minutes >= 180) >= lacking.days
    return apart and sum(one.minutes for one in counted) >= lacking.minutes and enough


@given(drawn=OFFERS, minutes=st.integers(0, 600), short_days=st.integers(0, 3))
def test_no_smaller_set_repairs_the_week_than_those_suggested(drawn, minutes, short_days):
    lacking = Shortfall(max(minutes, 0 if short_days else 1), short_days)
    offers = [offer(d, f"{h:02}:00", f"{h + n:02}:00", component=component) for d, h, n, component in drawn]
    found = make_ups(lacking, WITHIN, NINE_HOURS, offers, (), TUESDAY_MORNING)
    least = next((n for n in range(1, 7) if any(repairs(chosen, lacking) for chosen in combinations(offers, n))), None)
    assert [len(chosen) for chosen in found] == [least] * len(found)
    assert bool(found) == (least is not None)
    assert all(repairs(chosen, lacking) for chosen in found)


def told(service: WholeService, type_: str) -> list[dict]:
    service.settle()
    return [event["data"] for event in service.feed() if event["type"] == f"attendance.{type_}.v1"]


def a_session(day: date, starts: str, ends: str, seats: int = 12) -> Told:
    times = {"starts_at": at(day, starts), "ends_at": at(day, ends)}
    facts = {"session_id": named(f"extra {day} {starts}"), "seats": seats, "facilitators": [named("t")]}
    return Told("scheduling.session_scheduled", {**session(day), **times, **facts}, NOW)


def until(service: WholeService, when: datetime) -> None:
    service.pass_time(when, timedelta(hours=3))


def test_a_missed_session_raises_a_warning_with_the_make_up_that_repairs_it_and_booking_it_clears_it(service):
    thursday = days(3)[0]
    service.told(admitted("ada"), *[scheduled(day) for day in days(0, 2, 3, 4)])
    service.told(*[booked("ada", day) for day in days(0, 2, 4)])
    until(service, at(days(1)[0], "12:00"))
    (warning,) = told(service, "early_warning_raised")
    assert (warning["week"], warning["missing_minutes"], warning["missing_days"]) == (str(MONDAY), 180, 1)
    assert warning["make_ups"] == [str(named(f"session {thursday}"))]
    service.told(booked("ada", thursday))
    assert [data["week"] for data in told(service, "early_warning_cleared")] == [str(MONDAY)]
    assert service.ask("early_warnings")["warnings"] == []


def test_a_seat_given_back_in_mid_week_raises_a_warning_at_once(service):
    service.told(admitted("ada"), *[booked("ada", day) for day in days(1, 2, 4)])
    until(service, at(days(1)[0], "06:00"))
    assert told(service, "early_warning_raised") == []
    service.told(freed("ada", days(4)[0], "participant", 60.0))
    assert [data["missing_days"] for data in told(service, "early_warning_raised")] == [1]


def test_the_answer_gives_several_suggestions_with_seats_that_are_free_now(service):
    friday, saturday = days(4, 5)
    service.told(admitted("ada"), *[booked("ada", day) for day in days(0, 2, 3)])
    service.told(a_session(friday, "13:00", "16:00"), a_session(saturday, "09:00", "12:00"))
    until(service, at(days(1)[0], "12:00"))
    (warning,) = service.ask("early_warnings", participant_id=named("ada"))["warnings"]
    first = [chosen[0]["session_id"] for chosen in warning["make_ups"]]
    assert first == [str(named(f"extra {friday} 13:00")), str(named(f"extra {saturday} 09:00"))]


def test_while_a_warning_stands_it_is_told_again_when_its_make_up_has_passed(service):
    tuesday, saturday = days(1, 5)
    service.told(admitted("ada"), a_session(tuesday, "13:00", "16:00"), a_session(saturday, "09:00", "12:00"))
    service.told(*[booked("ada", day) for day in days(2, 4)])
    until(service, at(days(3)[0], "12:00"))
    suggested = [data["make_ups"] for data in told(service, "early_warning_raised")]
    assert suggested[0] == [str(named(f"extra {tuesday} 13:00"))]
    assert suggested[-1] != suggested[0]


def test_a_warning_ends_with_its_week_and_the_next_week_is_looked_at_in_its_turn(service):
    service.told(admitted("ada"))
    until(service, at(days(7)[0], "12:00"))
    assert [data["week"] for data in told(service, "early_warning_cleared")] == [str(MONDAY)]
    until(service, at(days(8)[0], "12:00"))
    assert [row["week"] for row in service.ask("early_warnings")["warnings"]] == [str(days(7)[0])]
