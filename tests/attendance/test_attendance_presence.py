"""Ways of being present: the roster, the kiosk, the call; each test is one rule."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from attendance_told import NOW, admitted, booked, booking, freed, named, scheduled
from attendance_world import LATER, MONDAY, World, at, seat
from hypothesis import given
from hypothesis import strategies as st

from events.log.errors import NotFound
from services.attendance.domain import commands as c
from services.attendance.domain.errors import AlreadyCheckedIn, CodeNotValid, KioskLocked, NotCheckedIn
from services.attendance.domain.visits import Visit, presence
from services.attendance.service import AttendanceService
from services.attendance.wiring import define
from services.platform.web import routes
from tests.support.whole_service import WholeService, opened

SESSION = named(f"session {MONDAY}")


@pytest.fixture
def service() -> Iterator[WholeService]:
    """Ada and Ben are expected on Monday at nine."""
    with opened(define, NOW) as running:
        running.told(
            scheduled(MONDAY), *[one for who in ("ada", "ben") for one in (admitted(who), booked(who, MONDAY))]
        )
        running.now = at(MONDAY, "08:55")
        yield running


def code(service: WholeService, name: str) -> str:
    return service.ask("kiosk_code", booking_id=booking(name, MONDAY))["code"]


def roster(service: WholeService) -> dict[str, str]:
    service.settle()
    return {row["participant_id"]: row["state"] for row in service.ask("roster", session_id=SESSION)["roster"]}


def enter(service: WholeService, digits: str, command: type = c.KioskCheckIn) -> None:
    service.do(command(SESSION, digits), "integration")


def test_a_participants_own_code_checks_them_in_and_out(service):
    enter(service, code(service, "ada"))
    assert roster(service) == {str(named("ada")): "in", str(named("ben")): "booked"}
    service.now = at(MONDAY, "12:00")
    enter(service, code(service, "ada"), c.KioskCheckOut)
    service.settle()
    (row,) = service.ask("participant_attendance", participant_id=named("ada"))["attendance"]
    assert (row["status"], row["minutes"], row["modality"]) == ("present", 180, "in_person")


def test_a_code_is_the_same_all_day_and_another_persons_is_another(service):
    assert code(service, "ada") == code(service, "ada") != code(service, "ben")


def test_nobody_asks_for_the_code_of_a_booking_that_is_not_known(service):
    with pytest.raises(NotFound):
        service.ask("kiosk_code", booking_id=uuid4())


@pytest.mark.rule("code_around_session")
@pytest.mark.parametrize("clock", ["07:59", "13:00"])
def test_code_around_session(service, clock):
    """NIST SP 800-63B section 5.1.3: a short secret is valid around the session only."""
    digits = code(service, "ada")
    service.now = at(MONDAY, clock)
    with pytest.raises(CodeNotValid):
        enter(service, digits)


def test_a_code_of_a_booking_given_back_opens_nothing(service):
    digits = code(service, "ada")
    service.told(freed("ada", MONDAY, "participant", 72.0))
    with pytest.raises(CodeNotValid):
        enter(service, digits)


def wrong(service: WholeService) -> str:
    return next(
        digits
        for digits in ("000000", "000001", "000002")
        if digits not in (code(service, "ada"), code(service, "ben"))
    )


@pytest.mark.rule("wrong_codes_lock")
def test_wrong_codes_lock(service):
    """NIST SP 800-63B section 5.2.2: after five wrong codes the kiosk takes none, not even a right one."""
    for _ in range(5):
        with pytest.raises(CodeNotValid):
            enter(service, wrong(service))
    with pytest.raises(KioskLocked):
        enter(service, code(service, "ada"))
    service.now += timedelta(minutes=10)
    enter(service, code(service, "ada"))
    assert roster(service)[str(named("ada"))] == "in"


def test_no_code_lies_in_the_log(service):
    digits = code(service, "ada")
    enter(service, digits)
    stored = [bytes(record.state) for record in service.log.records(0, 1000)]
    assert stored and not any(f'"{digits}"'.encode() in state for state in stored)


def test_only_the_desk_and_programs_stand_at_the_kiosk_and_only_staff_see_codes():
    roles = {route.name: route.roles for route in routes(AttendanceService)}
    assert roles["kiosk_check_in"] == roles["kiosk_check_out"] == {"front_desk", "integration"}
    assert "integration" not in roles["kiosk_code"] and "auditor" not in roles["kiosk_code"]
    assert "integration" in roles["join_telehealth"] & roles["leave_telehealth"]


@pytest.fixture
def world() -> World:
    return World().admitted()


def joined(world: World, id_, connection: str, since: str, until: str) -> None:
    record = world.records[id_]
    record.join_telehealth(connection, at(MONDAY, since), LATER)
    record.leave_telehealth(connection, at(MONDAY, until), LATER)
    world.settle(id_)


def test_several_joins_and_leaves_count_once_where_they_overlap(world):
    id_ = world.booked(seat(MONDAY, modality="telehealth"))
    joined(world, id_, "laptop", "09:00", "10:00")
    joined(world, id_, "phone", "09:30", "10:30")
    joined(world, id_, "laptop", "10:45", "12:00")
    outcome = world.records[id_].outcome
    assert (outcome.status, outcome.minutes, outcome.telehealth_minutes) == ("present", 165, 165)


def test_two_devices_are_in_the_call_at_once_and_each_leaves_by_itself(world):
    record = world.records[world.booked(seat(MONDAY, modality="telehealth"))]
    record.join_telehealth("laptop", at(MONDAY, "09:00"), LATER)
    record.join_telehealth("phone", at(MONDAY, "09:10"), LATER)
    with pytest.raises(AlreadyCheckedIn):
        record.join_telehealth("phone", at(MONDAY, "09:20"), LATER)
    record.leave_telehealth("laptop", at(MONDAY, "09:30"), LATER)
    assert record.is_in
    record.leave_telehealth("phone", at(MONDAY, "12:00"), LATER)
    assert not record.is_in
    with pytest.raises(NotCheckedIn):
        record.leave_telehealth("phone", at(MONDAY, "12:00"), LATER)


def test_modality_is_recorded_per_attendance_and_the_call_counts_only_where_the_packs_let_it(world):
    """CMS: virtual intensive outpatient service is not paid; the minutes in the room are."""
    id_ = world.booked(seat(MONDAY))
    joined(world, id_, "laptop", "09:00", "11:00")
    world.came(id_, "10:30", "12:00")
    assert (world.minutes(id_), world.records[id_].outcome.telehealth_minutes) == (180, 90)
    assert world.judged(MONDAY).minutes == 90


def test_a_session_held_as_telehealth_is_attended_so_when_staff_enter_it(world):
    id_ = world.booked(seat(MONDAY, modality="telehealth"))
    world.came(id_, "09:00", "12:00")
    assert world.records[id_].outcome.telehealth_minutes == 180


def test_a_correction_may_say_how_they_attended(world):
    id_ = world.booked(seat(MONDAY))
    times = {"checked_in_at": at(MONDAY, "09:00"), "checked_out_at": at(MONDAY, "12:00")}
    world.corrected(id_, **times, modality="telehealth")
    assert world.records[id_].outcome.telehealth_minutes == 180


def test_the_roster_shows_in_until_they_have_left_every_way(service):
    id_ = booking("ada", MONDAY)
    service.now = at(MONDAY, "09:30")
    service.do(c.JoinTelehealth(id_, "laptop", at(MONDAY, "09:00")), "integration")
    service.do(c.CheckIn(id_, at(MONDAY, "09:10")), "front_desk")
    service.do(c.LeaveTelehealth(id_, "laptop", at(MONDAY, "09:20")), "integration")
    assert roster(service)[str(named("ada"))] == "in"
    service.do(c.CheckOut(id_, at(MONDAY, "09:25")), "front_desk")
    assert roster(service)[str(named("ada"))] == "out"


SPANS = st.lists(st.tuples(st.integers(-60, 240), st.integers(0, 200), st.booleans()), max_size=8)


@given(spans=SPANS)
def test_minutes_are_those_in_the_room_or_the_call_and_the_room_comes_first(spans):
    start = at(MONDAY, "09:00")
    minute = timedelta(minutes=1)
    visits = [
        Visit(start + a * minute, start + (a + n) * minute, modality="telehealth" if call else "in_person")
        for a, n, call in spans
    ]
    found = presence(visits, start, start + 180 * minute, open_until=None)
    room = {m for a, n, call in spans if not call for m in range(a, a + n) if 0 <= m < 180}
    either = {m for a, n, _ in spans for m in range(a, a + n) if 0 <= m < 180}
    assert (found.minutes, found.telehealth_minutes) == (len(either), len(either - room))
