"""Scheduling on a real log: what it answers, what it tells, and that no order of arrival changes what stands."""

import itertools
import tempfile
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scheduling_service import Service, Told
from scheduling_tellings import (
    TRACK_OPENED,
    admitted,
    book_weeks,
    discharged,
    held,
    merged,
    opened,
    resumed,
    review_opened,
    review_rescheduled,
    review_withdrawn,
    suspended,
    suspension_cancelled,
    timetable,
    transferred,
)
from scheduling_world import MONDAY, TRACK, ZONE, day, named, session_on

from events.follow.rebuild import rebuild
from events.log.errors import CommandIdReused, NotFound
from services.scheduling.domain import commands as c
from services.scheduling.domain import errors


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    if request.param == "sqlite":
        made = opened(tmp_path)
    else:
        made = Service(request.getfixturevalue("postgres_url"), f"sqlite:///{tmp_path}/keys.db")
    yield made
    made.close()


def test_views_answer_what_was_decided(service: Service) -> None:
    group, _ = timetable(service)
    service.told(TRACK_OPENED, admitted("ann"), admitted("ben"))
    service.settle()
    book_weeks(service, group)
    answer = service.do(c.BookSession(session_on(group, 9), named("ben")))
    service.do(c.CancelBooking(session_on(group, 9), UUID(str(answer.body["booking_id"]))))
    service.do(c.CancelSession(session_on(group, 23), "facilitator_ill"))
    service.settle()
    span = {"from_date": MONDAY, "through": MONDAY + timedelta(days=27)}
    of_track = {"track_id": TRACK, "series_id": group, "component": None, "below_minimum": False}
    sessions = service.ask("sessions", **span, **of_track)["sessions"]
    assert [(s["local_date"], s["seats_taken"], s["cancelled"]) for s in sessions] == [
        ("2026-03-02", 1, False),
        ("2026-03-09", 1, False),
        ("2026-03-16", 1, False),
        ("2026-03-23", 0, True),
    ]
    roster = service.ask("roster", session_id=session_on(group, 9))["roster"]
    assert sorted((entry["participant_id"], entry["state"], entry["reason"]) for entry in roster) == sorted(
        [(str(named("ann")), "booked", None), (str(named("ben")), "cancelled", "participant")]
    )
    assert held(service, "ann") == [("group_therapy", f"2026-03-{n:02}") for n in (2, 9, 16)]
    (led,) = service.ask("facilitators_day", facilitator_id=named("t"), date=date(2026, 3, 9))["sessions"]
    assert (led["session_id"], led["room"]) == (str(session_on(group, 9)), "A1")
    in_room = service.ask("rooms_day", code="a1", date=date(2026, 3, 23))["sessions"]
    assert [(s["component"], s["cancelled"]) for s in in_room] == [
        ("medication_management", False),
        ("group_therapy", True),
    ]
    assert [room["code"] for room in service.ask("rooms")["rooms"]] == ["A1"]
    (planned, _) = service.ask("series", track_id=TRACK)["series"]
    assert (planned["title"], planned["scheduled_through"]) == ("clinic", "2026-03-29")
    with pytest.raises(NotFound):
        service.ask("roster", session_id=uuid4())


def test_answers_as_of_a_position_are_those_given_then(service: Service) -> None:
    group, _ = timetable(service)
    service.told(admitted("ann"))
    service.settle()
    book_weeks(service, group)
    service.settle()
    question: dict[str, Any] = {"participant_id": named("ann"), "from_date": None, "through": None}
    then = service.ask("bookings", **question)
    service.told(suspended("ann", day(8)))
    service.settle()
    assert len(held(service, "ann")) == 1
    assert service.ask("bookings", as_of=then["position"], **question) == then


def change_a_session(service: Service, session: UUID) -> None:
    """Moves it to the day after, has u lead it, and puts it online with a topic."""
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    service.do(c.MoveSession(session, date(2026, 3, 10), time(17), minutes=60))
    service.do(c.SubstituteFacilitator(session, named("t"), named("u")))
    service.do(c.AlterSession(session, modality="telehealth", topic="Sleep", seats=5))


