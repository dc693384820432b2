"""What came of a booking: each test is one rule."""

from datetime import timedelta
from uuid import uuid5

import pytest
from attendance_world import LATER, MONDAY, NAMES, World, at, seat, strict
from hypothesis import given
from hypothesis import strategies as st

from services.attendance.domain.errors import (
    AheadOfTime,
    AlreadyCheckedIn,
    BookingFreed,
    CheckInOutsideSession,
    CheckOutBeforeCheckIn,
    CorrectionUnclear,
    NotCheckedIn,
)
from services.attendance.domain.outcome import Facts, minutes_attended
from services.attendance.domain.visits import Modality, Stay, Visit

TUESDAY = MONDAY + timedelta(days=1)
SUSPENSION = uuid5(NAMES, "suspension")


@pytest.fixture
def world() -> World:
    return World().admitted()


@pytest.mark.rule("late_before_left_early")
@pytest.mark.parametrize(
    ("since", "until", "status", "minutes"),
    [
        ("08:50", "12:10", "present", 180),
        ("09:05", "12:00", "present", 175),
        ("09:06", "12:00", "late", 174),
        ("09:06", "11:30", "late", 144),
        ("09:29", "12:00", "late", 151),
        ("09:30", "12:00", "no_show", 150),
        ("09:00", "11:55", "present", 175),
    ],
)
def test_status_and_minutes_follow_from_the_times_within_the_session(world, since, until, status, minutes):
    """Program practice; programs' published absence policies: late by 30 minutes counts as a no-show."""
    booking = world.booked(seat(MONDAY))
    world.came(booking, since, until)
    world.grace_ended(booking)
    assert (world.status(booking), world.minutes(booking)) == (status, minutes)


@pytest.mark.rule("outcome_at_grace")
def test_who_left_before_the_end_may_come_back_until_the_grace_ends(world):
    """Program practice."""
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "10:00")
    assert world.status(booking) is None
    world.came(booking, "10:15", "12:00")
    assert (world.status(booking), world.minutes(booking)) == ("present", 165)


def test_who_left_early_and_stayed_away_left_early(world):
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "10:00")
    world.grace_ended(booking)
    assert (world.status(booking), world.minutes(booking)) == ("left_early", 60)


@pytest.mark.rule("absence.open_visit_counts")
@pytest.mark.parametrize(("counts", "minutes"), [("until_session_end", 180), ("nothing", 0)])
def test_a_missing_check_out_is_worth_what_the_pack_says(world, counts, minutes):
    """Program practice: billed minutes need a documented end."""
    world.book.rules = strict(open_visit_counts=counts)
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", None)
    world.grace_ended(booking)
    assert (world.status(booking), world.minutes(booking)) == ("present", minutes)


@pytest.mark.rule("outcome_at_grace")
@pytest.mark.rule("absence.no_show_grace_minutes")
def test_nobody_is_a_no_show_before_the_grace_ends(world):
    """Program practice."""
    booking = world.booked(seat(MONDAY))
    record = world.records[booking]
    record.end_grace(at(MONDAY, "12:59"))
    world.settle(booking)
    assert world.status(booking) is None
    record.end_grace(at(MONDAY, "13:00"))
    world.settle(booking)
    assert world.status(booking) == "no_show"


def test_a_grace_that_ends_after_they_came_changes_nothing(world):
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "12:00")
    world.grace_ended(booking)
    assert world.status(booking) == "present"
    assert "OutcomeCorrected" not in world.told(world.records[booking])


@pytest.mark.rule("freed_by_discharge")
@pytest.mark.rule("notice_excuses")
@pytest.mark.rule("roster_change_is_no_absence")
@pytest.mark.parametrize(
    ("reason", "notice", "status"),
    [
        ("participant", 48.0, "excused"),
        ("participant", 47.9, "no_show"),
        ("participant", None, "no_show"),
        ("roster_changed", None, "cancelled_by_program"),
        ("suspended", None, "excused"),
        ("discharged", None, "cancelled_by_program"),
        ("cancelled_by_program", None, "cancelled_by_program"),
        ("merged", None, "cancelled_by_program"),
        ("review_withdrawn", None, "cancelled_by_program"),
    ],
)
def test_why_a_booking_was_given_back_decides_its_status(world, reason, notice, status):
    """Programs' published absence policies: 48 hours of notice excuse; the rest is program practice."""
    booking = world.booked(seat(MONDAY))
    world.freed(booking, reason, notice)
    assert world.status(booking) == status


