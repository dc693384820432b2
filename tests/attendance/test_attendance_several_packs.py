"""Payer, state and program at once: the strictest decides and is named; a past week is judged by the packs of then."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from attendance_told import admitted, booked, booking, named
from attendance_world import at

from services.attendance.domain import commands as c
from services.attendance.wiring import define
from services.platform.packs import Packs
from tests.support.whole_service import WholeService, opened

STATE = """
name: state
title: A state that asks for more from March on
editions:
  - effective_from: 2025-01-01
    effective_to: 2026-02-28
    rules:
      week.minimum_hours: {value: 6, source: the old law}
      day.minimum_hours: {value: 2, source: the old law}
  - effective_from: 2026-03-01
    rules:
      week.minimum_hours: {value: 12, source: the new law}
      day.minimum_hours: {value: 4, source: the new law}
"""
PACKS = ("medicare_iop", "state", "h0015_day", "program_default")
FEBRUARY, MARCH = date(2026, 2, 16), date(2026, 3, 2)
OLD, NEW, PAYER = "state@2025-01-01", "state@2026-03-01", "medicare_iop@2024-01-01"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[WholeService]:
    (tmp_path / "state.yaml").write_text(STATE)
    with opened(define, at(FEBRUARY, "07:00"), Packs.load(tmp_path)) as running:
        running.told(admitted("ada", FEBRUARY, PACKS))
        for monday in (FEBRUARY, MARCH):
            for n in (0, 2, 4):
                attended(running, monday + timedelta(days=n))
        running.pass_time(at(MARCH + timedelta(days=10), "12:00"))
        yield running


def attended(service: WholeService, day: date, until: str = "12:00") -> None:
    service.pass_time(at(day, "06:00"))
    service.told(booked("ada", day))
    service.now = at(day, "12:00")
    times = {"checked_in_at": at(day, "09:00"), "checked_out_at": at(day, until)}
    service.do(c.CorrectAttendance(booking("ada", day), "entered_late", **times), "therapist")
    service.settle()


def weeks(service: WholeService) -> dict[str, dict]:
    return {row["week_start"]: row for row in service.ask("treatment_weeks", participant_id=named("ada"))["weeks"]}


def days(service: WholeService) -> dict[str, dict]:
    return {row["date"]: row for row in service.ask("billable_days", participant_id=named("ada"))["days"]}


def test_the_strictest_of_the_packs_of_then_decides_the_week_and_is_named(service):
    february, march = weeks(service)[str(FEBRUARY)], weeks(service)[str(MARCH)]
    assert february["compliant"] and f"week.minimum_hours of {PAYER}" in february["decided_by"]
    assert f"{PAYER}:weekly_hours" in february["asked"]
    assert march["broken_rules"] == [f"{NEW}:weekly_hours", "h0015_day@2013-01-01:treatment_days"]
    assert f"week.minimum_hours of {NEW}" in march["decided_by"]


def test_the_strictest_of_the_packs_of_then_decides_the_day_and_is_named(service):
    before, after = days(service)[str(FEBRUARY)], days(service)[str(MARCH)]
    assert before["billable"] and "day.minimum_hours of h0015_day@2013-01-01" in before["decided_by"]
    assert after["broken_rules"] == [f"{NEW}:minimum_day"]
    assert f"day.minimum_hours of {NEW}" in after["decided_by"]


def test_the_answer_gives_the_source_of_what_decided(service):
    answers = [service.ask(question, participant_id=named("ada")) for question in ("treatment_weeks", "billable_days")]
    assert answers[0]["sources"][f"week.minimum_hours of {NEW}"] == "the new law"
    assert answers[1]["sources"][f"day.minimum_hours of {NEW}"] == "the new law"
    hours = service.ask("weekly_hours", week=MARCH)
    assert hours["sources"][hours["hours"][0]["decided_by"][-1]]


def test_what_is_published_names_what_decided(service):
    told = {name: [] for name in ("treatment_week_judged", "billable_day_determined")}
    for event in service.feed():
        name = event["type"].split(".")[1]
        if name in told:
            told[name].append(event["data"])
    assert all(data["decided_by"] for events in told.values() for data in events)
    march = [data for data in told["treatment_week_judged"] if data["week_start"] == str(MARCH)]
    assert f"week.minimum_hours of {NEW}" in march[-1]["decided_by"]


def test_a_week_of_february_judged_again_in_march_is_judged_by_februarys_packs(service):
    """domain.md: a past week is judged by the pack in force that week."""
    attended(service, FEBRUARY + timedelta(days=1))
    service.do(c.CorrectAttendance(booking("ada", FEBRUARY), "wrong_entry", status="excused"), "therapist")
    service.settle()
    february = weeks(service)[str(FEBRUARY)]
    assert (february["minutes"], february["compliant"]) == (540, True)
    service.do(
        c.CorrectAttendance(booking("ada", FEBRUARY + timedelta(days=2)), "wrong_entry", status="excused"), "therapist"
    )
    service.settle()
    february = weeks(service)[str(FEBRUARY)]
    assert (february["minutes"], february["broken_rules"][0]) == (360, f"{PAYER}:weekly_hours")
    assert OLD in february["packs"] and NEW not in february["packs"]


def test_a_step_of_an_absence_policy_names_the_pack_whose_policy_it_is(service):
    service.told(booked("ada", MARCH + timedelta(days=11)))
    service.pass_time(at(MARCH + timedelta(days=12), "12:00"))
    answer = service.ask("absence_steps", participant_id=named("ada"))
    assert answer["steps"][0]["decided_by"] == ["absence.policies of program_default@2020-01-01"]
    assert "published absence policies" in answer["sources"]["absence.policies of program_default@2020-01-01"]
