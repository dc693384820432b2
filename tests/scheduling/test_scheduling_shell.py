"""The menu: shapes, roles and how refusals are told, through the platform's calls but without a socket."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scheduling_service import Service
from scheduling_world import NOW, TRACK, ZONE, named

from services.platform.calls import Call, Calls, Outcome, Place
from services.platform.metrics import Metrics
from services.platform.openapi import document
from services.platform.parsing import Envelope
from services.platform.problem import ProblemTable
from services.platform.tokens import TokenIssuer, TokenVerifier, new_key
from services.platform.web import routes
from services.scheduling.domain import commands as c
from services.scheduling.domain import told_commands
from services.scheduling.wiring import define

ISSUER = TokenIssuer.from_pem(new_key())

SERIES: dict[str, Any] = {
    "track_id": str(TRACK),
    "component": "group_therapy",
    "title": "Coping skills",
    "rule": "FREQ=WEEKLY;BYDAY=MO",
    "first_date": "2026-03-02",
    "starts_at": "18:00",
    "minutes": 90,
    "time_zone": ZONE,
    "seats": 8,
    "facilitators": [str(named("t"))],
    "modality": "telehealth",
}


class Desk:
    """Calls by name, as HTTP and RPC make them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.shell = service.definition.shell()
        self.shell.application = service.application
        self.routes = {route.name: route for route in routes(service.definition.shell)}
        verifier = TokenVerifier.from_pem(ISSUER.public_pem())
        place = Place("scheduling", lambda: service.log.generation)
        self.calls = Calls(place, verifier, lambda: service.now, ProblemTable(service.definition.errors), Metrics())

    def call(
        self, name: str, role: str | None = "coordinator", *, if_none_match: str | None = None, **fields: Any
    ) -> Outcome:
        """Without a role no token is sent."""
        self.service.settle()
        token = ISSUER.issue("someone", [role], datetime.now(UTC)) if role else None
        envelope = Envelope(token=token, if_none_match=if_none_match)
        return self.calls.run(Call(self.routes[name], getattr(self.shell, name), lambda: fields, envelope))

    def done(self, name: str, role: str = "coordinator", **fields: Any) -> Mapping[str, Any]:
        outcome = self.call(name, role, **fields)
        body = json.loads(outcome.body)
        assert not outcome.refused, body
        assert isinstance(body, dict)
        return body


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "log").mkdir()
    service = Service(f"sqlite:///{tmp_path}/log/scheduling.db", f"sqlite:///{tmp_path}/keys.db")
    service.do(c.RegisterFacilitator(named("t"), "T.", ("therapist",)))
    service.do(told_commands.OpenPlacement(named("ann"), named("ann's episode"), TRACK, NOW))
    yield Desk(service)
    service.close()


def test_from_a_plan_to_a_roster_and_back(desk: Desk) -> None:
    desk.done("open_room", code="B-2", seats=6)
    desk.done("register_facilitator", label="P.", qualifications=["peer"])
    series = desk.done("plan_series", **SERIES)["series_id"]
    scheduled = desk.done("schedule_sessions", series_id=series, through="2026-03-16")["scheduled"]
    first = scheduled[0]["session_id"]
    assert [entry["local_date"] for entry in scheduled] == ["2026-03-02", "2026-03-09", "2026-03-16"]
    booking = desk.done("book_session", "front_desk", session_id=first, participant_id=str(named("ann")))["booking_id"]
    more = {"series_id": series, "participant_id": str(named("ann")), "from": "2026-03-01", "through": "2026-03-31"}
    answer = desk.done("book_series", **more)
    assert ([e["code"] for e in answer["refused"]], len(answer["booked"])) == (["ParticipantAlreadyBooked"], 2)
    roster = desk.done("roster", "therapist", session_id=first)["roster"]
    assert [(entry["booking_id"], entry["state"]) for entry in roster] == [(booking, "booked")]
    between = desk.done("sessions", **{"from": "2026-03-02", "through": "2026-03-09"})["sessions"]
    assert [session["seats_taken"] for session in between] == [1, 1]
    desk.done("cancel_booking", session_id=first, booking_id=booking)
    desk.done("cancel_session", session_id=scheduled[1]["session_id"], reason="holiday")
    mine = desk.done("bookings", participant_id=str(named("ann")))["bookings"]
    assert [(b["local_date"], b["state"], b["reason"]) for b in mine] == [
        ("2026-03-02", "cancelled", "participant"),
        ("2026-03-09", "cancelled", "cancelled_by_program"),
        ("2026-03-16", "booked", None),
    ]
    day = desk.done("facilitators_day", facilitator_id=str(named("t")), date="2026-03-16")["sessions"]
    assert [session["cancelled"] for session in day] == [False]
    desk.done("change_qualifications", facilitator_id=str(named("t")), qualifications=["peer"])
    assert len(desk.done("facilitators")["facilitators"]) == 2
    assert desk.done("rooms_day", code="B-2", date="2026-03-16")["sessions"] == []
    assert [room["code"] for room in desk.done("rooms")["rooms"]] == ["B-2"]
    assert len(desk.done("series")["series"]) == 1
    asked = desk.done("coordinator_requests")["requests"]
    assert [one["session_id"] for one in asked] == [first, scheduled[2]["session_id"]], "t is no therapist any more"


