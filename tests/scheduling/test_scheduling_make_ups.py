"""A session missed is made up in another, once."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from scheduling_service import Service
from scheduling_tellings import admitted, opened, suspended, suspension_cancelled, timetable
from scheduling_world import TRACK, ZONE, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors

GROUP, CLINIC = named("group"), named("clinic")


@pytest.fixture
def world() -> World:
    """A group on four Mondays; ann has a seat in each."""
    made = World()
    made.sessions(made.series("group", made.facilitator("t", "therapist"), seats=4))
    other = made.series(
        "other", made.facilitator("u", "therapist"), rule="FREQ=WEEKLY;BYDAY=TU", first_date=day(3).date()
    )
    made.sessions(other)
    made.admitted("ann")
    return made


def made_up(world: World, missed: UUID, n: int = 3, name: str = "ann") -> UUID:
    command = c.BookSession(session_on(named("other"), n), named(name), makes_up_for=missed)
    booking = world.do(command)["booking_id"]
    assert isinstance(booking, UUID)
    return booking


@pytest.mark.rule("one_make_up_each")
def test_a_booking_that_is_over_or_cancelled_is_made_up(world: World) -> None:
    """Domain.md: make-up sessions."""
    missed, given_up = (world.booked(session_on(GROUP, n), named("ann")) for n in (2, 9))
    world.do(c.CancelBooking(session_on(GROUP, 9), given_up))
    world.now = day(3)
    for one, n in ((missed, 3), (given_up, 10)):
        made_up(world, one, n)
        made = world.happened("BookingMade")[-1]
        assert (made.kind, made.makes_up_for) == ("make_up", one)


def test_what_is_still_to_come_or_not_theirs_is_not_made_up(world: World) -> None:
    world.admitted("ben")
    to_come = world.booked(session_on(GROUP, 2), named("ann"))
    of_ben = world.booked(session_on(GROUP, 2), named("ben"))
    world.do(c.CancelBooking(session_on(GROUP, 2), of_ben))
    for one in (to_come, of_ben, uuid4()):
        with pytest.raises(errors.NothingMissed):
            made_up(world, one)


@pytest.mark.rule("one_make_up_each")
def test_there_is_one_make_up_for_each_until_it_is_given_up(world: World) -> None:
    """Domain.md: make-up sessions."""
    missed = world.booked(session_on(GROUP, 2), named("ann"))
    world.now = day(3)
    first = made_up(world, missed, 3)
    with pytest.raises(errors.MadeUpAlready):
        made_up(world, missed, 10)
    world.do(c.CancelBooking(session_on(named("other"), 3), first))
    second = made_up(world, missed, 10)
    world.now = day(11)
    with pytest.raises(errors.MadeUpAlready):
        made_up(world, missed, 17)
    made_up(world, second, 17)


def test_a_session_does_not_make_up_for_itself(world: World) -> None:
    given_up = world.booked(session_on(GROUP, 2), named("ann"))
    world.do(c.CancelBooking(session_on(GROUP, 2), given_up))
    with pytest.raises(errors.NothingMissed):
        world.do(c.BookSession(session_on(GROUP, 2), named("ann"), makes_up_for=given_up))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = opened(tmp_path)
    timetable(made)
    made.told(admitted("ann"))
    made.settle()
    yield made
    made.close()


def test_what_was_restored_is_not_made_up(service: Service) -> None:
    booking = service.do(c.BookSession(session_on(GROUP, 9), named("ann"))).body["booking_id"]
    service.told(suspended("ann", day(8)), suspension_cancelled("ann", day(8, 15)))
    service.settle()
    with pytest.raises(errors.NothingMissed):
        service.do(c.BookSession(session_on(CLINIC, 16), named("ann"), makes_up_for=UUID(str(booking))))


def test_a_make_up_is_told_and_shown_with_what_it_makes_up_for(service: Service) -> None:
    missed = UUID(str(service.do(c.BookSession(session_on(GROUP, 9), named("ann"))).body["booking_id"]))
    service.do(c.CancelBooking(session_on(GROUP, 9), missed))
    service.do(c.BookSession(session_on(CLINIC, 16), named("ann"), makes_up_for=missed))
    service.settle()
    told = [event["data"] for event in service.feed() if event["type"] == "scheduling.booking_made.v1"]
    assert [(one["kind"], one["makes_up_for"]) for one in told] == [("regular", None), ("make_up", str(missed))]
    shown = service.ask("bookings", participant_id=named("ann"), from_date=None, through=None)["bookings"]
    assert [(one["kind"], one["makes_up_for"]) for one in shown] == [("regular", None), ("make_up", str(missed))]


def suggested(service: Service, *, free: tuple[int, ...] = (11, 12)) -> UUID:
    """Ann missed her group on the 2nd. One on Tuesday the 10th with a single seat was suggested, which ben took since;
    more take place in that week on these days, one of them while she is elsewhere. Gives the booking missed."""
    missed = UUID(str(service.do(c.BookSession(session_on(GROUP, 2), named("ann"))).body["booking_id"]))
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    for n, seats in ((10, 1), *((n, 4) for n in free)):
        plan = c.PlanSeries(
            series_id=named(f"on {n}"), track_id=TRACK, component="group_therapy", title="Group", time_zone=ZONE,
            rule="FREQ=DAILY;COUNT=1", first_date=day(n).date(), starts_at=time(18), minutes=90, seats_min=1,
            seats=seats, facilitators=(named("u"),), room="A1", modality="in_person",
        )  # fmt: skip
        service.do(plan)
        service.do(c.ScheduleSessions(named(f"on {n}"), day(n).date()))
    service.told(admitted("ben"))
    service.settle()
    service.do(c.BookSession(session_on(named("on 10"), 10), named("ben")))
    service.now = day(4)
    service.settle()
    return missed


def refused(service: Service, missed: UUID) -> errors.SessionIsFull:
    with pytest.raises(errors.SessionIsFull) as found:
        service.do(c.BookSession(session_on(named("on 10"), 10), named("ann"), makes_up_for=missed))
    return found.value


def test_a_suggested_make_up_that_has_filled_is_refused_with_where_there_are_seats(service: Service) -> None:
    missed = suggested(service)
    service.do(c.BookSession(session_on(named("on 11"), 11), named("ann")))
    service.settle()
    refusal = refused(service, missed)
    assert refusal.detail == "all 1 seat(s) are taken; choose another session"
    monday = f"2026-03-09 at 18:00 (session {session_on(GROUP, 9)})"
    thursday = f"2026-03-12 at 18:00 (session {session_on(named('on 12'), 12)})"
    assert refusal.hint == f"in that week there are free seats on {monday}, {thursday}"


def test_where_nothing_is_free_in_that_week_it_says_so(service: Service) -> None:
    missed = suggested(service, free=())
    service.do(c.CancelSession(session_on(GROUP, 9), "facilitator_ill"))
    service.settle()
    hint = "no other session of that week has a free seat; wait for one of this session"
    assert refused(service, missed).hint == hint
