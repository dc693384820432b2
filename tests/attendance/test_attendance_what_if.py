"""What other packs would have made of weeks, days and absences; what was decided stands."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from attendance_told import NOW, admitted, booked, booking, days, discharged, named, suspended
from attendance_world import MONDAY, at

from services.attendance.domain import commands as c
from services.attendance.what_if import what_if
from services.attendance.wiring import define
from services.platform.packs import Packs
from services.platform.what_if import supposed
from tests.support.whole_service import WholeService, opened

PACK = """
name: {name}
title: Other numbers
editions:
  - effective_from: {since}
    rules:
      {rules}
"""
SHIPPED = Packs.load()
NEXT_MONDAY = MONDAY + timedelta(days=7)


def pack(rules: str, name: str = "medicare_iop", since: str = "2024-01-01") -> str:
    return PACK.format(name=name, since=since, rules=rules)


def differences(service: WholeService, *packs: str, **span: str) -> dict[str, list]:
    """By kind; the log is as it was."""
    head = service.log.head()
    asking = supposed(SHIPPED, {"packs": {f"{n}.yaml": text for n, text in enumerate(packs)}, **span})
    found = what_if(service.runtime, asking).document(asking)
    assert service.log.head() == head
    return found["differences"]


def attended(service: WholeService, name: str, day: date, until: str = "12:00") -> None:
    service.pass_time(at(day, "06:00"))
    service.told(booked(name, day))
    service.now = at(day, "12:00")
    times = {"checked_in_at": at(day, "09:00"), "checked_out_at": at(day, until)}
    service.do(c.CorrectAttendance(booking(name, day), "entered_late", **times), "therapist")
    service.settle()


@pytest.fixture
def service() -> Iterator[WholeService]:
    """Two weeks of ada: nine hours on three days, then one session missed and two attended; judged."""
    with opened(define, NOW) as running:
        running.told(admitted("ada"))
        for day in days(0, 2, 4):
            attended(running, "ada", day)
        running.told(*[booked("ada", day) for day in days(7)])
        for day in days(9, 11):
            attended(running, "ada", day)
        running.pass_time(at(MONDAY + timedelta(days=20), "12:00"))
        yield running


SAME = (
    "week.minimum_hours: {value: 9, source: the same}\n"
    "      week.partial_hospitalization_hours: {value: 20, source: the same}\n"
    "      telehealth.counts: {value: false, source: the same}"
)


def test_packs_that_say_the_same_would_have_changed_nothing(service):
    assert differences(service, pack(SAME)) == {"weeks": [], "billable_days": [], "absence_steps": []}
    assert differences(service, pack(SAME, since="2025-01-01"))["weeks"] == []


def test_a_higher_minimum_would_have_broken_weeks_that_stand_as_they_were_judged(service):
    before = service.ask("treatment_weeks", participant_id=named("ada"))
    (week,) = differences(service, pack("week.minimum_hours: {value: 10, source: a law}"))["weeks"]
    assert (week["on"], week["was"]["compliant"], week["would_be"]["compliant"]) == (MONDAY, True, False)
    assert week["would_be"]["broken_rules"] == ("medicare_iop@2024-01-01:weekly_hours",)
    assert service.ask("treatment_weeks", participant_id=named("ada")) == before


def test_a_lower_minimum_would_have_kept_a_week_that_broke(service):
    lower = (
        pack("week.minimum_hours: {value: 6, source: x}"),
        pack("week.minimum_days: {value: 2, source: x}", "h0015_day"),
    )
    found = differences(service, *lower)["weeks"]
    assert [(week["on"], week["was"]["compliant"], week["would_be"]["compliant"]) for week in found] == [
        (NEXT_MONDAY, False, True)
    ]


def test_an_edition_that_begins_later_would_have_changed_only_what_came_later(service):
    later = pack(f"""week.minimum_hours: {{value: 9, source: the same}}
  - effective_from: {NEXT_MONDAY}
    rules:
      week.minimum_hours: {{value: 10, source: the new law}}""").replace(
        "2024-01-01\n", f"2024-01-01\n    effective_to: {NEXT_MONDAY - timedelta(days=1)}\n"
    )
    kept = pack("week.minimum_days: {value: 2, source: x}", "h0015_day")
    assert [week["on"] for week in differences(service, kept)["weeks"]] == [NEXT_MONDAY]
    attended(service, "ada", days(21)[0])
    weeks = differences(service, later, kept, through=str(NEXT_MONDAY + timedelta(days=6)))["weeks"]
    assert [(week["on"], week["would_be"]["broken_rules"]) for week in weeks] == [
        (NEXT_MONDAY, (f"medicare_iop@{NEXT_MONDAY}:weekly_hours",))
    ]


def test_a_longer_day_would_not_have_been_billable(service):
    found = differences(service, pack("day.minimum_hours: {value: 4, source: x}", "h0015_day"))["billable_days"]
    assert [day["on"] for day in found] == days(0, 2, 4, 9, 11)
    assert {(day["was"]["billable"], day["would_be"]["bills_as"]) for day in found} == {(True, "nothing")}


def test_another_absence_policy_would_have_reached_another_step(service):
    strict = """absence.policies:
        value:
          - {name: three_unexcused, counts: unexcused, window: episode, steps: {discharge_review: 1}}
        source: x"""
    found = differences(service, pack(strict))["absence_steps"]
    assert [(step["what"], step["was"] is None, step["would_be"] is None) for step in found] == [
        ("three_unexcused: discharge_review", True, False),
        ("three_unexcused: outreach", False, True),
    ]


def test_only_the_days_asked_for_are_looked_at(service):
    four_hours = pack("day.minimum_hours: {value: 4, source: x}", "h0015_day")
    found = differences(service, four_hours, from_date=str(days(2)[0]), through=str(days(6)[0]))
    assert [day["on"] for day in found["billable_days"]] == days(2, 4)
    assert [week["on"] for week in found["weeks"]] == [MONDAY]


def test_suspensions_and_the_end_of_an_episode_are_judged_as_every_day(service):
    """What nothing would change stays, also where later facts cut weeks and took days away."""
    service.told(admitted("ben"))
    service.told(suspended("ben", at(MONDAY + timedelta(days=21), "09:00")), discharged("ada", days(10)[0]))
    service.pass_time(at(MONDAY + timedelta(days=35), "12:00"))
    assert differences(service, pack(SAME)) == {"weeks": [], "billable_days": [], "absence_steps": []}


def test_nobody_is_judged_by_a_pack_that_no_track_names(service):
    asking = supposed(SHIPPED, {"packs": {"o.yaml": pack("week.minimum_hours: {value: 12, source: x}", "nobodys")}})
    found = what_if(service.runtime, asking).document(asking)
    assert found["unused"] == ["nobodys"]
    assert found["looked_at"]["weeks"] == len(service.ask("treatment_weeks", participant_id=named("ada"))["weeks"])
    assert not any(map(len, found["differences"].values()))
