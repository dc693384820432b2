"""Seats: one place at a time, never more than the capacity, only with an open placement."""

from datetime import time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_world import MONDAY, NOW, World, day, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import errors

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def group(world: World) -> UUID:
    """Four Mondays, 18:00 to 19:30 local time, two seats."""
    series = world.series("group", world.facilitator("f", "therapist"))
    world.sessions(series)
    return series


def test_a_booking_carries_the_sessions_facts(world: World, group: UUID) -> None:
    ann = world.admitted("ann")
    booking = world.booked(session_on(group, 9), ann)
    (made,) = world.happened("BookingMade")
    assert (made.booking_id, made.participant_id, made.originator_id) == (booking, ann, named("ann's episode"))
    assert (made.session_id, made.series_id, made.component) == (session_on(group, 9), group, "group_therapy")
    assert (made.starts_at, made.ends_at - made.starts_at) == (day(9, 22), timedelta(minutes=90))


@pytest.mark.rule("seats_are_never_exceeded")
def test_a_full_session_takes_nobody_more(world: World, group: UUID) -> None:
    """Domain.md: what other systems lack (Cal.com #6622)."""
    for name in ("ann", "ben"):
        world.booked(session_on(group, 2), world.admitted(name))
    with pytest.raises(errors.SessionIsFull):
        world.booked(session_on(group, 2), world.admitted("cem"))


def test_a_seat_given_up_can_be_taken_by_another(world: World, group: UUID) -> None:
    session = session_on(group, 2)
    booking = world.booked(session, world.admitted("ann"))
    world.booked(session, world.admitted("ben"))
    world.do(c.CancelBooking(session, booking))
    world.booked(session, world.admitted("cem"))
    assert len(world.session(session).taken) == 2


def test_nobody_has_two_seats_in_one_session(world: World, group: UUID) -> None:
    ann = world.admitted("ann")
    world.booked(session_on(group, 2), ann)
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.booked(session_on(group, 2), ann)


@pytest.mark.rule("one_place_at_a_time")
@pytest.mark.parametrize("start", [time(17), time(18, 30), time(19, 29)])
def test_nobody_is_in_two_places_at_one_time(world: World, group: UUID, start: time) -> None:
    """Domain.md: what other systems lack (OpenEMR #13552)."""
    other = world.series("other", world.facilitator("g", "therapist"), starts_at=start)
    world.sessions(other)
    ann = world.admitted("ann")
    world.booked(session_on(group, 2), ann)
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.booked(session_on(other, 2), ann)
    assert world.seats_held("ann") == [session_on(group, 2)]


def test_one_place_at_a_time_holds_across_local_midnight(world: World) -> None:
    late = world.series("late", world.facilitator("f", "therapist"), starts_at=time(23), minutes=120)
    early = world.series("early", world.facilitator("g", "therapist"), starts_at=time(0, 30), first_date=TUESDAY)
    world.sessions(late)
    world.sessions(early)
    ann = world.admitted("ann")
    world.booked(session_on(late, 2), ann)
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.booked(session_on(early, 3), ann)


def test_a_booking_given_up_frees_the_time(world: World, group: UUID) -> None:
    other = world.series("other", world.facilitator("g", "therapist"))
    world.sessions(other)
    ann = world.admitted("ann")
    world.do(c.CancelBooking(session_on(group, 2), world.booked(session_on(group, 2), ann)))
    world.booked(session_on(other, 2), ann)
    assert world.seats_held("ann") == [session_on(other, 2)]


@pytest.mark.rule("one_booking_given_up")
def test_giving_up_one_booking_touches_no_other(world: World, group: UUID) -> None:
    """Domain.md: what other systems lack (Cal.com #5340)."""
    ann, ben = world.admitted("ann"), world.admitted("ben")
    booking = world.booked(session_on(group, 2), ann)
    world.booked(session_on(group, 2), ben)
    world.booked(session_on(group, 9), ann)
    before = len(world.log)
    answer = world.do(c.CancelBooking(session_on(group, 2), booking))
    assert [event.booking_id for event in world.happened("BookingCancelled", before)] == [booking]
    assert world.seats_held("ben") == [session_on(group, 2)]
    assert world.seats_held("ann") == [session_on(group, 9)]
    assert answer["notice_hours"] == 35.0  # from Sunday 12:00 UTC to Monday 18:00 in New York


def test_a_booking_made_again_stands_in_the_place_of_the_one_given_up(world: World, group: UUID) -> None:
    """So nobody counts as having missed a session that they gave up, took again and attended."""
    first = world.booked(session_on(group, 2), world.admitted("ann"))
    world.do(c.CancelBooking(session_on(group, 2), first))
    second = world.booked(session_on(group, 2), named("ann"))
    world.do(c.CancelBooking(session_on(group, 2), second))
    world.booked(session_on(group, 2), named("ann"))
    assert [made.restores_booking_id for made in world.happened("BookingMade")] == [None, first, second]


