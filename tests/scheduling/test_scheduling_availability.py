"""Nobody is booked, and nothing is held, when somebody or the room is not available; what was there before is asked
about and stays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scheduling_service import Service
from scheduling_tellings import admitted, book_weeks, held, opened, review_opened, timetable
from scheduling_world import MONDAY, NOW, ZONE, day, named, session_on

from events.follow.rebuild import rebuild
from events.log.commands import Context
from services.scheduling.domain import availability_commands as a
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, waitlist_commands
from services.scheduling.domain.available_times import Times, Window
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.identity import room_id

WORK = Window(available=False, weekdays=(1,), starts_at=time(17), ends_at=time(19))
NIGHTS = Window(available=False, weekdays=(7,), starts_at=time(22), ends_at=time(6))
MORNINGS = Window(available=True, weekdays=(1, 2, 3, 4, 5), starts_at=time(8), ends_at=time(13))
DAY_OFF = Window(available=True, from_date=date(2026, 3, 9), through=date(2026, 3, 9))
LEAVE = Window(available=False, from_date=date(2026, 3, 9), through=date(2026, 3, 20))
GROUP = named("group")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A group on four Mondays from 18:00 to 19:30, and two who can be booked."""
    made = opened(tmp_path)
    timetable(made)
    made.told(admitted("ann"), admitted("ben"))
    made.settle()
    yield made
    made.close()


def states(service: Service, *windows: Window, kind: str = "participant", whose: UUID | None = None) -> Any:
    reasons = tuple("work" for _ in windows)
    return service.do(a.StateAvailability(kind, whose or named("ann"), ZONE, windows, reasons)).body


def booked(service: Service, n: int, **how: Any) -> None:
    service.do(c.BookSession(session_on(GROUP, n), named("ann"), **how))


def asked(service: Service, state: str = "open") -> list[tuple[str, str]]:
    service.settle()
    requests = service.ask("coordinator_requests", state=state)["requests"]
    return [(one["about"], one["session_id"]) for one in requests]


def local(day_: int, hour: int, minutes: int = 60) -> Span:
    starts_at = datetime(2026, 3, day_, hour, tzinfo=ZoneInfo(ZONE))
    return Span(starts_at, starts_at + timedelta(minutes=minutes))


@pytest.mark.rule("booked_when_available")
@pytest.mark.parametrize(
    ("windows", "span", "allowed"),
    [
        ((), local(2, 18), True),
        ((WORK,), local(2, 18), False),
        ((WORK,), local(3, 18), True),
        ((WORK,), local(2, 19), True),
        ((WORK,), local(2, 16), True),
        ((WORK,), local(2, 16, 61), False),
        ((NIGHTS,), local(2, 5), False),
        ((NIGHTS,), local(2, 6), True),
        ((MORNINGS,), local(2, 8, 300), True),
        ((MORNINGS,), local(2, 8, 301), False),
        ((MORNINGS,), local(7, 8), False),
        ((MORNINGS, LEAVE), local(10, 8), False),
        ((WORK, DAY_OFF), local(9, 18), True),
        ((WORK, DAY_OFF), local(2, 18), False),
        ((LEAVE, DAY_OFF), local(9, 18), True),
        ((DAY_OFF, LEAVE), local(9, 18), False),
        ((LEAVE,), local(8, 23, 61), False),
    ],
)
def test_exceptions_go_before_weekly_times(windows: tuple[Window, ...], span: Span, allowed: bool) -> None:
    """Domain.md: availability with one-off exceptions."""
    assert Times(ZONE, windows).allow(span) is allowed


@given(
    start=st.integers(0, 7 * 96), quarters=st.integers(1, 96), hours=st.tuples(st.integers(0, 23), st.integers(0, 23))
)
def test_a_span_is_available_where_each_minute_of_it_is(start: int, quarters: int, hours: tuple[int, int]) -> None:
    """Against a reckoning by quarters of an hour."""
    windows = (Window(False, (2, 3), starts_at=time(hours[0]), ends_at=time(hours[1])), LEAVE)
    begins = datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC")) + timedelta(minutes=15 * start)

    def available(moment: datetime) -> bool:
        def inside(on: date) -> bool:
            shift = (hours[1] - hours[0]) % 24 or 24
            first = datetime.combine(on, time(hours[0]), begins.tzinfo)
            return on.isoweekday() in (2, 3) and first <= moment < first + timedelta(hours=shift)

        if date(2026, 3, 9) <= moment.date() <= date(2026, 3, 20):
            return False
        return not inside(moment.date()) and not inside(moment.date() - timedelta(days=1))

    moments = [begins + timedelta(minutes=15 * n) for n in range(quarters)]
    span = Span(begins, begins + timedelta(minutes=15 * quarters))
    assert Times("UTC", windows).allow(span) is all(map(available, moments))


