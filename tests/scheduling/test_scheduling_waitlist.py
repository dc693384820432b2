"""A seat that can be had goes to the first who waits for it and can have it, once, whatever came first."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scheduling_service import Service, Told
from scheduling_tellings import (
    TRACK_OPENED,
    admitted,
    discharged,
    held,
    opened,
    resumed,
    suspended,
    suspension_cancelled,
    timetable,
    transferred,
)
from scheduling_world import MONDAY, NOW, TRACK, ZONE, day, named, session_on

from events.follow.rebuild import rebuild
from events.log.commands import Context
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, waitlist_commands

FULL = session_on(named("group"), 9)
EVERYBODY = ("ann", "ben", "cem", "dan")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A group of one seat on four Mondays; ann has it on the 9th. Nobody else has a seat."""
    yield from _full(tmp_path)


def _full(folder: Path) -> Iterator[Service]:
    made = opened(folder)
    timetable(made, seats=1)
    made.told(*(admitted(name) for name in EVERYBODY))
    made.settle()
    books(made, "ann", FULL)
    yield made
    made.close()


def books(service: Service, name: str, session: UUID) -> UUID:
    return UUID(str(service.do(c.BookSession(session, named(name))).body["booking_id"]))


def waits(service: Service, *names: str, session: UUID = FULL, **how: Any) -> None:
    for name in names:
        service.do(waitlist_commands.WaitForSession(session, named(name), **how))
    service.settle()


def gives_up(service: Service, name: str, session: UUID = FULL) -> None:
    service.settle()
    roster = service.ask("roster", session_id=session)["roster"]
    (booking,) = [e["booking_id"] for e in roster if e["participant_id"] == str(named(name)) and e["state"] == "booked"]
    service.do(c.CancelBooking(session, UUID(booking)))
    service.settle()


def seated(service: Service, session: UUID = FULL) -> list[str]:
    """Who has a seat, by name."""
    service.settle()
    known = {str(named(name)): name for name in EVERYBODY}
    roster = service.ask("roster", session_id=session)["roster"]
    return sorted(known[entry["participant_id"]] for entry in roster if entry["state"] == "booked")


def waiting(service: Service, session: UUID = FULL) -> list[str]:
    """Who waits, in turn."""
    service.settle()
    known = {str(named(name)): name for name in EVERYBODY}
    return [known[row["participant_id"]] for row in service.ask("session_waitlist", session_id=session)["waiting"]]


def ended(service: Service, name: str) -> list[str | None]:
    """How what somebody waited for ended; None while they wait."""
    service.settle()
    return [row["reason"] for row in service.ask("waits", participant_id=named(name))["waits"]]


def elsewhere(service: Service, name: str) -> UUID:
    """Booked into another session at the same time."""
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    service.do(
        c.PlanSeries(
            named("other"), TRACK, "psychoeducation", "other", "FREQ=WEEKLY", MONDAY, time(18), 60, ZONE, 1, 9,
            (named("u"),), None, "telehealth",
        )
    )  # fmt: skip
    service.do(c.ScheduleSessions(named("other"), MONDAY + timedelta(days=27)))
    other = session_on(named("other"), 9)
    books(service, name, other)
    return other


HOW_A_SEAT_COMES_FREE: Mapping[str, Callable[[Service], object]] = {
    "given up": lambda service: gives_up(service, "ann"),
    "suspended": lambda service: service.told(suspended("ann", day(2))),
    "discharged": lambda service: service.told(discharged("ann", day(1, 13))),
    "transferred": lambda service: service.told(transferred("ann", day(2), named("another track"))),
    "more seats": lambda service: service.do(c.AlterSession(FULL, seats=2)),
    "more seats in the series": lambda service: service.do(c.ChangeSeries(named("group"), date(2026, 3, 9), seats=2)),
}


@pytest.mark.parametrize("how", HOW_A_SEAT_COMES_FREE)
def test_a_seat_that_comes_free_goes_to_the_first_who_waits(service: Service, how: str) -> None:
    waits(service, "ben", "cem")
    HOW_A_SEAT_COMES_FREE[how](service)
    assert "ben" in seated(service)
    assert (waiting(service), ended(service, "ben")) == (["cem"], ["promoted"])
    (booking,) = service.ask("bookings", participant_id=named("ben"), from_date=None, through=None)["bookings"]
    assert (booking["session_id"], booking["kind"]) == (str(FULL), "promoted")


@pytest.mark.rule("promoted_in_turn")
def test_priority_goes_before_the_order_of_joining(service: Service) -> None:
    """Domain.md: waitlist for a seat with automatic promotion."""
    waits(service, "ben", "cem")
    waits(service, "dan", priority=1)
    assert waiting(service) == ["dan", "ben", "cem"]
    gives_up(service, "ann")
    assert (seated(service), waiting(service)) == (["dan"], ["ben", "cem"])


