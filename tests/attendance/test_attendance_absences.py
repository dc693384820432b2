"""Absence policies: each test is one rule, and cites its source. Steps are a function of the history alone."""

from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest
from attendance_told import admitted, booked, booking, days, freed, named, suspended, suspension_cancelled
from attendance_world import LATER, MONDAY, NAMES, World, at, seat, strict
from hypothesis import given
from hypothesis import strategies as st

from services.attendance.domain import commands as c
from services.attendance.domain.absences import AbsencePolicy, PastSession, in_order, steps_reached
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.errors import StepNotReached
from services.attendance.rulebook import PackRules
from services.platform.packs import Packs
from tests.support.whole_service import WholeService

SUSPENSION = uuid5(NAMES, "suspension")
THREE_UNEXCUSED = AbsencePolicy("three_unexcused", "unexcused", steps=(("outreach", 1), ("discharge_review", 3)))
TWELVE_WEEKS = AbsencePolicy("more_than_six", "absences", weeks=12, steps=(("discharge_review", 7),))
FIVE_OF_SIX = AbsencePolicy("five_of_six", "absences", sessions=6, steps=(("coordinator", 2),))
OFTEN_LATE = AbsencePolicy("often_late", "late", sessions=4, steps=(("outreach", 2),))


def a_world(*policies: AbsencePolicy) -> World:
    world = World().admitted()
    world.book.policies = policies
    return world


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def missed(world: World, n: int) -> UUID:
    id_ = world.booked(seat(day(n)))
    world.grace_ended(id_)
    return id_


def came(world: World, n: int, since: str = "09:00") -> UUID:
    id_ = world.booked(seat(day(n)))
    world.came(id_, since, "12:00")
    return id_


def steps(world: World) -> set[tuple[str, str]]:
    return set(world.episode.steps)


@pytest.mark.rule("absence_steps")
def test_three_unexcused():
    """Programs' published absence policies: three unexcused absences lead to a discharge review."""
    world = a_world(THREE_UNEXCUSED)
    missed(world, 0)
    assert steps(world) == {("three_unexcused", "outreach")}
    missed(world, 1)
    third = missed(world, 2)
    assert ("three_unexcused", "discharge_review") in steps(world)
    reached = world.episode.steps["three_unexcused", "discharge_review"]
    assert (reached.reached_at, reached.absences[-1]) == (at(day(2), "09:00"), third)


def test_an_excuse_that_arrives_later_reverses_the_step_and_another_absence_reaches_it_again():
    world = a_world(THREE_UNEXCUSED)
    absences = [missed(world, n) for n in range(3)]
    world.records[absences[0]].excuse("illness", LATER)
    world.settle(absences[0])
    assert steps(world) == {("three_unexcused", "outreach")}
    assert world.told(world.episode).count("AbsenceStepReversed") == 1
    missed(world, 3)
    assert ("three_unexcused", "discharge_review") in steps(world)


@pytest.mark.rule("absence_steps")
def test_more_than_six_absences_in_twelve_weeks():
    """Programs' published absence policies: more than six absences in twelve weeks lead to a discharge review."""
    world = a_world(TWELVE_WEEKS)
    for week in range(6):
        missed(world, week * 7)
    missed(world, 12 * 7)
    assert steps(world) == set(), "the first one lies twelve weeks back"
    seventh = missed(world, 12 * 7 - 1)
    assert steps(world) == {("more_than_six", "discharge_review")}
    visit = {"checked_in_at": at(day(12 * 7 - 1), "09:00"), "checked_out_at": at(day(12 * 7 - 1), "12:00")}
    world.corrected(seventh, **visit)
    assert steps(world) == set()


@pytest.mark.rule("absence_steps")
def test_attend_at_least_five_of_six():
    """Programs' published absence policies: attend at least five of six sessions."""
    world = a_world(FIVE_OF_SIX)
    missed(world, 0)
    for n in range(1, 6):
        came(world, n)
    missed(world, 6)
    assert steps(world) == set()
    missed(world, 11)
    assert steps(world) == {("five_of_six", "coordinator")}