@pytest.mark.rule("booked_when_available")
def test_nobody_is_booked_when_they_are_not_available(service: Service) -> None:
    """Domain.md: availability with one-off exceptions."""
    states(service, WORK, DAY_OFF)
    with pytest.raises(errors.ParticipantNotAvailable):
        booked(service, 2)
    booked(service, 9)
    answer = service.do(c.BookSeries(GROUP, named("ann"), MONDAY, MONDAY + timedelta(days=27))).body
    assert [one["code"] for one in answer["refused"]] == [
        "ParticipantNotAvailable",
        "ParticipantAlreadyBooked",
        "ParticipantNotAvailable",
        "ParticipantNotAvailable",
    ]


def test_a_coordinator_overrides_with_a_reason(service: Service) -> None:
    states(service, WORK)
    wanted = c.BookSession(session_on(GROUP, 2), named("ann"), override="employer_agreed")
    with pytest.raises(errors.OverrideNotAllowed):
        service.application.handle(wanted, Context(uuid4(), NOW, "someone", frozenset({"front_desk"}), "test"))
    service.do(wanted)
    service.settle()
    (booking,) = service.ask("bookings", participant_id=named("ann"), from_date=None, through=None)["bookings"]
    assert booking["kind"] == "override"


def test_what_was_booked_before_stays_and_a_coordinator_is_asked(service: Service) -> None:
    book_weeks(service, GROUP)
    conflicts = states(service, WORK, DAY_OFF)["conflicts"]
    outside = [str(session_on(GROUP, n)) for n in (2, 16, 23)]
    assert [str(one["session_id"]) for one in conflicts] == outside
    assert asked(service) == [("participant_not_available", one) for one in outside]
    assert len(held(service, "ann")) == 4
    service.do(a.SettleConflict("participant", named("ann"), UUID(str(conflicts[0]["claim_id"])), "employer_agreed"))
    service.do(c.CancelBooking(session_on(GROUP, 16), UUID(str(conflicts[1]["claim_id"]))))
    assert asked(service) == [("participant_not_available", outside[2])]
    assert states(service)["conflicts"] == []
    assert (asked(service), len(asked(service, "met")), len(asked(service, "closed"))) == ([], 1, 2)
    with pytest.raises(errors.ConflictUnknown):
        service.do(a.SettleConflict("participant", named("ann"), uuid4(), "employer_agreed"))


def test_what_a_coordinator_has_settled_is_not_asked_again(service: Service) -> None:
    book_weeks(service, GROUP)
    (first, *_) = states(service, WORK)["conflicts"]
    service.do(a.SettleConflict("participant", named("ann"), UUID(str(first["claim_id"])), "employer_agreed"))
    states(service, WORK, NIGHTS)
    assert ("participant_not_available", str(first["session_id"])) not in asked(service)


def test_who_waits_is_promoted_once_they_are_available(service: Service) -> None:
    service.do(c.AlterSession(session_on(GROUP, 2), seats=1))
    service.do(c.BookSession(session_on(GROUP, 2), named("ben")))
    states(service, WORK)
    service.do(waitlist_commands.WaitForSession(session_on(GROUP, 2), named("ann")))
    service.do(c.AlterSession(session_on(GROUP, 2), seats=2))
    service.settle()
    assert held(service, "ann") == []
    states(service)
    service.settle()
    assert held(service, "ann") == [("group_therapy", "2026-03-02")]


def test_a_review_finds_a_prescriber_when_the_participant_can_come(service: Service) -> None:
    states(service, Window(False, (1,)), DAY_OFF)
    service.told(review_opened("ann", day(20)))
    service.settle()
    assert held(service, "ann") == [("medication_management", "2026-03-09")]