@pytest.mark.rule("promoted_in_turn")
def test_who_is_elsewhere_is_passed_over_and_keeps_the_turn(service: Service) -> None:
    """Domain.md: waitlist for a seat with automatic promotion."""
    other = elsewhere(service, "ben")
    waits(service, "ben", "cem")
    gives_up(service, "ann")
    assert (seated(service), waiting(service)) == (["cem"], ["ben"])
    gives_up(service, "cem")
    assert (seated(service), waiting(service)) == ([], ["ben"])
    gives_up(service, "ben", other)
    assert (seated(service), waiting(service)) == (["ben"], [])


@pytest.mark.parametrize(
    "back", [resumed("ben", day(5)), suspension_cancelled("ben", day(5))], ids=lambda told: told[0]
)
def test_who_is_suspended_is_passed_over_and_keeps_the_turn(service: Service, back: Any) -> None:
    waits(service, "ben")
    service.told(suspended("ben", day(2)))
    service.settle()
    gives_up(service, "ann")
    assert (seated(service), waiting(service)) == ([], ["ben"])
    service.told(back)
    assert (seated(service), waiting(service)) == (["ben"], [])


def test_nobody_waits_for_what_can_be_had_is_had_or_is_waited_for(service: Service) -> None:
    with pytest.raises(errors.SeatIsFree):
        waits(service, "ben", session=session_on(named("group"), 2))
    with pytest.raises(errors.BookedAlready):
        waits(service, "ann")
    waits(service, "ben")
    with pytest.raises(errors.WaitsAlready):
        waits(service, "ben")
    with pytest.raises(errors.ParticipantNotPlaceable):
        service.do(waitlist_commands.WaitForSession(FULL, named("stranger")))
    with pytest.raises(errors.NotWaiting):
        service.do(waitlist_commands.StopWaitingForSession(FULL, named("cem's episode")))


def test_a_seat_is_kept_for_who_waits_until_they_are_promoted(service: Service) -> None:
    waits(service, "ben")
    (entry,) = service.ask("roster", session_id=FULL)["roster"]
    service.do(c.CancelBooking(FULL, UUID(entry["booking_id"])))
    with pytest.raises(errors.OthersWait):
        books(service, "cem", FULL)
    answer = service.do(c.BookSeries(named("group"), named("dan"), date(2026, 3, 9), date(2026, 3, 9)))
    assert [one["code"] for one in answer.body["refused"]] == ["OthersWait"]
    waits(service, "cem")
    assert (seated(service), waiting(service)) == (["ben"], ["cem"])


def test_who_is_first_may_be_booked_by_hand_and_waits_no_longer(service: Service) -> None:
    waits(service, "ben", "cem")
    (entry,) = service.ask("roster", session_id=FULL)["roster"]
    service.do(c.CancelBooking(FULL, UUID(entry["booking_id"])))
    books(service, "ben", FULL)
    assert (seated(service), ended(service, "ben"), waiting(service)) == (["ben"], ["promoted"], ["cem"])


def test_a_coordinator_overrides_the_turn_with_a_reason(service: Service) -> None:
    waits(service, "ben")
    (entry,) = service.ask("roster", session_id=FULL)["roster"]
    service.do(c.CancelBooking(FULL, UUID(entry["booking_id"])))
    wanted = c.BookSession(FULL, named("cem"), override="court_order")
    with pytest.raises(errors.OverrideNotAllowed):
        service.application.handle(wanted, Context(uuid4(), NOW, "someone", frozenset({"front_desk"}), "test"))
    service.do(wanted)
    service.settle()
    assert (seated(service), waiting(service)) == (["cem"], ["ben"])
    (booking,) = service.ask("bookings", participant_id=named("cem"), from_date=None, through=None)["bookings"]
    assert booking["kind"] == "override"


@pytest.mark.rule("seat_promotion.notice_hours")
@pytest.mark.parametrize(("hour", "promoted"), [(10, ["ben"]), (11, [])])
def test_nobody_is_promoted_later_than_the_packs_notice(service: Service, hour: int, promoted: list[str]) -> None:
    """Program practice (program_default): who is promoted hears of it twelve hours before the session begins."""
    service.told((TRACK_OPENED[0], {**TRACK_OPENED[1], "packs": ["program_default"]}, TRACK_OPENED[2]))
    waits(service, "ben")
    service.now = day(9, hour)  # the group begins at 22:00
    gives_up(service, "ann")
    assert seated(service) == promoted
    if not promoted:
        books(service, "cem", FULL)


def test_who_waits_for_a_series_gets_each_seat_that_comes_free(service: Service) -> None:
    books(service, "ann", session_on(named("group"), 16))
    service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))
    service.settle()
    assert [day for _, day in held(service, "ben")] == ["2026-03-02", "2026-03-23"]
    gives_up(service, "ann", session_on(named("group"), 16))
    assert seated(service, session_on(named("group"), 16)) == ["ben"]
    assert ended(service, "ben") == [None]
    gives_up(service, "ann")
    assert [day for _, day in held(service, "ben")] == [f"2026-03-{n:02}" for n in (2, 9, 16, 23)]
    assert ended(service, "ben") == ["promoted"]