def test_a_booking_made_again_is_another_booking(world: World, group: UUID) -> None:
    ann = world.admitted("ann")
    first = world.booked(session_on(group, 2), ann)
    world.do(c.CancelBooking(session_on(group, 2), first))
    assert world.booked(session_on(group, 2), ann) != first


def test_a_booking_that_no_longer_holds_cannot_be_given_up(world: World, group: UUID) -> None:
    booking = world.booked(session_on(group, 2), world.admitted("ann"))
    world.do(c.CancelBooking(session_on(group, 2), booking))
    with pytest.raises(errors.BookingUnknown):
        world.do(c.CancelBooking(session_on(group, 2), booking))


def test_once_a_session_has_begun_its_bookings_stand(world: World, group: UUID) -> None:
    booking = world.booked(session_on(group, 2), world.admitted("ann"))
    world.now = day(2, 23)
    with pytest.raises(errors.SessionHasStarted):
        world.do(c.CancelBooking(session_on(group, 2), booking))


def test_a_session_under_way_can_be_joined_and_one_that_is_over_cannot(world: World, group: UUID) -> None:
    world.now = day(2, 23)
    world.booked(session_on(group, 2), world.admitted("ann"))
    world.now = day(3, 1)
    with pytest.raises(errors.SessionHasPassed):
        world.booked(session_on(group, 2), world.admitted("ben"))


def test_a_cancelled_session_takes_nobody(world: World, group: UUID) -> None:
    world.do(c.CancelSession(session_on(group, 2), "holiday"))
    with pytest.raises(errors.SessionCancelled):
        world.booked(session_on(group, 2), world.admitted("ann"))


def test_without_an_open_placement_there_is_no_seat(world: World, group: UUID) -> None:
    with pytest.raises(errors.ParticipantNotPlaceable, match="knows of no admission"):
        world.booked(session_on(group, 2), named("stranger"))
    ann = world.admitted("ann", at=day(8))
    with pytest.raises(errors.ParticipantNotPlaceable, match="not admitted before"):
        world.booked(session_on(group, 2), ann)
    world.booked(session_on(group, 9), ann)


def test_of_two_open_episodes_one_has_to_be_named(world: World, group: UUID) -> None:
    ann = world.admitted("ann")
    world.admitted("ann", "second episode")
    with pytest.raises(errors.PlacementUnclear):
        world.booked(session_on(group, 2), ann)
    world.do(c.BookSession(session_on(group, 2), ann, named("second episode")))
    with pytest.raises(errors.ParticipantAlreadyBooked):
        world.do(c.BookSession(session_on(group, 2), ann, named("ann's episode")))


def test_a_whole_series_is_booked_as_far_as_it_can_be(world: World, group: UUID) -> None:
    for name in ("ben", "cem"):
        world.booked(session_on(group, 9), world.admitted(name))
    world.do(c.CancelSession(session_on(group, 16), "holiday"))
    answer = world.do(c.BookSeries(group, world.admitted("ann"), MONDAY, MONDAY + timedelta(days=60)))
    assert [entry["local_date"].day for entry in answer["booked"]] == [2, 23]
    assert [(entry["local_date"].day, entry["code"]) for entry in answer["refused"]] == [
        (9, "SessionIsFull"),
        (16, "SessionCancelled"),
    ]
    assert world.seats_held("ann") == [session_on(group, 2), session_on(group, 23)]


@settings(max_examples=25)
@given(
    choices=st.lists(
        st.tuples(st.sampled_from("abcde"), st.integers(0, 5), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_is_asked_no_session_overflows_and_nobody_is_in_two_places(
    choices: list[tuple[str, int, bool]],
) -> None:
    world = World()
    sessions = []
    for n, start in enumerate((time(17), time(18), time(18, 30), time(19, 30), time(21), time(23, 30))):
        series = world.series(f"s{n}", world.facilitator(f"f{n}", "therapist"), starts_at=start, minutes=75)
        sessions.extend(world.sessions(series, weeks=1))
    people = {name: world.admitted(name) for name in "abcde"}
    held: dict[tuple[str, int], UUID] = {}
    for name, n, giving_up in choices:
        try:
            if giving_up and (name, n) in held:
                world.do(c.CancelBooking(sessions[n], held.pop((name, n))))
            else:
                held[name, n] = world.booked(sessions[n], people[name])
        except errors.SchedulingRefused:
            continue
    for n, session in enumerate(sessions):
        taken = world.session(session).taken
        assert len(taken) <= 2
        assert set(taken) == {booking for (_, m), booking in held.items() if m == n}
    for name in people:
        spans = [world.session(session).span for session in world.seats_held(name)]
        assert not any(a.overlaps(b) for i, a in enumerate(spans) for b in spans[i + 1 :])
    assert world.now == NOW
