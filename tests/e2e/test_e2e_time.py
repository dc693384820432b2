"""Local time across daylight-saving changes, and weeks judged by the edition of the rule pack in force then."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from e2e_house import House, opened
from e2e_program import MONDAY, ZONE, Program, at

from events.contract.envelope import CloudEvent

SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
"""The Sundays on which the clocks change in New York."""
CHANGING = """
name: changing
title: A payer that asks for more from March
editions:
  - effective_from: 2025-01-01
    effective_to: 2026-02-28
    rules:
      week.minimum_hours: {value: 4, source: the payer's manual of 2025}
  - effective_from: 2026-03-01
    rules:
      week.minimum_hours: {value: 7, source: the payer's manual of March 2026}
"""


def test_a_weekly_series_stays_at_18_00_across_both_changes(house: House) -> None:
    program = Program(house)
    program.open_track()
    program.plan("spring", "group_therapy", "therapist", "MO", time(18), 90, 2)
    member = program.admit(0)
    house.settle()
    program.book(member, "spring", weeks=2)
    house.pass_time(at(date(2026, 10, 20), 12), timedelta(days=30))
    program.plan("autumn", "group_therapy", "therapist", "MO", time(18), 90, 2, first=date(2026, 10, 26))
    found = {"participant_id": member.participant_id, "from": "2026-10-26", "through": "2026-11-30"}
    program.staff.post(f"/scheduling/series/{program.id('autumn')}/bookings", found)
    house.pass_time(at(date(2026, 11, 12), 12), timedelta(days=7))

    days = [MONDAY, MONDAY + timedelta(7), date(2026, 10, 26), date(2026, 11, 2)]
    assert days[0] < SPRING < days[1] < days[2] < AUTUMN < days[3]
    offsets = {datetime.combine(day, time(18), ZoneInfo(ZONE)).utcoffset() for day in days}
    assert len(offsets) == 2, "the changes are between them"
    wanted = [at(day, 18) for day in days]
    assert [_instant(one["starts_at"]) for one in program.bookings(member)] == wanted
    assert [_instant(one["starts_at"]) for one in program.attendance(member)] == wanted
    published = _published(house, "scheduling.session_scheduled.v1")
    assert sorted(_instant(one["starts_at"]) for one in published) == wanted
    assert {one["ends_at"] for one in published} == {_text(start + timedelta(minutes=90)) for start in wanted}
    for one in published:
        local = _instant(one["starts_at"]).astimezone(ZoneInfo(one["time_zone"]))
        assert (local.date().isoformat(), local.time()) == (one["local_date"], time(18))
        roster = program.staff.get(f"/attendance/sessions/{one['session_id']}/roster")
        assert roster["session"]["starts_at"] == one["starts_at"]


def test_a_pack_change_on_1_march_judges_february_by_the_old_edition(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "changing.yaml").write_text(CHANGING)
    first = date(2026, 2, 16)
    with opened(tmp_path / "house", at(first, 9), rule_packs=packs) as house:
        program = Program(house, packs=("changing",))
        program.open_track()
        program.plan("group", "group_therapy", "therapist", "MO,WE,FR", time(18), 120, 4, first=first)
        member = program.admit(0)
        house.settle()
        whole = {"participant_id": member.participant_id, "from": first, "through": first + timedelta(weeks=4)}
        booked = program.staff.post(f"/scheduling/series/{program.id('group')}/bookings", whole)["booked"]
        house.settle()
        for one in sorted(booked, key=lambda one: one["local_date"]):
            _attends(house, program, one["booking_id"], date.fromisoformat(one["local_date"]))
        house.pass_time(at(date(2026, 3, 18), 12))

        old, new = "changing@2025-01-01", "changing@2026-03-01"
        assert [_verdict(week) for week in program.weeks(member)] == [
            ("2026-02-16", 360, True, old),
            ("2026-02-23", 360, True, old),
            ("2026-03-02", 360, False, new),
            ("2026-03-09", 360, False, new),
        ]
        # In March it turns out that they were not there on two days of February.
        for day in ("2026-02-23", "2026-02-25"):
            (one,) = (one for one in booked if one["local_date"] == day)
            wrong = {"status": "no_show", "reason": "wrong_entry"}
            program.staff.post(f"/attendance/bookings/{one['booking_id']}/correction", wrong)
        house.settle()
        assert [_verdict(week) for week in program.weeks(member)][:3] == [
            ("2026-02-16", 360, True, old),
            ("2026-02-23", 120, False, old),
            ("2026-03-02", 360, False, new),
        ]
        # And one of them was there: four hours, enough for February's edition and not for March's.
        (one,) = (one for one in booked if one["local_date"] == "2026-02-25")
        day = date(2026, 2, 25)
        there = {"checked_in_at": at(day, 18), "checked_out_at": at(day, 20), "reason": "paper_sheet"}
        program.staff.post(f"/attendance/bookings/{one['booking_id']}/correction", there)
        house.settle()
        assert _verdict(program.weeks(member)[1]) == ("2026-02-23", 240, True, old)


def _attends(house: House, program: Program, booking_id: str, day: date) -> None:
    booking = f"/attendance/bookings/{booking_id}"
    house.pass_time(at(day, 18))
    program.staff.post(f"{booking}/check-in", {})
    house.move_to(at(day, 20))
    program.staff.post(f"{booking}/check-out", {})


def _verdict(week: dict[str, object]) -> tuple[object, ...]:
    packs = [one for one in week["packs"] if str(one).startswith("changing")]
    return week["week_start"], week["minutes"], week["compliant"], packs[0]


def _published(house: House, type_: str) -> list[dict[str, object]]:
    feed = house.services[type_.partition(".")[0]].feed
    bodies = [body for partition in feed.heads().heads for body in feed.read(partition, 0, 10_000)]
    events = [CloudEvent.from_bytes(body) for body in bodies]
    return [dict(one.data) for one in events if one.type == type_]


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