def test_views_and_feed_follow_a_changed_session(service: Service) -> None:
    group, _ = timetable(service)
    service.told(TRACK_OPENED, admitted("ann"))
    service.settle()
    book_weeks(service, group)
    changed = session_on(group, 9)
    change_a_session(service, changed)
    service.settle()
    session = service.ask("roster", session_id=changed)["session"]
    at = {"local_date": "2026-03-10", "starts_at": "2026-03-10T21:00:00Z", "ends_at": "2026-03-10T22:00:00Z"}
    facts = at | {"modality": "telehealth", "room": None}
    assert session.items() >= (facts | {"topic": "Sleep", "seats": 5, "sequence": 3}).items()
    answer = service.ask("bookings", participant_id=named("ann"), from_date=None, through=None)
    (booking,) = [booking for booking in answer["bookings"] if booking["session_id"] == str(changed)]
    assert booking.items() >= (facts | {"state": "booked"}).items()
    tuesday = date(2026, 3, 10)
    (led,) = service.ask("facilitators_day", facilitator_id=named("u"), date=tuesday)["sessions"]
    assert led.items() >= (at | {"session_id": str(changed), "room": None}).items()
    assert service.ask("facilitators_day", facilitator_id=named("t"), date=date(2026, 3, 9))["sessions"] == []
    assert service.ask("rooms_day", code="A1", date=tuesday)["sessions"] == []
    told = [event for event in service.feed() if event["data"].get("sequence")]
    of_session = [event for event in told if event["subject"] == str(changed)]
    assert [event["type"] for event in of_session] == [
        "scheduling.session_moved.v1",
        "scheduling.session_changed.v1",
        "scheduling.session_changed.v1",
    ]
    moved, substituted, altered = (event["data"] for event in of_session)
    assert moved == at | {"session_id": str(changed), "sequence": 1}
    assert (substituted["facilitators"], "room" in substituted) == ([str(named("u"))], False)
    assert (altered["without_room"], altered["seats"], altered["topic"]) == (True, 5, "Sleep")
    of_ann = [event for event in told if event["type"] == "scheduling.booking_changed.v1"]
    assert [(event["subject"], event["data"]["sequence"]) for event in of_ann] == [
        (str(named("ann")), 1),
        (str(named("ann")), 3),
    ]
    assert of_ann[-1]["data"].items() >= (facts | {"booking_id": booking["booking_id"]}).items()


@pytest.mark.rule("fewest_who_hold_a_session")
def test_sessions_for_which_too_few_have_a_seat_are_named(service: Service) -> None:
    """Domain.md: series with minimum and maximum seats."""
    timetable(service)
    service.told(TRACK_OPENED, admitted("ann"))
    facts = {"track_id": TRACK, "component": "psychoeducation", "title": "class", "rule": "FREQ=WEEKLY"}
    when = {"first_date": MONDAY, "starts_at": time(14), "minutes": 60, "time_zone": ZONE}
    how = {"seats_min": 2, "seats": 4, "facilitators": (named("t"),), "room": None, "modality": "telehealth"}
    service.do(c.PlanSeries(series_id=named("class"), **facts, **when, **how))
    service.do(c.ScheduleSessions(named("class"), MONDAY + timedelta(days=20)))
    service.told(admitted("ben"))
    service.settle()
    for n, names in ((2, ["ann", "ben"]), (9, ["ann"])):
        for name in names:
            service.do(c.BookSession(session_on(named("class"), n), named(name)))
    service.do(c.CancelSession(session_on(named("class"), 16), "facilitator_ill"))
    service.settle()
    asked = {"from_date": None, "through": None, "track_id": TRACK, "series_id": named("class"), "component": None}
    few = service.ask("sessions", **asked, below_minimum=True)["sessions"]
    assert [(one["local_date"], one["seats_min"], one["seats_taken"]) for one in few] == [("2026-03-09", 2, 1)]


def test_views_and_feed_follow_a_changed_series(service: Service) -> None:
    group, _ = timetable(service)
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    leaders = (named("t"), named("u"))
    service.do(c.ChangeSeries(group, date(2026, 3, 16), starts_at=time(19), facilitators=leaders))
    service.settle()
    planned = {row["series_id"]: row for row in service.ask("series", track_id=TRACK)["series"]}[str(group)]
    assert (planned["local_start"], planned["changed_from"]) == ("19:00:00", "2026-03-16")
    assert planned["facilitators"] == [str(one) for one in leaders]
    for monday, led in ((9, [1, 0]), (16, [1, 1])):
        days = [service.ask("facilitators_day", facilitator_id=one, date=date(2026, 3, monday)) for one in leaders]
        assert [len(one["sessions"]) for one in days] == led
    told = [event["type"] for event in service.feed() if event["subject"] == str(session_on(group, 16))]
    assert told == [f"scheduling.session_{what}.v1" for what in ("scheduled", "moved", "changed")]


def test_every_projection_is_rebuilt_to_the_same_rows(service: Service) -> None:
    group, _ = timetable(service)
    service.told(admitted("ann"), admitted("anna"), review_opened("ann", day(20)), merged("ann", "ann", "anna"))
    service.settle()
    book_weeks(service, group)
    change_a_session(service, session_on(group, 9))
    service.do(c.ChangeSeries(group, date(2026, 3, 16), starts_at=time(19), facilitators=(named("t"), named("u"))))
    service.told(suspended("ann", day(8)), suspension_cancelled("ann", day(8, 15)), discharged("anna", day(9)))
    service.settle()
    for projection in service.definition.projections:
        result = rebuild(service.database, service.log, projection())
        assert result.identical, (projection.name, result.difference)


