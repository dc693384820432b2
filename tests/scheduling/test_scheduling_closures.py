"""On days on which the program is closed nothing is scheduled, and what was is cancelled, each session once."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from scheduling_service import Service
from scheduling_tellings import TRACK_OPENED, admitted, book_weeks, discharged, held, opened, timetable
from scheduling_world import MONDAY, TRACK, ZONE, day, named, session_on

from events.follow.rebuild import rebuild
from services.scheduling.domain import closure_commands as cl
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors, waitlist_commands

GROUP, CLINIC = named("group"), named("clinic")
HOLIDAY, SIX = date(2026, 3, 9), time(18)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A group and a clinic on four Mondays; ann and ben have a seat in each session of the group."""
    made = opened(tmp_path)
    made.told(TRACK_OPENED)
    timetable(made)
    made.told(admitted("ann"), admitted("ben"))
    made.settle()
    for name in ("ann", "ben"):
        book_weeks(made, GROUP, name)
    yield made
    made.close()


def closes(service: Service, first: date = HOLIDAY, last: date | None = None, track: UUID | None = None) -> Any:
    answer = service.do(cl.CloseDays(None, track, first, last or first, "public_holiday")).body
    service.settle()
    return answer


def opens_again(service: Service, closure: Any) -> None:
    service.do(cl.ReopenDays(UUID(str(closure["closure_id"]))))


def sessions(service: Service, series: UUID = GROUP) -> dict[str, Any]:
    """By day: why it was cancelled, or None where it takes place."""
    service.settle()
    question = {"from_date": None, "through": None, "track_id": None, "series_id": series, "component": None}
    found = service.ask("sessions", **question, below_minimum=False)["sessions"]
    return {one["local_date"]: one["reason"] if one["cancelled"] else None for one in found}


@pytest.mark.rule("closed_days")
@pytest.mark.parametrize("track", [None, TRACK], ids=["program", "track"])
def test_a_closure_cancels_what_is_scheduled_on_it_with_its_bookings(service: Service, track: UUID | None) -> None:
    """Domain.md: closures and holidays."""
    closure = closes(service, track=track)
    assert set(map(str, closure["sessions"])) == {str(session_on(one, 9)) for one in (GROUP, CLINIC)}
    kept = [f"2026-03-{n:02}" for n in (2, 16, 23)]
    assert sessions(service) == {**dict.fromkeys(kept), "2026-03-09": "closed"}
    for name in ("ann", "ben"):
        assert [on for _, on in held(service, name)] == kept
        bookings = service.ask("bookings", participant_id=named(name), from_date=HOLIDAY, through=HOLIDAY)["bookings"]
        assert [one["reason"] for one in bookings] == ["cancelled_by_program"]
    told = [event for event in service.feed() if event["type"].endswith("_cancelled.v1")]
    assert len(told) == 4, "each session and each booking once"
    of_sessions = [one["data"] for one in told if "closure_id" in one["data"]]
    assert {(one["reason"], one["closure_id"]) for one in of_sessions} == {("closed", str(closure["closure_id"]))}


