"""One participant joins or leaves the coming sessions of a series; what is past and everybody else's seats stay."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from scheduling_world import MONDAY, ZONE, World, day, named, session_on

from services.scheduling.domain import availability_commands as a
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, waitlist_commands
from services.scheduling.domain.available_times import Window

GROUP = named("group")
MONDAYS = [session_on(GROUP, n) for n in (2, 9, 16, 23)]
EVENINGS = Window(available=False, weekdays=(1,), starts_at=time(17), ends_at=time(21))


@pytest.fixture
def world() -> World:
    """A group of two seats on four Mondays at 18:00; ann and ben have a seat in each, and it is the 10th."""
    made = World()
    made.sessions(made.series("group", made.facilitator("t", "therapist")))
    for name in ("ann", "ben"):
        made.admitted(name)
        made.do(c.BookSeries(GROUP, named(name)))
    made.now = day(10)
    return made


def test_who_leaves_a_series_keeps_what_is_past(world: World) -> None:
    answer = world.do(c.CancelSeriesBookings(GROUP, named("ann")))
    assert [one["session_id"] for one in answer["cancelled"]] == MONDAYS[2:]
    assert [one["notice_hours"] for one in answer["cancelled"]] == [154.0, 322.0]
    assert world.seats_held("ann") == MONDAYS[:2]
    assert world.seats_held("ben") == MONDAYS
    assert {event.reason for event in world.happened("BookingCancelled")} == {"participant"}


def test_who_leaves_from_a_day_on_or_for_some_days_keeps_the_rest(world: World) -> None:
    world.do(c.CancelSeriesBookings(GROUP, named("ann"), date(2026, 3, 17)))
    assert world.seats_held("ann") == MONDAYS[:3]
    world.do(c.CancelSeriesBookings(GROUP, named("ben"), date(2026, 3, 10), date(2026, 3, 16)))
    assert world.seats_held("ben") == [*MONDAYS[:2], MONDAYS[3]]


@pytest.mark.rule("roster_change_is_no_absence")
def test_who_is_taken_off_the_roster_by_the_program_has_given_no_notice(world: World) -> None:
    """Domain.md: what other systems lack, rosters of existing future sessions; program practice, to be verified."""
    answer = world.do(c.CancelSeriesBookings(GROUP, named("ann"), date(2026, 3, 17), given_up_by="program"))
    assert [one["notice_hours"] for one in answer["cancelled"]] == [None]
    booking = next(iter(world.session(MONDAYS[2]).taken))
    world.do(c.CancelBooking(MONDAYS[2], booking, given_up_by="program"))
    told = [(event.reason, event.notice_hours) for event in world.happened("BookingCancelled")]
    assert told == [("roster_changed", None)] * 2
    assert world.seats_held("ben") == MONDAYS


def test_who_was_taken_off_the_roster_does_not_come_back_by_waiting_for_the_series(world: World) -> None:
    cem = world.admitted("cem")
    world.do(waitlist_commands.WaitForSeries(GROUP, cem))
    ben = next(one for one, of in world.session(MONDAYS[2]).taken.items() if of == named("ben's episode"))
    world.do(c.CancelBooking(MONDAYS[2], ben, given_up_by="program"))
    world.do(waitlist_commands.PromoteWaiting(MONDAYS[2]))
    assert world.seats_held("cem") == [MONDAYS[2]]
    world.do(c.CancelBooking(MONDAYS[2], world.happened("BookingMade")[-1].booking_id, given_up_by="program"))
    world.do(waitlist_commands.PromoteWaiting(MONDAYS[2]))
    assert world.seats_held("cem") == []


def test_a_session_that_was_moved_goes_by_its_new_day(world: World) -> None:
    world.do(c.MoveSession(MONDAYS[3], date(2026, 3, 12), time(18)))
    world.do(c.CancelSeriesBookings(GROUP, named("ann"), None, date(2026, 3, 15)))
    assert world.seats_held("ann") == MONDAYS[:3]


def test_where_there_is_nothing_to_leave_that_is_said(world: World) -> None:
    world.do(c.CancelSeriesBookings(GROUP, named("ann")))
    with pytest.raises(errors.BookingUnknown):
        world.do(c.CancelSeriesBookings(GROUP, named("ann")))
    with pytest.raises(errors.BookingUnknown):
        world.do(c.CancelSeriesBookings(GROUP, named("ben"), episode_id=named("another episode")))


def test_who_joins_a_series_joins_what_is_to_come(world: World) -> None:
    world.do(c.CancelSeriesBookings(GROUP, named("ann")))
    before = len(world.log)
    answer = world.do(c.BookSeries(GROUP, world.admitted("cem")))
    assert ([one["session_id"] for one in answer["booked"]], answer["refused"]) == (MONDAYS[2:], [])
    assert {event.booking_id for event in world.happened("BookingMade", before)} == {
        one["booking_id"] for one in answer["booked"]
    }
    assert world.seats_held("ben") == MONDAYS


def test_a_series_is_booked_although_they_are_not_available_with_a_reason(world: World) -> None:
    world.do(c.CancelSeriesBookings(GROUP, named("ann")))
    cem = world.admitted("cem")
    world.do(a.StateAvailability("participant", cem, ZONE, (EVENINGS,), (None,)))
    refused = world.do(c.BookSeries(GROUP, cem))["refused"]
    assert [one["code"] for one in refused] == ["ParticipantNotAvailable"] * 2
    world.do(c.BookSeries(GROUP, cem, override="employer_agreed"))
    made = world.happened("BookingMade")[-1]
    assert (made.kind, made.override_reason, made.override_role) == ("override", "employer_agreed", "coordinator")
    assert world.seats_held("cem") == MONDAYS[2:]


def elsewhere(world: World) -> UUID:
    """ann is in another group on Mondays at 20:00."""
    other = world.series("other", world.facilitator("u", "therapist"), starts_at=time(20))
    sessions = world.sessions(other)
    world.do(c.BookSession(sessions[2], named("ann")))
    return sessions[2]


def test_a_series_follows_although_somebody_is_elsewhere_with_a_reason_and_role(world: World) -> None:
    elsewhere(world)
    change = {"from_date": date(2026, 3, 16), "starts_at": time(19)}
    with pytest.raises(errors.SeriesCannotFollow, match="ParticipantElsewhere"):
        world.do(c.ChangeSeries(GROUP, **change))
    answer = world.do(c.ChangeSeries(GROUP, **change, override="agreed_with_them"))
    (first, second) = answer["changed"]
    assert (len(first["overridden"]), second["overridden"]) == (1, [])
    moved = world.happened("SessionMoved")
    assert [(one.override_reason, one.override_role) for one in moved] == [
        ("agreed_with_them", "coordinator"),
        (None, None),
    ]
    (changed,) = world.happened("SeriesChanged")
    assert (changed.override_reason, changed.override_role) == ("agreed_with_them", "coordinator")


def test_a_series_is_led_by_somebody_who_is_not_available_with_a_reason(world: World) -> None:
    away = world.facilitator("u", "therapist")
    world.do(a.StateAvailability("facilitator", away, ZONE, (EVENINGS,), (None,)))
    with pytest.raises(errors.SeriesCannotFollow, match="FacilitatorNotAvailable"):
        world.do(c.ChangeSeries(GROUP, facilitators=(away,)))
    world.do(c.ChangeSeries(GROUP, facilitators=(away,), override="agreed"))
    assert {one.override_reason for one in world.happened("FacilitatorsAssigned")} == {"agreed"}
    assert [world.session(one).facilitators for one in MONDAYS[1:3]] == [(named("t"),), (away,)]


@pytest.mark.parametrize(
    "command",
    [
        c.ChangeSeries(GROUP, starts_at=time(19), override="because"),
        c.BookSeries(GROUP, named("ann"), override="because"),
        c.ScheduleSessions(GROUP, MONDAY + timedelta(days=35), override="because"),
        c.AlterSession(MONDAYS[2], seats=2, override="because"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_only_a_coordinator_overrides(world: World, command: object) -> None:
    with pytest.raises(errors.OverrideNotAllowed):
        world.do(command, "front_desk")
