"""A session that turns out to have been moved after its outcome was fixed: what holds of it, and what does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from attendance_told import NOW, admitted, booked, booking, changed, days, named, scheduled
from attendance_world import LATER, MONDAY, World, at, seat

from services.attendance.domain.absences import AbsencePolicy
from services.attendance.domain.groups import GroupRules
from services.attendance.wiring import define
from tests.support.whole_service import WholeService, opened

THREE_UNEXCUSED = AbsencePolicy("three_unexcused", "unexcused", steps=(("outreach", 1), ("discharge_review", 3)))
OUTREACH, REVIEW = (("three_unexcused", step) for step in ("outreach", "discharge_review"))


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


@pytest.fixture
def world() -> World:
    made = World().admitted()
    made.book.policies = (THREE_UNEXCUSED,)
    return made


def missed(world: World, n: int) -> UUID:
    booking_id = world.booked(seat(day(n)))
    world.grace_ended(booking_id)
    return booking_id


@pytest.mark.rule("outcome_moves_with_its_session")
@pytest.mark.parametrize(
    "to", [seat(day(5)), seat(day(2), "18:00", "21:00"), seat(day(9))], ids=["day", "hour", "week"]
)
def test_an_absence_from_a_session_that_is_still_to_come_counts_for_no_policy(world, to):
    """Program practice: nobody has missed what has not taken place."""
    *_, third = (missed(world, n) for n in range(3))
    assert set(world.episode.steps) == {OUTREACH, REVIEW}
    world.moved(third, to)
    assert set(world.episode.steps) == {OUTREACH}
    assert world.told(world.episode).count("NoShowsNoLongerRepeated") == 1
    world.grace_ended(third)
    assert world.episode.steps[REVIEW].reached_at == to.starts_at
    assert world.told(world.episode).count("NoShowsRepeated") == 2


def test_minutes_attended_at_another_time_make_no_day_of_service(world):
    came = world.booked(seat(day(0)))
    world.came(came, "09:00", "12:00")
    assert world.weeks[MONDAY].days[day(0)].billable
    world.moved(came, seat(day(3)))
    assert not world.weeks[MONDAY].days[day(0)].billable
    assert world.episode.service_days == []


@pytest.mark.parametrize("told", [MONDAY, day(6)], ids=["before it takes place", "when it is over"])
def test_a_day_that_waited_for_a_session_is_judged_when_that_is_moved_to_another_day_of_the_week(world, told):
    """Program practice: nothing is billed before it is documented; then it is."""
    afternoon = world.booked(seat(day(0), "13:00", "16:00"))
    world.came(world.booked(seat(day(0))), "09:00", "12:00")
    assert day(0) not in world.weeks[MONDAY].days
    world.now = at(told, "20:00")
    world.moved(afternoon, seat(day(2), "13:00", "16:00"))
    assert world.weeks[MONDAY].days[day(0)].billable


def test_a_session_that_was_moved_within_the_week_makes_no_billable_day_where_it_was(world):
    """Also where its time is over when that is told: who came on Monday did not come on Wednesday."""
    came = world.booked(seat(day(0)))
    world.came(came, "09:00", "12:00")
    assert world.weeks[MONDAY].days[day(0)].billable
    world.now = at(day(6), "20:00")
    world.moved(came, seat(day(2)))
    assert not world.weeks[MONDAY].days[day(0)].billable


def test_an_excuse_given_before_moves_with_the_session_and_reverses_nothing(world):
    for n in range(3):
        missed(world, n)
    excused = world.booked(seat(day(3)))
    world.records[excused].excuse("illness", LATER)
    world.settle(excused)
    before = len(world.episode.pending_events)
    world.moved(excused, seat(day(5)))
    assert world.status(excused) == "excused"
    assert world.episode.absences[excused].starts_at == at(day(5), "09:00")
    assert "AbsenceStepReversed" not in [type(one).__name__ for one in world.episode.pending_events[before:]]


@pytest.fixture
def service() -> Iterator[WholeService]:
    with opened(define, NOW) as running:
        yield running


def test_nobody_is_shown_absent_from_a_session_that_is_still_to_come(service):
    monday, friday = days(0, 4)
    service.told(admitted("ada"), scheduled(monday), booked("ada", monday))
    service.pass_time(at(monday, "14:00"))
    assert [row["status"] for row in service.ask("absences")["absences"]] == ["no_show"]
    service.told(changed("ada", monday, friday))
    assert service.ask("absences")["absences"] == []
    assert service.ask("participant_attendance", participant_id=named("ada"))["attendance"] == []
    roster = service.ask("roster", session_id=named(f"session {monday}"))["roster"]
    assert [(row["booking_id"], row["status"]) for row in roster] == [(str(booking("ada", monday)), None)]
    service.pass_time(at(friday, "14:00"))
    (row,) = service.ask("absences")["absences"]
    assert (row["status"], row["local_date"]) == ("no_show", str(friday))


def test_a_note_is_asked_for_no_session_that_is_still_to_come(world):
    world.book.group_rules = GroupRules(None, None, timedelta(days=14), {})
    planned = seat(day(0))
    came = world.booked(planned)
    world.came(came, "09:00", "12:00")
    assert world.notes[planned.session_id].asked == {came: at(day(14), "12:00")}
    world.moved(came, replace(seat(day(3)), session_id=planned.session_id))
    assert world.notes[planned.session_id].asked == {}


def test_who_missed_a_session_that_was_moved_and_moved_back_is_shown_absent(service):
    """Both are told when its time is over: nothing is taken from what was known."""
    monday, friday = days(0, 4)
    service.told(admitted("ada"), scheduled(monday), booked("ada", monday))
    service.pass_time(at(monday, "14:00"))
    service.told(changed("ada", monday, friday), changed("ada", monday, monday, sequence=2))
    (row,) = service.ask("absences")["absences"]
    assert (row["status"], row["local_date"]) == ("no_show", str(monday))
    (entry,) = service.ask("roster", session_id=named(f"session {monday}"))["roster"]
    assert entry["status"] == "no_show"