def test_an_urgent_cause_that_joins_an_open_review_pulls_in_an_earlier_session(service: Service) -> None:
    timetable(service, seats=1)
    service.told(admitted("ben"), review_opened("ben", day(3)), admitted("ann"), review_opened("ann", day(20)))
    service.settle()
    assert held(service, "ann") == [("medication_management", "2026-03-09")]
    service.told(review_withdrawn("ben"), review_rescheduled("ann", day(3)))
    service.settle()
    assert held(service, "ann") == [("medication_management", "2026-03-02")]


def test_what_is_told_fits_the_contract_and_is_keyed_by_whom_it_concerns(service: Service) -> None:
    group, clinic = timetable(service)
    service.told(admitted("ann"), review_opened("ann", day(20)), admitted("ben"), review_opened("ben", day(1, 18)))
    service.settle()
    service.do(c.BookSession(session_on(group, 9), named("ann")))
    service.do(c.CancelSession(session_on(group, 9), "facilitator_ill"))
    service.settle()
    told = service.feed()
    kinds = {event["type"] for event in told}
    assert kinds == {
        "scheduling.session_scheduled.v1",
        "scheduling.session_cancelled.v1",
        "scheduling.booking_made.v1",
        "scheduling.booking_cancelled.v1",
        "scheduling.prescriber_requested.v1",
    }
    of_ann = [event for event in told if event["subject"] == str(named("ann"))]
    assert [(event["type"], event["data"]["session_id"]) for event in of_ann] == [
        ("scheduling.booking_made.v1", str(session_on(clinic, 2))),
        ("scheduling.booking_made.v1", str(session_on(group, 9))),
        ("scheduling.booking_cancelled.v1", str(session_on(group, 9))),
    ]
    made, cancelled = of_ann[1]["data"], of_ann[2]["data"]
    assert (made["starts_at"], made["local_date"], made["room"]) == ("2026-03-09T22:00:00Z", "2026-03-09", "A1")
    assert made["episode_id"] == str(named("ann's episode"))
    assert (cancelled["booking_id"], cancelled["reason"]) == (made["booking_id"], "cancelled_by_program")
    (asked,) = [event for event in told if event["type"] == "scheduling.prescriber_requested.v1"]
    assert asked["data"]["review_id"] == str(named("ben's review"))


def test_a_hospitalization_and_its_cancellation_reach_the_calendar(service: Service) -> None:
    group, _ = timetable(service, seats=1)
    service.told(admitted("ann"), admitted("ben"))
    service.settle()
    book_weeks(service, group)
    service.told(suspended("ann", day(8)))
    service.settle()
    service.do(c.BookSession(session_on(group, 16), named("ben")))
    service.told(suspension_cancelled("ann", day(8, 15)))
    service.settle()
    assert held(service, "ann") == [("group_therapy", f"2026-03-{n:02}") for n in (2, 9, 23)]
    (request,) = service.ask("coordinator_requests", state="open")["requests"]
    assert (request["about"], request["why"], request["session_id"]) == (
        "rebook",
        "SessionIsFull",
        str(session_on(group, 16)),
    )
    ben = service.ask("roster", session_id=session_on(group, 16))["roster"]
    booking = next(UUID(entry["booking_id"]) for entry in ben if entry["participant_id"] == str(named("ben")))
    service.do(c.CancelBooking(session_on(group, 16), booking))
    service.do(c.BookSession(session_on(group, 16), named("ann")))
    service.settle()
    assert service.ask("coordinator_requests", state="open")["requests"] == []


def test_what_a_coordinator_is_asked_ends_with_what_is_done_about_it(service: Service) -> None:
    group, _ = timetable(service, seats=1)
    service.told(admitted("ann"), admitted("ben"))
    service.settle()
    book_weeks(service, group)
    service.told(suspended("ann", day(8)))
    service.settle()
    for n in (9, 16, 23):
        service.do(c.BookSession(session_on(group, n), named("ben")))
    service.told(suspension_cancelled("ann", day(8, 15)))
    service.settle()
    asked = service.ask("coordinator_requests", state="open")["requests"]
    assert [request["session_id"] for request in asked] == [str(session_on(group, n)) for n in (9, 16, 23)]
    service.do(c.SettleLoss(named("ann's episode"), UUID(asked[0]["subject_id"]), "made_up"))
    service.told(discharged("ann", day(20)))
    service.settle()
    (left,) = service.ask("coordinator_requests", state="open")["requests"]
    assert left == asked[1]
    assert len(service.ask("coordinator_requests", state="closed")["requests"]) == 2


