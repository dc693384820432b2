"""Care across services: attended days consume a payer's units; a merge and its undoing are followed everywhere."""

from datetime import time, timedelta
from typing import Any

import pytest
from e2e_house import House
from e2e_program import MONDAY, Member, Program, at

WEDNESDAY = MONDAY + timedelta(days=2)
AUTHORIZATION = {
    "number": "AUTH-1",
    "payer": "acme_health",
    "from_date": MONDAY.isoformat(),
    "through_date": (MONDAY + timedelta(days=27)).isoformat(),
    "units": 5,
}


def authorizations(program: Program, member: Member) -> dict[str, Any]:
    found: dict[str, Any] = program.staff.get(f"/enrollment/episodes/{member.episode_id}/authorizations")
    return found


def corrected(program: Program, booking: dict[str, Any], hours: int) -> None:
    """Entered late: for so many hours from six o'clock on Monday, or not at all."""
    there = {"checked_in_at": at(MONDAY, 18), "checked_out_at": at(MONDAY, 18 + hours)}
    body = {**(there if hours else {"status": "no_show"}), "reason": "entered_late"}
    program.staff.post(f"/attendance/bookings/{booking['booking_id']}/correction", body)


def test_an_attended_day_consumes_a_unit_and_a_correction_gives_it_back(house: House) -> None:
    """H0015: at least three hours a day; payer practice: each billable day consumes a unit."""
    program = Program(house, packs=("program_default", "h0015_day")).open_track()
    program.plan("long", "group_therapy", "therapist", "MO,WE,FR", time(18), 180, weeks=1)
    house.settle()
    member = program.member(0, "long")
    program.staff.post(f"/enrollment/episodes/{member.episode_id}/authorizations", AUTHORIZATION)
    house.pass_time(at(WEDNESDAY, 12))
    (monday, *_) = program.bookings(member)
    corrected(program, monday, hours=3)
    house.settle()
    answer = authorizations(program, member)
    assert [(one["units_left"], one["state"]) for one in answer["authorizations"]] == [(4, "active")]
    (day,) = answer["days"]
    assert (day["date"], day["authorization_id"]) == (str(MONDAY), answer["authorizations"][0]["authorization_id"])
    assert answer["uncovered"] == []
    corrected(program, monday, hours=0)
    house.settle()
    assert [one["units_left"] for one in authorizations(program, member)["authorizations"]] == [5]


@pytest.mark.parametrize("undone", [False, True])
def test_a_merge_and_its_undoing_are_followed_by_every_service(house: House, undone: bool) -> None:
    program = Program(house).open()
    one, other = program.member(0, "group"), program.member(1)
    pair = {"surviving_id": other.participant_id, "retired_id": one.participant_id}
    program.staff.post("/enrollment/merges", pair)
    house.settle()
    if undone:
        program.staff.post("/enrollment/unmerges", pair)
        house.settle()
    expected = one.participant_id if undone else other.participant_id
    assert program.enrolled(one)["participant_id"] == expected
    assert len(program.bookings(other)) == (0 if undone else 9)
    for path in ("attendance/participants/{}/attendance", "medication_review/participants/{}/reviews"):
        answer = program.staff.get(f"/{path.format(one.participant_id)}")
        assert answer["participant_id"] == expected, path
    assert house.parked() == []