def test_refusals_are_told_by_the_broken_rules_name(desk: Desk) -> None:
    series = desk.done("plan_series", **SERIES | {"seats": 1})["series_id"]
    (first, *_) = desk.done("schedule_sessions", series_id=series, through="2026-03-16")["scheduled"]
    session = first["session_id"]
    desk.service.do(told_commands.OpenPlacement(named("ben"), named("ben's episode"), TRACK, NOW))
    desk.done("book_session", session_id=session, participant_id=str(named("ben")))
    told = [
        desk.call("book_session", session_id=session, participant_id=str(named("ann"))),
        desk.call("book_session", session_id=session, participant_id=str(named("stranger"))),
        desk.call("book_session", session_id=str(named("no session")), participant_id=str(named("ann"))),
        desk.call("cancel_booking", session_id=session, booking_id=str(named("no booking"))),
        desk.call("settle_loss", booking_id=str(named("x")), episode_id=str(named("ann's episode")), outcome="made_up"),
        desk.call("plan_series", **SERIES | {"rule": "whenever"}),
        desk.call("plan_series", **SERIES | {"component": "yoga"}),
        desk.call("cancel_session", session_id=session, reason="Mr. Smith is ill"),
    ]
    assert [(outcome.status, json.loads(outcome.body)["code"]) for outcome in told] == [
        (409, "SessionIsFull"),
        (409, "ParticipantNotPlaceable"),
        (404, "not_found"),
        (404, "BookingUnknown"),
        (404, "LossUnknown"),
        (422, "InvalidRecurrenceRule"),
        (422, "invalid"),
        (422, "invalid"),
    ]
    assert all(json.loads(outcome.body)["detail"] for outcome in told)


def test_one_session_is_moved_substituted_and_changed(desk: Desk) -> None:
    desk.service.do(c.RegisterFacilitator(named("u"), "U.", ("therapist",)))
    series = desk.done("plan_series", **SERIES)["series_id"]
    first = desk.done("schedule_sessions", series_id=series, through="2026-03-02")["scheduled"][0]["session_id"]
    to = {"session_id": first, "local_date": "2026-03-03", "starts_at": "18:00"}
    assert desk.done("move_session", "front_desk", **to)["starts_at"] == "2026-03-03T23:00:00Z"
    leaders = {"leaving": str(named("t")), "coming": str(named("u"))}
    assert desk.done("substitute_facilitator", session_id=first, **leaders)["facilitators"] == [str(named("u"))]
    assert desk.done("alter_session", session_id=first, topic="Sleep")["sequence"] == 3
    desk.done("change_qualifications", facilitator_id=str(named("u")), qualifications=["peer"])
    (asked,) = desk.done("coordinator_requests")["requests"]
    assert (asked["about"], asked["subject_id"], asked["facilitator_id"]) == ("find_substitute", first, str(named("u")))
    settled = {"session_id": first, "facilitator_id": str(named("u")), "outcome": "led_with_a_colleague"}
    desk.done("settle_substitute", "front_desk", **settled)
    assert desk.done("coordinator_requests")["requests"] == []