@pytest.mark.rule("attendance_beats_cancellation")
def test_attendance_beats_cancellation(world):
    """Program practice."""
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "12:00")
    world.freed(booking, "cancelled_by_program")
    assert world.status(booking) == "present"


@pytest.mark.rule("suspension_excuses")
def test_an_absence_while_suspended_is_excused_and_reinstated_when_the_suspension_never_was(world):
    """Program practice."""
    booking = world.booked(seat(TUESDAY))
    world.grace_ended(booking)
    assert world.status(booking) == "no_show"
    world.suspended(SUSPENSION, at(MONDAY, "20:00"))
    assert world.status(booking) == "excused"
    world.suspension_cancelled(SUSPENSION)
    assert world.status(booking) == "no_show"
    assert world.told(world.records[booking]).count("OutcomeCorrected") == 2


def test_who_came_although_suspended_attended(world):
    booking = world.booked(seat(TUESDAY))
    world.came(booking, "09:00", "12:00")
    world.suspended(SUSPENSION, at(MONDAY, "20:00"))
    assert world.status(booking) == "present"


def test_absences_after_the_resumption_count_and_are_excused_when_it_is_cancelled(world):
    booking = world.booked(seat(TUESDAY))
    world.suspended(SUSPENSION, at(MONDAY, "10:00"))
    world.resumed(SUSPENSION, at(MONDAY, "20:00"))
    world.grace_ended(booking)
    assert world.status(booking) == "no_show"
    world.resumption_cancelled(SUSPENSION)
    assert world.status(booking) == "excused"


def test_a_corrected_beginning_leaves_the_end_of_a_suspension(world):
    booking = world.booked(seat(TUESDAY))
    world.suspended(SUSPENSION, at(MONDAY, "10:00"))
    world.resumed(SUSPENSION, at(MONDAY, "20:00"))
    world.suspended(SUSPENSION, at(MONDAY, "12:00"))
    world.grace_ended(booking)
    assert world.status(booking) == "no_show"


def test_a_suspension_told_again_after_its_cancellation_holds_until_its_end_is_told_again(world):
    booking = world.booked(seat(TUESDAY))
    world.suspended(SUSPENSION, at(MONDAY, "10:00"))
    world.resumed(SUSPENSION, at(MONDAY, "20:00"))
    world.suspension_cancelled(SUSPENSION)
    world.suspended(SUSPENSION, at(MONDAY, "10:00"))
    world.grace_ended(booking)
    assert world.status(booking) == "excused"


def test_staff_may_excuse_an_absence_before_and_after(world):
    before, after = world.booked(seat(MONDAY)), world.booked(seat(TUESDAY))
    world.records[before].excuse("illness", world.now)
    world.settle(before)
    world.grace_ended(after)
    world.records[after].excuse("illness", world.now)
    world.settle(after)
    assert (world.status(before), world.status(after)) == ("excused", "excused")


def test_a_correction_by_times_is_judged_by_the_same_rules(world):
    booking = world.booked(seat(MONDAY))
    world.grace_ended(booking)
    world.corrected(booking, checked_in_at=at(MONDAY, "09:10"), checked_out_at=at(MONDAY, "12:00"))
    assert (world.status(booking), world.minutes(booking)) == ("late", 170)


def stay(since: str, until: str, modality: Modality | None = None) -> Stay:
    return Stay(at(MONDAY, since), at(MONDAY, until), modality)


def test_a_correction_may_give_several_comings_and_goings(world):
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "12:00")
    three = stay("11:00", "12:00", "telehealth"), stay("09:00", "10:00"), stay("09:30", "10:10")
    world.corrected(booking, stays=three)
    assert (world.status(booking), world.minutes(booking)) == ("present", 130)
    assert world.records[booking].outcome.telehealth_minutes == 60
    world.corrected(booking, stays=(stay("09:20", "10:00"), stay("10:30", "11:00")))
    assert (world.status(booking), world.minutes(booking)) == ("late", 70)