@pytest.mark.parametrize(
    ("kind", "whose", "refusal"),
    [
        ("facilitator", named("t"), errors.FacilitatorNotAvailable),
        ("room", room_id("A1"), errors.RoomNotAvailable),
    ],
)
def test_nothing_is_held_when_facilitator_or_room_cannot_be_had(
    service: Service, kind: str, whose: UUID, refusal: type[Exception]
) -> None:
    conflicts = states(service, LEAVE, kind=kind, whose=whose)["conflicts"]
    of_group = [str(one["session_id"]) for one in conflicts if str(one["session_id"]) in _sessions(9, 16)]
    assert of_group == [str(session_on(GROUP, n)) for n in (9, 16)]
    assert set(asked(service)) >= {(f"{kind}_not_available", one) for one in of_group}
    with pytest.raises(refusal):
        service.do(c.MoveSession(session_on(GROUP, 2), date(2026, 3, 10), time(18)))
    service.do(c.MoveSession(session_on(GROUP, 2), date(2026, 3, 10), time(18), override="agreed"))
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 24), time(18)))
    assert (f"{kind}_not_available", of_group[0]) not in asked(service)
    service.do(c.CancelSession(session_on(GROUP, 16), "facilitator_ill"))
    assert [one for one in asked(service) if one[1] in of_group] == []
    service.do(c.ScheduleSessions(GROUP, MONDAY + timedelta(days=34)))
    states(service, Window(False, (1,)), kind=kind, whose=whose)
    with pytest.raises(refusal):
        service.do(c.ScheduleSessions(GROUP, MONDAY + timedelta(days=41)))
    partial = service.do(c.ScheduleSessions(GROUP, MONDAY + timedelta(days=41), allow_partial=True)).body
    assert [one["code"] for one in partial["refused"]] == [refusal.__name__]
    service.do(c.ScheduleSessions(GROUP, MONDAY + timedelta(days=41), from_date=date(2026, 4, 6), override="agreed"))


def _sessions(*days: int) -> set[str]:
    return {str(session_on(GROUP, n)) for n in days}


@pytest.mark.rule("override_by_role_and_reason")
def test_a_session_alone_goes_into_a_room_that_is_not_available_with_a_reason(service: Service) -> None:
    """Domain.md: deliberate override with reason and role."""
    service.do(c.OpenRoom("B2", 12, "in_person"))
    states(service, LEAVE, kind="room", whose=room_id("B2"))
    with pytest.raises(errors.RoomNotAvailable):
        service.do(c.AlterSession(session_on(GROUP, 9), room="B2"))
    service.do(c.AlterSession(session_on(GROUP, 9), room="B2", override="painters_left_early"))
    service.settle()
    (held,) = service.ask("rooms_day", code="B2", date=date(2026, 3, 9))["sessions"]
    assert held["session_id"] == str(session_on(GROUP, 9))


def test_a_substitute_has_to_be_available(service: Service) -> None:
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    states(service, LEAVE, kind="facilitator", whose=named("u"))
    states(service, LEAVE, kind="facilitator", whose=named("t"))
    with pytest.raises(errors.FacilitatorNotAvailable):
        service.do(c.SubstituteFacilitator(session_on(GROUP, 9), named("t"), named("u")))
    service.do(c.SubstituteFacilitator(session_on(GROUP, 9), named("t"), named("u"), "agreed"))
    assert ("facilitator_not_available", str(session_on(GROUP, 9))) not in asked(service)


@pytest.mark.parametrize(
    "window", [Window(False), Window(False, (1,), date(2026, 3, 9), date(2026, 3, 8))], ids=["no days", "backwards"]
)
def test_what_says_no_time_is_refused(service: Service, window: Window) -> None:
    with pytest.raises(errors.AvailabilityMalformed):
        states(service, window)


def test_reasons_are_sealed_and_opened_as_they_leave(service: Service, tmp_path: Path) -> None:
    reason = "dialysis_in_the_city"
    service.do(a.StateAvailability("participant", named("ann"), ZONE, (WORK, DAY_OFF), (reason, None)))
    service.settle()
    found = service.ask("participants_availability", participant_id=named("ann"))
    assert [(one["weekdays"], one["reason"]) for one in found["windows"]] == [([1], reason), ([], None)]
    assert service.ask("rooms_availability", code="A1")["windows"] == []
    assert service.ask("facilitators_availability", facilitator_id=named("t"))["time_zone"] is None
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or reason.encode() not in file.read_bytes()
    service.vault.destroy(str(named("ann")))
    found = service.ask("participants_availability", participant_id=named("ann"))
    assert [one["reason"] for one in found["windows"]] == ["[erased]", "[erased]"]
    with pytest.raises(errors.ParticipantNotAvailable):
        booked(service, 2)


def test_its_views_are_rebuilt_to_the_same_rows(service: Service) -> None:
    book_weeks(service, GROUP)
    states(service, WORK, DAY_OFF)
    states(service, LEAVE, kind="facilitator", whose=named("t"))
    service.do(c.CancelSession(session_on(GROUP, 16), "facilitator_ill"))
    service.settle()
    for projection in service.definition.projections:
        result = rebuild(service.database, service.log, projection())
        assert result.identical, (projection.name, result.difference)
