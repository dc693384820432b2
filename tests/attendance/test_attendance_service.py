"""Attendance on a real log: what it answers, what it tells, and that no order of arrival changes what stands."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from attendance_told import (
    NOW,
    STAY,
    admitted,
    booked,
    booking,
    changed,
    days,
    discharged,
    enrolled,
    freed,
    merged,
    moved,
    named,
    resumed,
    scheduled,
    session_changed,
    suspended,
    suspension_cancelled,
    transferred,
)
from attendance_world import MONDAY, at
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.log.errors import NotFound
from services.attendance.domain import commands as c
from services.attendance.domain.errors import NotBooked
from services.attendance.policies import Due
from services.attendance.wiring import define
from tests.support.whole_service import Told, WholeService, interleaved, opened

WEEK = days(0, 2, 4)


def came(service: WholeService, name: str, day, since: str = "09:00", until: str = "12:00") -> None:
    service.now = max(service.now, at(day, since))
    service.do(c.CheckIn(booking(name, day), at(day, since)), "front_desk")
    service.now = max(service.now, at(day, until))
    service.do(c.CheckOut(booking(name, day), at(day, until)), "front_desk")


def told(service: WholeService, type_: str) -> list[dict]:
    service.settle()
    return [event["data"] for event in service.feed() if event["type"] == f"attendance.{type_}.v1"]


def statuses(service: WholeService, name: str) -> list[str]:
    service.settle()
    answer = service.ask("participant_attendance", participant_id=named(name))
    return [row["status"] for row in answer["attendance"]]


def test_a_walk_in_is_refused_with_the_reason(service):
    with pytest.raises(NotBooked, match="book the session first"):
        service.do(c.CheckIn(uuid4()), "front_desk")


def test_a_week_attended_is_recorded_told_and_judged_after_its_grace(service):
    service.told(admitted("ada"), *[scheduled(day) for day in WEEK], *[booked("ada", day) for day in WEEK])
    for day in WEEK:
        came(service, "ada", day)
    assert statuses(service, "ada") == ["present"] * 3
    assert [data["minutes"] for data in told(service, "attendance_recorded")] == [180] * 3
    service.pass_time(at(MONDAY + timedelta(days=8), "23:00"))
    assert told(service, "treatment_week_judged") == []
    service.pass_time(at(MONDAY + timedelta(days=9), "01:00"))
    (verdict,) = told(service, "treatment_week_judged")
    assert verdict["minutes"] == 540 and verdict["days"] == 3 and verdict["compliant"] and verdict["revision"] == 1
    assert verdict["packs"] == ["medicare_iop@2024-01-01", "h0015_day@2013-01-01", "program_default@2020-01-01"]
    (week,) = service.ask("treatment_weeks", participant_id=named("ada"))["weeks"]
    assert week["compliant"] and week["basis"] == "full"


def test_nothing_of_a_week_stands_to_be_looked_at_once_it_is_judged(service):
    """A warning is looked at daily while the week lasts; what has fired and stays is passed over for ever after."""
    service.told(admitted("ada"), *[scheduled(day) for day in WEEK], *[booked("ada", day) for day in WEEK])
    service.pass_time(at(MONDAY + timedelta(days=4), "18:00"))
    assert told(service, "early_warning_raised")
    service.told(discharged("ada", MONDAY + timedelta(days=5)))
    service.pass_time(at(MONDAY + timedelta(days=12), "01:00"))
    assert told(service, "treatment_week_judged")
    standing = Reader(service.database, service.log, versions={Due.name: Due.version}).at([Due.name]).many(Due.view)
    assert [row["id"] for row in standing] == []


def test_a_correction_judges_the_week_again_and_as_of_still_shows_the_first_verdict(service):
    service.told(admitted("ada"), *[booked("ada", day) for day in WEEK])
    for day in WEEK:
        came(service, "ada", day)
    service.pass_time(at(MONDAY + timedelta(days=10), "00:00"))
    before = service.ask("treatment_weeks", participant_id=named("ada"))
    service.do(c.CorrectAttendance(booking("ada", WEEK[0]), "wrong_entry", status="no_show"), "therapist")
    assert [data["reason"] for data in told(service, "attendance_corrected")] == ["wrong_entry"]
    first, second = told(service, "treatment_week_judged")
    assert (first["revision"], second["revision"], second["compliant"]) == (1, 2, False)
    assert second["broken_rules"] == ["medicare_iop@2024-01-01:weekly_hours", "h0015_day@2013-01-01:treatment_days"]
    assert service.ask("treatment_weeks", as_of=before["position"], participant_id=named("ada")) == before


def test_nobody_who_did_not_come_is_a_no_show_before_the_grace_ends(service):
    service.told(admitted("ada"), booked("ada", MONDAY))
    service.pass_time(at(MONDAY, "12:59"), timedelta(minutes=30))
    assert statuses(service, "ada") == []
    service.pass_time(at(MONDAY, "13:00"), timedelta(minutes=1))
    assert statuses(service, "ada") == ["no_show"]
    (absence,) = service.ask("absences")["absences"]
    assert absence["participant_id"] == str(named("ada"))


def test_absences_during_a_hospitalization_told_late_are_excused_and_reinstated_when_it_never_was(service):
    service.told(admitted("ada"), *[booked("ada", day) for day in WEEK])
    service.pass_time(at(WEEK[2], "23:00"))
    assert statuses(service, "ada") == ["no_show"] * 3
    assert [data["count"] for data in told(service, "no_shows_repeated")] == [3]
    service.told(suspended("ada", at(WEEK[1], "00:00")))
    assert statuses(service, "ada") == ["no_show", "excused", "excused"]
    assert [data["count"] for data in told(service, "no_shows_excused")] == [1]
    service.told(suspension_cancelled("ada"))
    assert statuses(service, "ada") == ["no_show"] * 3


def test_the_roster_shows_who_is_in_and_what_came_of_each(service):
    service.told(scheduled(MONDAY), admitted("ada"), admitted("ben"), booked("ada", MONDAY), booked("ben", MONDAY))
    service.now = at(MONDAY, "09:00")
    service.do(c.CheckIn(booking("ada", MONDAY)), "front_desk")
    service.settle()
    answer = service.ask("roster", session_id=named(f"session {MONDAY}"))
    assert {row["participant_id"]: row["state"] for row in answer["roster"]} == {
        str(named("ada")): "in",
        str(named("ben")): "booked",
    }
    with pytest.raises(NotFound):
        service.ask("roster", session_id=uuid4())


def test_hours_so_far_are_those_that_count_by_the_packs_of_the_week(service):
    service.told(admitted("ada"), booked("ada", WEEK[0]), booked("ada", WEEK[1], "support_group"))
    came(service, "ada", WEEK[0])
    came(service, "ada", WEEK[1])
    service.settle()
    (row,) = service.ask("weekly_hours")["hours"]
    assert (row["minutes"], row["days"], row["minimum_minutes"], row["minimum_days"]) == (180, 1, 540, 3)


def test_a_merged_participant_is_answered_under_all_ids(service):
    service.told(admitted("ada"), booked("ada", MONDAY), merged("ada", "ada twice", "ada"))
    came(service, "ada", MONDAY)
    service.settle()
    answer = service.ask("participant_attendance", participant_id=named("ada twice"))
    assert answer["participant_id"] == str(named("ada")) and len(answer["attendance"]) == 1


COPIES = [("ada", 1), ("ada", 2), ("twin", 1), ("twin", 2), ("twin", 3)]
"""Who was told which revision of "twin is ada": merged, un-merged, merged again. One copy came not (yet)."""


@pytest.mark.parametrize("through", [2, 3])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (2, 3, 4, 0, 1), (2, 0, 3, 1, 4), (0, 2, 3, 4, 1)], ids=str)
def test_the_last_word_about_an_alias_counts_in_every_order(service, order, through):
    told = [COPIES[index] for index in order if COPIES[index][1] <= through]
    service.told(admitted("ada"), *(merged("ada", "twin", key, revision) for key, revision in told))
    answer = service.ask("participant_attendance", participant_id=named("twin"))
    assert answer["participant_id"] == str(named("ada" if through == 3 else "twin"))


def test_the_roster_shows_the_room_that_a_session_has_now(service):
    (day,) = days(0)
    asked = {"session_id": named(f"session {day}")}
    service.told(scheduled(day))
    rooms = [service.ask("roster", **asked)["session"]["room"]]
    for facts in (
        {"room": "B2", "without_room": False},
        {"facilitators": [named("u")]},
        {"modality": "telehealth", "without_room": True},
        {"seats": 9},
    ):
        service.told(session_changed(day, **facts))
        rooms.append(service.ask("roster", **asked)["session"]["room"])
    assert rooms == ["A1", "B2", "B2", None, None]


def test_the_same_log_rebuilds_to_the_same_rows(service):
    service.told(admitted("ada"), *[booked("ada", day) for day in WEEK], suspended("ada", at(WEEK[1], "00:00")))
    came(service, "ada", WEEK[0])
    service.pass_time(at(MONDAY + timedelta(days=10), "00:00"))
    for projection in (*define().projections, *define().deadlines):
        assert rebuild(service.database, service.log, projection()).identical


STORY = [
    admitted("ada"),
    admitted("ben", on=days(1)[0], packs=("california_narcotic_program", "asam_2_1")),
    *[scheduled(day) for day in days(0, 2, 4, 7, 9)],
    *[booked("ada", day) for day in days(0, 2, 4, 7, 9)],
    *[booked("ben", day) for day in days(2, 4)],
    booked("ben", days(7)[0], kind="make_up", makes_up_for=booking("ben", days(4)[0])),
    moved(days(9)[0], days(11)[0]),
    session_changed(days(9)[0], seats=1, modality="telehealth", without_room=True),
    freed("ada", days(4)[0], "suspended"),
    freed("ben", days(4)[0], "participant", 50.0),
    freed("ben", days(7)[0], "discharged"),
    suspended("ada", at(days(1)[0], "20:00")),
    resumed("ada", at(days(5)[0], "20:00")),
    enrolled("resumption_cancelled", "ada", suspension_id=STAY),
    resumed("ada", at(days(8)[0], "20:00")),
    transferred("ada", days(3)[0], ("north_carolina_saiop",)),
    changed("ada", days(9)[0], days(11)[0]),
    changed("ben", days(2)[0], days(3)[0]),
    discharged("ben", days(5)[0]),
    merged("ada", "ada twice", "ada"),
    merged("ada", "ada twice", "ada twice"),
]


def rows_after(story: list[Told], late: int) -> dict[str, list]:
    """All is told, the last ``late`` events only when two weeks have passed. Staff enter one visit afterwards."""
    with opened(define, NOW) as service:
        service.told(*story[: len(story) - late])
        service.pass_time(at(days(18)[0], "00:00"), timedelta(days=3))
        service.told(*story[len(story) - late :])
        service.pass_time(at(days(19)[0], "00:00"), timedelta(days=1))
        visit = {"checked_in_at": at(MONDAY, "09:00"), "checked_out_at": at(MONDAY, "12:00")}
        service.do(c.CorrectAttendance(booking("ada", MONDAY), "entered_late", **visit), "therapist")
        service.pass_time(at(days(26)[0], "00:00"), timedelta(days=3))
        assert all(UUID(row["booking_id"]) for row in service.rows()["attendance"])
        return service.rows()


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    picks=st.lists(st.integers(0, 30), min_size=len(STORY), max_size=len(STORY)),
    late=st.integers(0, len(STORY)),
)
def test_every_order_of_arrival_early_or_late_ends_in_the_same_rows(picks, late):
    assert rows_after(interleaved(STORY, picks), late) == rows_after(STORY, 0)