@pytest.mark.parametrize(
    ("to", "refusal"),
    [
        ({"stays": (stay("09:00", "10:00"),), "status": "excused"}, CorrectionUnclear),
        ({"stays": (stay("09:00", "10:00"),), "checked_in_at": at(MONDAY, "09:00")}, CorrectionUnclear),
        ({"stays": (stay("09:00", "10:00"), stay("11:00", "10:30"))}, CheckOutBeforeCheckIn),
        ({"stays": (Stay(at(MONDAY, "09:00"), LATER + timedelta(hours=1)),)}, AheadOfTime),
    ],
)
def test_several_stays_are_held_to_what_one_is(world, to, refusal):
    booking = world.booked(seat(MONDAY))
    with pytest.raises(refusal):
        world.corrected(booking, **to)


def test_a_correction_to_a_status_takes_the_times_away(world):
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "12:00")
    world.corrected(booking, status="excused")
    assert (world.status(booking), world.minutes(booking)) == ("excused", 0)


@pytest.mark.parametrize(
    "to",
    [{}, {"status": "present"}, {"checked_in_at": at(MONDAY, "09:00")}, {"status": "nonsense"}],
)
def test_a_correction_gives_both_times_or_a_status_without_times(world, to):
    booking = world.booked(seat(MONDAY))
    with pytest.raises(CorrectionUnclear):
        world.corrected(booking, **to)


def test_who_is_in_cannot_come_in_and_who_is_out_cannot_leave(world):
    record = world.records[world.booked(seat(MONDAY))]
    with pytest.raises(NotCheckedIn):
        record.check_out(at(MONDAY, "09:00"), LATER)
    record.check_in(at(MONDAY, "09:00"), LATER)
    with pytest.raises(AlreadyCheckedIn):
        record.check_in(at(MONDAY, "09:01"), LATER)
    with pytest.raises(CheckOutBeforeCheckIn):
        record.check_out(at(MONDAY, "08:59"), LATER)


@pytest.mark.parametrize("when", [at(MONDAY, "12:00"), at(TUESDAY, "09:00"), at(MONDAY - timedelta(days=1), "23:00")])
def test_a_check_in_belongs_to_the_sessions_day_before_it_ends(world, when):
    record = world.records[world.booked(seat(MONDAY))]
    with pytest.raises(CheckInOutsideSession):
        record.check_in(when, LATER)


def test_what_is_still_to_come_is_not_recorded(world):
    record = world.records[world.booked(seat(MONDAY))]
    with pytest.raises(AheadOfTime):
        record.check_in(at(MONDAY, "09:00"), at(MONDAY, "08:59"))


def test_a_booking_restored_does_not_count_twice(world):
    freed = world.booked(seat(MONDAY))
    world.freed(freed, "suspended")
    assert world.status(freed) == "excused"
    world.records[freed].restore(uuid5(NAMES, "restored"), world.now)
    world.settle(freed)
    assert world.status(freed) == "cancelled_by_program"
    assert world.episode.absences == {}


def test_a_booking_given_back_cannot_be_checked_in(world):
    booking = world.booked(seat(MONDAY))
    world.freed(booking, "participant", 72.0)
    with pytest.raises(BookingFreed):
        world.records[booking].check_in(at(MONDAY, "09:00"), LATER)


def test_a_booking_known_before_the_admission_waits_for_its_rules():
    world = World()
    booking = world.booked(seat(MONDAY))
    world.came(booking, "09:00", "12:00")
    assert world.status(booking) is None
    world.admitted()
    assert world.status(booking) == "present"


MINUTES = st.integers(min_value=-120, max_value=300)


@given(visits=st.lists(st.tuples(MINUTES, MINUTES), max_size=6))
def test_minutes_attended_are_the_minutes_of_the_session_during_which_they_were_in(visits):
    starts = at(MONDAY, "09:00")
    spans = [(min(pair), max(pair)) for pair in visits]
    facts = Facts(
        starts,
        starts + timedelta(minutes=180),
        tuple(Visit(starts + timedelta(minutes=a), starts + timedelta(minutes=b)) for a, b in spans),
        grace_ended=True,
    )
    in_the_room = {minute for a, b in spans for minute in range(max(a, 0), min(b, 180))}
    assert minutes_attended(facts, strict()).minutes == len(in_the_room)