def test_late_arrivals_are_counted_where_a_policy_counts_them():
    world = a_world(OFTEN_LATE)
    came(world, 0, "09:10")
    assert steps(world) == set()
    came(world, 1, "09:10")
    assert steps(world) == {("often_late", "outreach")}


@pytest.mark.rule("late_counts_as_no_show")
@pytest.mark.rule("absence.late_is_no_show_minutes")
@pytest.mark.parametrize("minutes", [15, 30])
def test_late_counts_as_no_show(minutes):
    """Programs' published absence policies: late by 15, or 30, minutes counts as a no-show."""
    world = a_world(THREE_UNEXCUSED)
    world.book.rules = strict(late_counts_as_no_show_after=timedelta(minutes=minutes))
    id_ = world.booked(seat(day(0)))
    world.came(id_, f"09:{minutes}", "12:00")
    assert world.status(id_) == "no_show" and steps(world) == {("three_unexcused", "outreach")}


@pytest.mark.rule("notice_excuses")
@pytest.mark.rule("absence.notice_hours")
def test_notice_excuses():
    """Programs' published absence policies: 48 hours of notice excuse."""
    world = a_world(THREE_UNEXCUSED)
    world.freed(world.booked(seat(day(0))), "participant", 48.0)
    assert steps(world) == set()
    world.freed(world.booked(seat(day(1))), "participant", 47.0)
    assert steps(world) == {("three_unexcused", "outreach")}


@pytest.mark.rule("suspended_never_counts")
def test_suspended_never_counts():
    """Program practice: who is in hospital is not discharged for not coming."""
    world = a_world(AbsencePolicy("any", "absences", steps=(("outreach", 1),)))
    missed(world, 1)
    assert steps(world) == {("any", "outreach")}
    world.suspended(SUSPENSION, at(day(0), "20:00"))
    assert steps(world) == set()
    world.suspension_cancelled(SUSPENSION)
    assert steps(world) == {("any", "outreach")}


@pytest.mark.rule("one_at_a_time")
def test_one_at_a_time():
    """Programs' published absence policies count sessions: who gives a seat back and takes it again misses one at
    most."""
    world = a_world(AbsencePolicy("any", "absences", steps=(("outreach", 1), ("discharge_review", 2))))
    world.freed(world.booked(seat(day(0))), "participant", 48.0)
    assert steps(world) == {("any", "outreach")}
    again = world.booked(seat(day(0)), uuid5(NAMES, "the same session again"))
    world.grace_ended(again)
    assert steps(world) == {("any", "outreach")}
    world.corrected(again, checked_in_at=at(day(0), "09:00"), checked_out_at=at(day(0), "12:00"))
    assert steps(world) == set()


def test_several_policies_hold_at_once():
    world = a_world(THREE_UNEXCUSED, FIVE_OF_SIX)
    missed(world, 0)
    missed(world, 1)
    assert steps(world) == {("three_unexcused", "outreach"), ("five_of_six", "coordinator")}


@pytest.mark.rule("absence.policies")
def test_common_practice_ships_the_three_published_policies():
    """Programs' published absence policies: three unexcused, more than six in twelve weeks, five of six."""
    found = {policy.name: policy for policy in PackRules(Packs.load()).absence_policies(JudgedBy(), MONDAY)}
    assert found["three_unexcused"].steps[-1] == ("discharge_review", 3)
    assert (found["more_than_six_in_twelve_weeks"].weeks, found["more_than_six_in_twelve_weeks"].steps[-1]) == (
        12,
        ("discharge_review", 7),
    )
    assert (found["five_of_six"].sessions, found["five_of_six"].steps) == (6, (("coordinator", 2),))


CAME = st.sampled_from(["in_time", "late", "excused", "unexcused"])
POLICIES = (THREE_UNEXCUSED, TWELVE_WEEKS, FIVE_OF_SIX, OFTEN_LATE)


def past(outcomes: list[str]) -> list[PastSession]:
    return in_order(PastSession(UUID(int=n), at(day(n), "09:00"), day(n), came) for n, came in enumerate(outcomes))


