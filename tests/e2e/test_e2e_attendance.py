"""Attendance through its routes: the kiosk and the call, problem details, roles, and the due list of each role."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from e2e_house import House
from e2e_program import MONDAY, Member, Program, at

from services.cli.client import Refusal


def a_program(house: House) -> tuple[Program, Member, dict[str, str]]:
    """Somebody booked into groups from Monday on, and Monday's booking."""
    program = Program(house).open()
    member = program.member(0, "group")
    booking = program.staff.get(f"/scheduling/participants/{member.participant_id}/bookings")["bookings"][0]
    return program, member, booking


def refused(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.status, caught.value.kind


def test_a_code_told_at_the_desk_opens_the_kiosk_and_guesses_lock_it(house: House) -> None:
    _, _, booking = a_program(house)
    kiosk = f"/attendance/sessions/{booking['session_id']}"
    desk, door = house.client("front_desk"), house.client("integration")
    code = desk.get(f"/attendance/bookings/{booking['booking_id']}/kiosk-code")["code"]
    assert refused(lambda: door.get(f"/attendance/bookings/{booking['booking_id']}/kiosk-code")) == (403, "forbidden")
    assert refused(lambda: door.post(f"{kiosk}/kiosk-check-in", {"code": code}))[0] == 403, "nine hours too early"
    house.move_to(at(MONDAY, 18))
    assert door.post(f"{kiosk}/kiosk-check-in", {"code": code})["checked_in"] is True
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    tried = [refused(lambda: door.post(f"{kiosk}/kiosk-check-out", {"code": wrong})) for _ in range(6)]
    assert [status for status, _ in tried] == [403] * 5 + [429]
    house.move_to(at(MONDAY, 20))
    assert door.post(f"{kiosk}/kiosk-check-out", {"code": code})["status"] == "present"


def test_a_call_is_joined_and_left_by_the_program_that_holds_it(house: House) -> None:
    program, member, booking = a_program(house)
    call, platform = f"/attendance/bookings/{booking['booking_id']}", house.client("integration")
    house.move_to(at(MONDAY, 18))
    platform.post(f"{call}/telehealth-join", {"connection": "laptop"})
    assert refused(lambda: platform.post(f"{call}/telehealth-leave", {"connection": "phone"}))[0] == 409
    house.move_to(at(MONDAY, 20))
    platform.post(f"{call}/telehealth-leave", {"connection": "laptop"})
    house.settle()
    (attended,) = program.attendance(member)
    assert (attended["minutes"], attended["telehealth_minutes"], attended["modality"]) == (120, 120, "telehealth")


def test_what_is_due_is_listed_by_role_and_done_by_those_who_may(house: House) -> None:
    _, member, _ = a_program(house)
    house.pass_time(at(MONDAY + timedelta(days=3), 12))
    coordinator, therapist, auditor = (house.client(role) for role in ("coordinator", "therapist", "auditor"))
    kinds = [item["kind"] for item in coordinator.get("/attendance/due", role="therapist")["due"]]
    assert kinds == ["outreach"]
    assert "early_warning" in [item["kind"] for item in coordinator.get("/attendance/due", role="coordinator")["due"]]
    step = f"/attendance/episodes/{member.episode_id}/absence-steps/three_unexcused"
    assert refused(lambda: auditor.post(f"{step}/outreach/taken", {})) == (403, "forbidden")
    assert refused(lambda: therapist.post(f"{step}/discharge_review/taken", {}))[0] == 409
    therapist.post(f"{step}/outreach/taken", {})
    house.settle()
    assert therapist.get("/attendance/due", role="therapist")["due"] == []