def test_views_follow_merges_under_every_id(service: Service) -> None:
    group, _ = timetable(service)
    service.told(admitted("ann"), admitted("anna"))
    service.settle()
    service.do(c.BookSession(session_on(group, 2), named("anna")))
    service.told(merged("ann", "ann", "anna"), merged("anna", "ann", "anna"))
    service.settle()
    service.do(c.BookSession(session_on(group, 9), named("anna"), named("ann's episode")))
    service.settle()
    for name in ("ann", "anna"):
        assert held(service, name) == [("group_therapy", "2026-03-02"), ("group_therapy", "2026-03-09")]
    (entry,) = service.ask("roster", session_id=session_on(group, 2))["roster"]
    assert entry["participant_id"] == str(named("ann"))


def test_a_command_sent_again_has_the_first_answer(service: Service) -> None:
    group, _ = timetable(service)
    service.told(admitted("ann"))
    service.settle()
    command, command_id = c.BookSession(session_on(group, 2), named("ann")), uuid4()
    first = service.do(command, command_id=command_id)
    again = service.do(command, command_id=command_id)
    assert again.repeated and again.body["booking_id"] == str(first.body["booking_id"])
    with pytest.raises(CommandIdReused):
        service.do(c.BookSession(session_on(group, 9), named("ann")), command_id=command_id)
    with pytest.raises(errors.ParticipantAlreadyBooked):
        service.do(command)


def test_no_file_holds_a_facilitators_label_in_plain_text(service: Service, tmp_path: Path) -> None:
    timetable(service)
    service.settle()
    labels = {row["label"] for row in service.ask("facilitators")["facilitators"]}
    assert labels == {"Theodora Quill", "Percival Inkwell"}
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Quill" not in content and b"Inkwell" not in content
    service.vault.destroy(str(named("t")))
    labels = {row["label"] for row in service.ask("facilitators")["facilitators"]}
    assert labels == {"[erased]", "Percival Inkwell"}


STREAMS: tuple[tuple[Told, ...], ...] = (
    (TRACK_OPENED,),
    (admitted("ann"), suspended("ann", day(4)), suspension_cancelled("ann", day(5))),
    (admitted("ben"), suspended("ben", day(1, 13)), resumed("ben", day(8))),
    (admitted("cem"), discharged("cem", day(8))),
    (admitted("dan"),),
    (admitted("eve"), transferred("eve", day(1, 13), named("a track without a clinic"))),
    (review_opened("ann", day(20)), review_rescheduled("ann", day(5))),
    (review_opened("ben", day(20)),),
    (review_opened("cem", day(20)),),
    (review_opened("dan", day(20)), review_withdrawn("dan")),
    (review_opened("eve", day(20)),),
    (merged("dan", "dan", "dana"),),
    (merged("dana", "dan", "dana"),),
)
"""What several sources tell under several keys. Within one stream the order is promised, between them it is not."""


def standing(order: list[int], cuts: set[int], again: int) -> dict[str, object]:
    """What stands in the end when the streams' events arrive in this order, in these batches, some of them twice."""
    with tempfile.TemporaryDirectory() as folder:
        service = opened(Path(folder))
        timetable(service, seats=9)
        streams = [iter(stream) for stream in STREAMS]
        received = []
        for place, stream in enumerate(order):
            received += service.told(next(streams[stream]))
            if place in cuts:
                service.settle()
            if place == again:
                service.received(received)
        service.settle()
        found = {
            "held": {name: held(service, name) for name in ("ann", "ben", "cem", "dan", "dana", "eve")},
            "asked": [one["episode_id"] for one in service.ask("coordinator_requests", state="open")["requests"]],
        }
        service.close()
    return found


ONE_BY_ONE = list(itertools.chain.from_iterable([n] * len(stream) for n, stream in enumerate(STREAMS)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(ONE_BY_ONE),
    cuts=st.sets(st.integers(0, len(ONE_BY_ONE) - 1)),
    again=st.integers(0, len(ONE_BY_ONE) - 1),
)
def test_in_whatever_order_it_is_told_the_same_stands_in_the_end(order: list[int], cuts: set[int], again: int) -> None:
    assert standing(order, cuts, again) == {
        "held": {
            "ann": [("medication_management", "2026-03-02")],
            "ben": [("medication_management", "2026-03-09")],
            "cem": [("medication_management", "2026-03-02")],
            "dan": [],
            "dana": [],
            "eve": [],
        },
        "asked": [str(named("eve's episode"))],
    }
