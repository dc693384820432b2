"""A session missed is made up in another, once."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from scheduling_service import Service
from scheduling_tellings import admitted, opened, suspended, suspension_cancelled, timetable
from scheduling_world import World, day, named, session_on

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