def test_a_series_is_changed_from_a_day_on(desk: Desk) -> None:
    series = desk.done("plan_series", **SERIES)["series_id"]
    desk.done("schedule_sessions", series_id=series, through="2026-03-16")
    changes: dict[str, Any] = {"series_id": series, "from": "2026-03-09", "starts_at": "19:00", "partial": True}
    answer = desk.done("change_series", "front_desk", **changes)
    assert [entry["local_date"] for entry in answer["changed"]] == ["2026-03-09", "2026-03-16"]
    assert desk.call("change_series", series_id=series, seats=0).status == 422
    assert desk.call("change_series", series_id=series, starts_at="7 pm").status == 422


def test_an_override_by_the_front_desk_is_forbidden_and_by_a_coordinator_carried_out(desk: Desk) -> None:
    desk.service.do(c.RegisterFacilitator(named("u"), "U.", ("therapist",)))
    sessions = []
    for leader, day in (("t", "2026-03-02"), ("u", "2026-03-03")):
        plan = SERIES | {"rule": "FREQ=WEEKLY", "first_date": day, "facilitators": [str(named(leader))]}
        series = desk.done("plan_series", **plan)["series_id"]
        answer = desk.done("schedule_sessions", series_id=series, through=day)
        sessions.append(answer["scheduled"][0]["session_id"])
        booking = desk.done("book_session", session_id=sessions[-1], participant_id=str(named("ann")))["booking_id"]
    to = {"session_id": sessions[1], "local_date": "2026-03-02", "starts_at": "18:30"}
    refused = json.loads(desk.call("move_session", **to).body)
    assert (refused["code"], booking in refused["detail"]) == ("ParticipantElsewhere", True)
    outcome = desk.call("move_session", "front_desk", **to, override="both_needed")
    assert (outcome.status, json.loads(outcome.body)["code"]) == (403, "OverrideNotAllowed")
    assert desk.call("move_session", **to, override="she wants both").status == 422
    assert desk.done("move_session", **to, override="both_needed")["overridden"] == [booking]


def test_a_calendar_program_reads_by_address_until_that_is_revoked(desk: Desk) -> None:
    feed = desk.done("open_calendar_feed", "front_desk", participant_id=str(named("ann")), days=30)
    path, _, secret = feed["path"].partition("?feed=")
    assert path == f"/scheduling/participants/{named('ann')}/calendar.ics"
    asked = {"participant_id": str(named("ann")), "feed": secret}
    read = desk.call("participants_calendar", None, **asked)
    assert (read.status, read.media_type) == (200, "text/calendar")
    have_it = desk.call("participants_calendar", None, if_none_match=read.headers["ETag"], **asked)
    assert (have_it.status, have_it.body) == (304, b"")
    (listed,) = desk.done("calendar_feeds", about="participant")["feeds"]
    assert (listed["feed_id"], listed["expires_at"]) == (feed["feed_id"], "2026-03-31T12:00:00Z")
    assert secret[32:] not in json.dumps(listed)
    desk.done("revoke_calendar_feed", feed_id=feed["feed_id"])
    outcome = desk.call("participants_calendar", None, **asked)
    assert (outcome.status, json.loads(outcome.body)["code"], secret.encode() in outcome.body) == (
        404,
        "CalendarNotOpen",
        False,
    )
    assert desk.call("participants_calendar", "therapist", participant_id=str(named("ann"))).status == 200
    assert desk.call("participants_calendar", "integration", participant_id=str(named("ann"))).status == 403


def test_an_address_is_about_one_calendar_that_there_is(desk: Desk) -> None:
    desk.done("open_room", code="B-2", seats=6)
    rooms = desk.done("open_calendar_feed", room="b-2")["path"]
    assert rooms.startswith("/scheduling/rooms/B-2/calendar.ics?feed=")
    assert desk.call("rooms_calendar", None, code="B-2", feed=rooms.partition("=")[2]).status == 200
    leaders = desk.done("open_calendar_feed", facilitator_id=str(named("t")))["path"]
    asked = {"facilitator_id": str(named("t")), "feed": leaders.partition("=")[2]}
    assert desk.call("facilitators_calendar", None, **asked).status == 200
    wrong: list[dict[str, Any]] = [{}, {"room": "B-2", "participant_id": str(named("ann"))}, {"room": "B-2", "days": 0}]
    assert [desk.call("open_calendar_feed", **one).status for one in wrong] == [422] * 3
    assert desk.call("open_calendar_feed", participant_id=str(named("nobody"))).status == 404
    assert desk.call("rooms_calendar", code="B-2", ahead=4000).status == 422