def test_a_closure_finds_what_was_scheduled_before_months_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that an earlier version wrote has sessions that are in no month."""
    made = opened(tmp_path)
    made.told(TRACK_OPENED)
    with monkeypatch.context() as earlier:
        earlier.setattr("services.scheduling.timetable.plan_in_month", lambda unit, session: None)
        timetable(made)
    made.settle()
    assert set(map(str, closes(made)["sessions"])) == {str(session_on(one, 9)) for one in (GROUP, CLINIC)}
    assert sessions(made)["2026-03-09"] == "closed"
    assert sessions(made)["2026-03-16"] is None
    made.close()


def test_another_track_is_not_closed(service: Service) -> None:
    other = named("other track")
    service.told((TRACK_OPENED[0], {**TRACK_OPENED[1], "track_id": other}, TRACK_OPENED[2]))
    service.settle()
    assert closes(service, track=other)["sessions"] == []
    assert set(sessions(service).values()) == {None}


@pytest.mark.rule("closed_days")
def test_nothing_is_scheduled_on_or_moved_to_a_closed_day(service: Service) -> None:
    """Domain.md: closures and holidays."""
    closes(service, date(2026, 3, 30), date(2026, 4, 7))
    answer = service.do(c.ScheduleSessions(GROUP, MONDAY + timedelta(days=49))).body
    assert [one["local_date"] for one in answer["scheduled"]] == ["2026-04-13", "2026-04-20"]
    assert [one["local_date"] for one in answer["closed"]] == ["2026-03-30", "2026-04-06"]
    with pytest.raises(errors.ClosedThen):
        service.do(c.MoveSession(session_on(GROUP, 23), date(2026, 4, 1), SIX))
    service.do(c.MoveSession(session_on(GROUP, 23), date(2026, 4, 8), SIX))


@pytest.mark.rule("reopening_gives_back")
def test_days_that_are_open_again_can_be_planned_again(service: Service) -> None:
    """Domain.md: closures and holidays; program practice, to be verified by the program."""
    closure = closes(service)
    closes(service, date(2026, 3, 30))
    assert service.do(c.ScheduleSessions(GROUP, HOLIDAY, from_date=HOLIDAY)).body["scheduled"] == []
    opens_again(service, closure)
    assert sessions(service)["2026-03-09"] == "closed", "until it is scheduled again"
    answer = service.do(c.ScheduleSessions(GROUP, HOLIDAY, from_date=HOLIDAY)).body
    assert [one["session_id"] for one in answer["scheduled"]] == [str(session_on(GROUP, 9))]
    assert sessions(service)["2026-03-09"] is None
    for name in ("ann", "ben"):
        assert [on for _, on in held(service, name)] == [f"2026-03-{n:02}" for n in (2, 9, 16, 23)]
    told = [e["type"] for e in service.feed() if e["subject"] == str(session_on(GROUP, 9))]
    assert told == [f"scheduling.session_{what}.v1" for what in ("scheduled", "cancelled", "scheduled")]
    day_led = service.ask("facilitators_day", facilitator_id=named("t"), date=HOLIDAY)["sessions"]
    assert [one["cancelled"] for one in day_led] == [False]


@pytest.mark.rule("reopening_gives_back")
def test_who_cannot_have_the_seat_again_is_a_coordinators_and_who_has_left_is_nobodys(service: Service) -> None:
    """Domain.md: closures and holidays; program practice, to be verified by the program."""
    closure = closes(service)
    service.told(discharged("ben", day(5)))
    opens_again(service, closure)
    other = {"series_id": named("other"), "title": "other", "facilitators": (named("u"),), "modality": "telehealth"}
    facts = {"track_id": TRACK, "component": "group_therapy", "rule": "FREQ=WEEKLY", "first_date": HOLIDAY}
    when = {"starts_at": SIX, "minutes": 90, "time_zone": ZONE, "seats_min": 1, "seats": 4, "room": None}
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    service.do(c.PlanSeries(**other, **facts, **when))
    service.do(c.ScheduleSessions(named("other"), HOLIDAY))
    service.do(c.BookSession(session_on(named("other"), 9), named("ann")))
    service.do(c.ScheduleSessions(GROUP, HOLIDAY, from_date=HOLIDAY))
    service.settle()
    asked = service.ask("coordinator_requests", state="open")["requests"]
    assert [(one["participant_id"], one["why"]) for one in asked] == [(str(named("ann")), "ParticipantAlreadyBooked")]
    assert service.ask("roster", session_id=session_on(GROUP, 9))["session"]["seats_taken"] == 0


def test_what_the_program_cancelled_for_another_reason_stays_cancelled(service: Service) -> None:
    service.do(c.CancelSession(session_on(GROUP, 9), "facilitator_ill"))
    opens_again(service, closes(service))
    assert service.do(c.ScheduleSessions(GROUP, HOLIDAY, from_date=HOLIDAY)).body["scheduled"] == []
    assert sessions(service)["2026-03-09"] == "facilitator_ill"


def test_the_first_who_opens_again_before_a_session_was_cancelled_keeps_it(service: Service) -> None:
    closure = service.do(cl.CloseDays(None, None, HOLIDAY, HOLIDAY, "storm")).body
    opens_again(service, closure)
    assert set(sessions(service).values()) == {None}


def test_what_has_begun_and_what_was_moved_away_is_left(service: Service) -> None:
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 10), SIX))
    service.do(c.MoveSession(session_on(GROUP, 16), HOLIDAY, SIX))
    service.now = day(2, 23)
    closure = closes(service, MONDAY, HOLIDAY)
    assert set(map(str, closure["sessions"])) == {str(session_on(CLINIC, 9)), str(session_on(GROUP, 16))}
    assert sessions(service) == {"2026-03-02": None, "2026-03-10": None, "2026-03-09": "closed", "2026-03-23": None}


def test_who_waits_for_a_session_waits_no_longer_when_it_is_closed(service: Service) -> None:
    service.do(c.AlterSession(session_on(GROUP, 9), seats=2))
    service.told(admitted("cem"))
    service.settle()
    service.do(waitlist_commands.WaitForSession(session_on(GROUP, 9), named("cem")))
    closes(service)
    (wait,) = service.ask("waits", participant_id=named("cem"))["waits"]
    assert wait["reason"] == "session_cancelled"


@pytest.mark.parametrize("last", [date(2026, 3, 8), date(2028, 3, 8)])
def test_a_closure_of_no_days_or_too_many_is_refused(service: Service, last: date) -> None:
    with pytest.raises(errors.ClosureMalformed):
        closes(service, HOLIDAY, last)


def test_closures_are_listed_with_what_became_of_their_sessions(service: Service) -> None:
    closure = closes(service, track=TRACK)
    opens_again(service, closes(service, date(2026, 12, 24), date(2027, 1, 1)))
    service.settle()
    asked = {"from_date": None, "through": None, "track_id": TRACK}
    (first, second) = service.ask("closures", **asked)["closures"]
    assert (first["closure_id"], first["sessions_found"], first["sessions_cancelled"]) == (closure["closure_id"], 2, 2)
    assert (second["from_date"], second["through"], second["reopened"]) == ("2026-12-24", "2027-01-01", True)
    assert service.ask("closures", **asked | {"from_date": date(2026, 4, 1)})["closures"] == [second]
    with pytest.raises(errors.AlreadyClosed):
        service.do(cl.CloseDays(UUID(str(first["closure_id"])), None, HOLIDAY, HOLIDAY, "again"))
    for projection in service.definition.projections:
        result = rebuild(service.database, service.log, projection())
        assert result.identical, (projection.name, result.difference)