@given(outcomes=st.lists(CAME, max_size=20), excused=st.integers(0, 19))
def test_an_excuse_never_reaches_a_step_that_counts_the_unexcused(outcomes, excused):
    before = set(steps_reached(past(outcomes), lambda on: (THREE_UNEXCUSED,)))
    better = ["excused" if n == excused and came == "unexcused" else came for n, came in enumerate(outcomes)]
    assert set(steps_reached(past(better), lambda on: (THREE_UNEXCUSED,))) <= before


@given(outcomes=st.lists(CAME, max_size=20))
def test_a_step_once_reached_stays_however_many_sessions_follow(outcomes):
    reached = steps_reached(past(outcomes[:-1]), lambda on: POLICIES)
    assert dict(steps_reached(past(outcomes), lambda on: POLICIES)) | dict(reached) == steps_reached(
        past(outcomes), lambda on: POLICIES
    )


def told(service: WholeService, type_: str) -> list[tuple[str, str]]:
    service.settle()
    found = [event["data"] for event in service.feed() if event["type"] == f"attendance.{type_}.v1"]
    return [(data["policy"], data["step"]) for data in found]


def test_steps_are_told_and_taken_back_and_the_answer_shows_what_stands(service):
    three = days(0, 1, 2)
    service.told(admitted("ada"), *[booked("ada", on) for on in three])
    service.pass_time(at(three[2], "23:00"))
    assert ("three_unexcused", "discharge_review") in told(service, "absence_step_reached")
    (row,) = service.ask("absence_steps", participant_id=named("ada"), step="discharge_review")["steps"]
    assert row["absences"] == [str(booking("ada", on)) for on in three]
    service.do(c.ExcuseAbsence(booking("ada", three[1]), "illness"), "therapist")
    assert told(service, "absence_step_reversed") == [("three_unexcused", "discharge_review")]
    assert service.ask("absence_steps", participant_id=named("ada"), step="discharge_review")["steps"] == []


@pytest.mark.rule("roster_change_is_no_absence")
def test_who_is_taken_off_the_roster_of_a_series_is_not_led_to_a_discharge_review(service):
    """Domain.md: what other systems lack, rosters of existing future sessions; program practice, to be verified."""
    seven = days(*range(7))
    service.told(admitted("ada"), *[booked("ada", on) for on in seven])
    service.told(*[freed("ada", on, "roster_changed") for on in seven])
    assert service.ask("absence_steps")["steps"] == []


def test_who_gives_up_a_seat_takes_it_again_and_comes_has_missed_nothing(service):
    service.told(admitted("ada"), booked("ada", MONDAY), freed("ada", MONDAY, "participant", 2.0))
    assert len(service.ask("absence_steps")["steps"]) > 0
    first = booking("ada", MONDAY)
    service.told(booked("ada", MONDAY, booking_id=uuid5(NAMES, "again"), restores_booking_id=first))
    assert service.ask("absence_steps")["steps"] == []


def test_no_shows_repeated_is_counted_as_the_policies_count(service):
    three = days(0, 1, 2)
    service.told(admitted("ada"), *[booked("ada", on) for on in three])
    service.pass_time(at(three[2], "23:00"))
    service.told(suspended("ada", at(three[0], "00:00")))
    types = [event["type"] for event in service.feed()]
    assert types.count("attendance.no_shows_repeated.v1") == types.count("attendance.no_shows_excused.v1") == 1
    assert service.ask("absence_steps")["steps"] == []
    service.told(suspension_cancelled("ada"))
    assert len(service.ask("absence_steps", step="discharge_review")["steps"]) == 1


def test_a_step_that_is_not_reached_is_not_taken_and_one_reversed_is_due_again(service):
    service.told(admitted("ada"), booked("ada", MONDAY))
    step = c.TakeStep(named("ada's episode"), "three_unexcused", "outreach")
    with pytest.raises(StepNotReached):
        service.do(step, "therapist")
    service.pass_time(at(MONDAY, "23:00"))
    service.do(step, "therapist")
    service.do(c.CorrectAttendance(booking("ada", MONDAY), "wrong_entry", status="excused"), "therapist")
    service.do(c.CorrectAttendance(booking("ada", MONDAY), "wrong_entry", status="no_show"), "therapist")
    service.settle()
    (row,) = service.ask("absence_steps", step="outreach")["steps"]
    assert row["taken_at"] is None