def test_a_curriculum_is_adopted_and_taught(desk: Desk) -> None:
    desk.done("register_facilitator", facilitator_id=str(named("e")), label="E.", qualifications=["psychoeducator"])
    plan = SERIES | {"component": "psychoeducation", "facilitators": [str(named("e"))]}
    series = desk.done("plan_series", **plan)["series_id"]
    first, *_ = desk.done("schedule_sessions", series_id=series, through="2026-03-16")["scheduled"]
    sleep = {"code": "sleep", "title": "Sleep"}
    topics = [sleep, {"code": "relapse", "title": "Relapse prevention", "requires": ["sleep"]}]
    adopted = {"track_id": str(TRACK), "edition": "2026", "topics": topics}
    assert desk.call("plan_topics", series_id=series).status == 409
    assert desk.call("curriculum", track_id=str(TRACK)).status == 404
    assert desk.call("adopt_curriculum", "front_desk", **adopted).status == 403
    assert desk.call("adopt_curriculum", **adopted | {"topics": [sleep, sleep]}).status == 422
    assert desk.call("adopt_curriculum", **adopted | {"topics": [{"code": "No code", "title": ""}]}).status == 422
    assert desk.done("adopt_curriculum", **adopted)["topics"] == 2
    found = desk.done("curriculum", "therapist", track_id=str(TRACK))
    assert (found["edition"], [topic["code"] for topic in found["topics"]]) == ("2026", ["sleep", "relapse"])
    planned = desk.done("plan_topics", "front_desk", series_id=series, **{"from": "2026-03-02", "first": "relapse"})
    assert [entry["topic"] for entry in planned["planned"]] == ["relapse", "sleep", "relapse"]
    assert desk.done("roster", session_id=first["session_id"])["session"]["topic_code"] == "relapse"
    assert desk.call("alter_session", session_id=first["session_id"], topic="x", topic_code="sleep").status == 422


@pytest.mark.parametrize("starts_at", ["18:00+02:00", "18:00Z", "18:00:30", "18:00:00.5", "6 pm"])
def test_a_series_begins_at_a_local_minute(desk: Desk, starts_at: str) -> None:
    outcome = desk.call("plan_series", **SERIES | {"starts_at": starts_at})
    told = json.loads(outcome.body)
    assert (outcome.status, told["code"]) == (422, "invalid")
    assert "starts_at" in json.dumps(told["errors"])


@pytest.mark.parametrize("role", ["therapist", "prescriber", "peer_lead", "auditor", "integration", "operator"])
def test_only_coordinator_and_front_desk_schedule_and_book(desk: Desk, role: str) -> None:
    for name, route in desk.routes.items():
        if route.kind == "command":
            assert desk.call(name, role).status == 403, name


def test_the_front_desk_registers_no_staff_and_no_rooms(desk: Desk) -> None:
    for name in ("register_facilitator", "change_qualifications", "open_room"):
        assert desk.call(name, "front_desk").status == 403


def test_everything_on_the_menu_is_documented() -> None:
    paths = document(define())["paths"]
    assert sum(len(operations) for operations in paths.values()) == len(routes(define().shell))


def test_availability_is_stated_for_participants_facilitators_and_rooms(desk: Desk) -> None:
    desk.done("open_room", code="B-2", seats=6)
    weekly = [{"days": ["TU", "MO"], "starts_at": "08:00", "ends_at": "12:00", "available": True, "reason": "shift"}]
    away = [{"from": "2026-03-09", "through": "2026-03-13"}]
    whose = {
        "participants": {"participant_id": str(named("ann"))},
        "facilitators": {"facilitator_id": str(named("t"))},
        "rooms": {"code": "B-2"},
    }
    for of, who in whose.items():
        desk.done(f"state_{of}_availability", time_zone=ZONE, weekly=weekly, exceptions=away, **who)
        found = desk.done(f"{of}_availability", **who)
        assert [(one["weekdays"], one["available"], one["reason"]) for one in found["windows"]] == [
            ([1, 2], True, "shift"),
            ([], False, None),
        ]
        refused = desk.call(f"state_{of}_availability", time_zone="Mars/Olympus", **who)
        assert refused.refused
        assert desk.call(f"state_{of}_availability", time_zone=ZONE, weekly=[{"days": ["MON"]}], **who).refused
