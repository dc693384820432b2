"""A series ends from a day on: what is planned before stays, what is to come is cancelled, nothing more is planned."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from scheduling_service import Service
from scheduling_tellings import admitted, book_weeks, held, opened, timetable
from scheduling_world import MONDAY, day, named, session_on

from events.follow.rebuild import rebuild
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors
from services.scheduling.domain import waitlist_commands as w
from services.scheduling.domain.series_commands import EndSeries

GROUP = named("group")
FIFTH_WEEK = MONDAY + timedelta(days=34)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A group on four Mondays at 18:00; ann and ben have a seat in each."""
    made = opened(tmp_path)
    timetable(made)
    made.told(admitted("ann"), admitted("ben"))
    made.settle()
    for name in ("ann", "ben"):
        book_weeks(made, GROUP, name)
    yield made
    made.close()


def ends(service: Service, n: int | None = None) -> Any:
    answer = service.do(EndSeries(GROUP, "group_closed", None if n is None else date(2026, 3, n))).body
    service.settle()
    return answer


def takes_place(service: Service) -> dict[str, Any]:
    """By day: why it was cancelled, or None where it takes place."""
    question = {"from_date": None, "through": None, "track_id": None, "series_id": GROUP, "component": None}
    found = service.ask("sessions", **question, below_minimum=False)["sessions"]
    return {one["local_date"]: one["reason"] if one["cancelled"] else None for one in found}


@pytest.mark.rule("series_ends")
def test_this_and_following_are_cancelled_with_their_bookings(service: Service) -> None:
    """Domain.md: edit one, this and following, or all; cancel."""
    answer = ends(service, 16)
    assert answer["sessions"] == [str(session_on(GROUP, n)) for n in (16, 23)]
    stays = {"2026-03-02": None, "2026-03-09": None}
    assert takes_place(service) == {**stays, "2026-03-16": "group_closed", "2026-03-23": "group_closed"}
    for name in ("ann", "ben"):
        assert [on for _, on in held(service, name)] == list(stays)
    told = [event["data"]["reason"] for event in service.feed() if event["type"].endswith("booking_cancelled.v1")]
    assert told == ["cancelled_by_program"] * 4
    (row,) = (one for one in service.ask("series", track_id=None)["series"] if one["series_id"] == str(GROUP))
    assert row["ended_from"] == "2026-03-16"


@pytest.mark.rule("series_ends")
def test_what_has_begun_stays_where_all_to_come_is_cancelled(service: Service) -> None:
    """Domain.md: edit one, this and following, or all, without touching past sessions."""
    service.now = day(9, 22) + timedelta(minutes=30)
    answer = ends(service)
    assert (answer["from_date"], len(answer["sessions"])) == ("2026-03-09", 2)
    assert [on for on, why in takes_place(service).items() if why is None] == ["2026-03-02", "2026-03-09"]


@pytest.mark.rule("series_ends")
def test_nothing_is_scheduled_any_more(service: Service) -> None:
    """Domain.md: edit one, this and following, or all; cancel."""
    ends(service, 30)
    assert service.do(c.ScheduleSessions(GROUP, FIFTH_WEEK, from_date=date(2026, 3, 23))).body["scheduled"] == []
    for command in (
        c.ScheduleSessions(GROUP, FIFTH_WEEK, from_date=date(2026, 3, 30)),
        c.ChangeSeries(GROUP, date(2026, 3, 30), seats=3),
        EndSeries(GROUP, "group_closed", date(2026, 3, 30)),
    ):
        with pytest.raises(errors.SeriesHasEnded):
            service.do(command)
    assert set(takes_place(service).values()) == {None}
    assert ends(service, 23)["sessions"] == [str(session_on(GROUP, 23))], "it may end earlier still"


def test_a_session_that_was_moved_goes_by_the_day_it_was_planned_for(service: Service) -> None:
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 20), time(18)))
    service.do(c.MoveSession(session_on(GROUP, 23), date(2026, 3, 10), time(18)))
    assert set(ends(service, 16)["sessions"]) == {str(session_on(GROUP, n)) for n in (16, 23)}
    assert takes_place(service)["2026-03-20"] is None


def test_who_waits_for_the_series_waits_no_longer_once_nothing_is_left_of_it(service: Service) -> None:
    for n in (9, 16):
        service.do(c.AlterSession(session_on(GROUP, n), seats=2))
    service.told(admitted("cem"))
    service.settle()
    service.do(w.WaitForSeries(GROUP, named("cem")))
    service.settle()
    ends(service, 16)
    assert [one["state"] for one in service.ask("waits", participant_id=named("cem"))["waits"]] == ["waiting"]
    ends(service)
    (wait,) = service.ask("waits", participant_id=named("cem"))["waits"]
    assert wait["reason"] == "session_cancelled"
    for projection in service.definition.projections:
        result = rebuild(service.database, service.log, projection())
        assert result.identical, (projection.name, result.difference)


def test_another_series_has_the_room_and_the_leader_from_then_on(service: Service) -> None:
    ends(service, 16)
    plan = {"series_id": named("on mondays"), "first_date": date(2026, 3, 16), "starts_at": time(18), "minutes": 90}
    facts = {"track_id": named("track"), "component": "group_therapy", "title": "on mondays", "rule": "FREQ=WEEKLY"}
    who = {"facilitators": (named("t"),), "room": "A1", "modality": "in_person", "seats_min": 1, "seats": 4}
    service.do(c.PlanSeries(**plan, **facts, **who, time_zone="America/New_York"))
    answer = service.do(c.ScheduleSessions(named("on mondays"), date(2026, 3, 23))).body
    assert [one["local_date"] for one in answer["scheduled"]] == ["2026-03-16", "2026-03-23"]