def test_a_turn_for_the_series_and_one_for_the_session_are_one_line(service: Service) -> None:
    service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))
    service.now += timedelta(minutes=1)
    waits(service, "cem")
    assert waiting(service) == ["ben", "cem"]
    gives_up(service, "ann")
    assert (seated(service), waiting(service)) == (["ben"], ["cem"])


def test_what_was_given_up_does_not_come_back_by_the_series(service: Service) -> None:
    books(service, "ann", session_on(named("group"), 16))
    service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))
    gives_up(service, "ann")
    gives_up(service, "ben")
    assert seated(service) == []
    books(service, "cem", FULL)
    assert (seated(service), ended(service, "ben")) == (["cem"], [None])


def test_sessions_scheduled_later_are_not_kept_for_who_waits_for_the_series(service: Service) -> None:
    service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))
    service.do(c.ScheduleSessions(named("group"), MONDAY + timedelta(days=34)))
    books(service, "ann", session_on(named("group"), 30))
    service.now = day(23, 22)
    assert ended(service, "ben") == ["session_started"]


def test_nobody_waits_for_a_series_that_can_be_booked(service: Service) -> None:
    gives_up(service, "ann")
    with pytest.raises(errors.SeatIsFree):
        service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))
    service.do(c.BookSeries(named("group"), named("ben"), MONDAY, MONDAY + timedelta(days=27)))
    with pytest.raises(errors.BookedAlready):
        service.do(waitlist_commands.WaitForSeries(named("group"), named("ben")))


def test_a_wait_ends_with_what_is_waited_for(service: Service) -> None:
    waits(service, "ben", "cem", "dan")
    service.do(waitlist_commands.StopWaitingForSession(FULL, named("ben's episode")))
    service.told(discharged("cem", day(1, 13)))
    assert (ended(service, "ben"), ended(service, "cem"), waiting(service)) == (["withdrawn"], ["discharged"], ["dan"])
    service.do(c.CancelSession(FULL, "facilitator_ill"))
    assert (ended(service, "dan"), seated(service)) == (["session_cancelled"], [])


def test_nobody_waits_for_a_session_that_has_begun(service: Service) -> None:
    waits(service, "ben")
    service.do(c.MoveSession(FULL, date(2026, 3, 10), time(18)))
    service.settle()
    service.now = day(9, 23)
    assert ended(service, "ben") == [None]
    service.now = day(10, 22)
    assert ended(service, "ben") == ["session_started"]
    with pytest.raises(errors.SessionHasStarted):
        waits(service, "cem")


def test_a_session_moved_to_when_they_can_come_promotes_them(service: Service) -> None:
    elsewhere(service, "ben")
    waits(service, "ben")
    service.do(c.AlterSession(FULL, seats=2))
    assert (seated(service), waiting(service)) == (["ann"], ["ben"])
    service.do(c.MoveSession(FULL, date(2026, 3, 10), time(18)))
    assert (seated(service), waiting(service)) == (["ann", "ben"], [])


def test_waits_are_told_and_their_view_is_rebuilt_to_the_same_rows(service: Service) -> None:
    waits(service, "ben", priority=2)
    service.do(waitlist_commands.WaitForSeries(named("group"), named("cem")))
    gives_up(service, "ann")
    told = [
        (event["type"], event["data"].get("reason"), event["data"]["series_id"])
        for event in service.feed()
        if event["type"].startswith("scheduling.seat_waitlist") and event["subject"] in map(str, map(named, EVERYBODY))
    ]
    assert sorted(told, key=str) == [
        ("scheduling.seat_waitlist_joined.v1", None, str(named("group"))),
        ("scheduling.seat_waitlist_joined.v1", None, None),
        ("scheduling.seat_waitlist_left.v1", "promoted", None),
    ]
    for projection in service.definition.projections:
        result = rebuild(service.database, service.log, projection())
        assert result.identical, (projection.name, result.difference)


GONE: tuple[tuple[Told, ...], ...] = (
    (discharged("ann", day(1, 13)),),
    (discharged("ben", day(1, 13)),),
    (discharged("cem", day(1, 13)),),
    (suspended("dan", day(2)), suspension_cancelled("dan", day(1, 14))),
)
ONE_BY_ONE = list(chain.from_iterable([n] * len(stream) for n, stream in enumerate(GONE)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(ONE_BY_ONE),
    cuts=st.sets(st.integers(0, len(ONE_BY_ONE) - 1)),
    again=st.integers(0, len(ONE_BY_ONE) - 1),
)
def test_in_whatever_order_it_is_told_the_last_who_can_come_is_promoted(
    order: list[int], cuts: set[int], again: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for made in _full(Path(folder)):
            waits(made, "ben", "cem", "dan")
            streams = [iter(stream) for stream in GONE]
            received = []
            for place, stream in enumerate(order):
                received += made.told(next(streams[stream]))
                if place in cuts:
                    made.settle()
                if place == again:
                    made.received(received)
            assert (seated(made), waiting(made)) == (["dan"], [])
