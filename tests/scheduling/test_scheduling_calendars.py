"""Calendars for calendar programs: what they say, to whom, and that strict and everyday readers understand them."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import vobject
from scheduling_service import Service
from scheduling_tellings import (
    admitted,
    book_weeks,
    merged,
    opened,
    suspended,
    suspension_cancelled,
    timetable,
    unmerged,
)
from scheduling_world import NOW, ZONE, day, named, session_on
from strict_icalendar import NotStrict, read

from events.contract.fields import COMPONENTS
from services.platform.web import Query, Raw
from services.scheduling.calendars import NEUTRAL_WORDS
from services.scheduling.domain import commands as c
from services.scheduling.domain.calendar_commands import OpenCalendarFeed, RevokeCalendarFeed
from services.scheduling.domain.calendar_feed import LONGEST_LIFE
from services.scheduling.domain.errors import CalendarNotOpen
from services.scheduling.domain.identity import room_id
from services.scheduling.icalendars import Entry, written

Events = dict[str, dict[str, str]]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Ann has a seat in each of the group's four Mondays at 18:00 New York time; the clocks change on 8 March."""
    made = opened(tmp_path)
    group, _ = timetable(made)
    made.told(admitted("ann"), admitted("ben"))
    made.settle()
    book_weeks(made, group)
    made.settle()
    yield made
    made.close()


GROUP = named("group")


def calendar(service: Service, whose: str = "participants", capability: str | None = None, **params: Any) -> Raw:
    """Of ann, of t, or of room A1."""
    service.settle()
    subject: dict[str, Any] = {
        "participants": {"participant_id": named("ann")},
        "facilitators": {"facilitator_id": named("t")},
        "rooms": {"code": "A1"},
    }[whose]
    asked = Query({"back": 30, "ahead": 180, **subject, **params}, capability=capability)
    found = getattr(service.application.calendars, whose)(asked)
    assert isinstance(found, Raw)
    return found


def events(service: Service, whose: str = "participants", **params: Any) -> Events:
    """By session, as the strict reader finds them."""
    whole = read(calendar(service, whose, **params).body)
    return {event.values["UID"]: event.values for event in whole.inside}


def on(n: int) -> str:
    return str(session_on(GROUP, n))


def opened_feed(service: Service, about: str = "participant", whose: UUID | None = None, days: int = 30) -> str:
    """The secret of a new address."""
    answer = service.do(OpenCalendarFeed(about, whose or named("ann"), days))
    return service.application.calendars.secret(UUID(str(answer.body["feed_id"])))


# what they say


def test_a_calendar_program_reads_local_times_across_the_change_of_clocks(service: Service) -> None:
    service.do(c.MoveSession(session_on(GROUP, 16), date(2026, 3, 17), time(9), minutes=30))
    service.do(c.CancelSession(session_on(GROUP, 23), "holiday"))
    read_by_client = vobject.readOne(calendar(service).body.decode())
    found = {
        event.uid.value: (event.dtstart.value.astimezone(ZoneInfo(ZONE)), event.dtend.value, event.status.value)
        for event in read_by_client.vevent_list
    }
    assert {uid: (f"{starts_at:%d %H:%M %z}", status) for uid, (starts_at, _, status) in found.items()} == {
        on(2): ("02 18:00 -0500", "CONFIRMED"),
        on(9): ("09 18:00 -0400", "CONFIRMED"),
        on(16): ("17 09:00 -0400", "CONFIRMED"),
        on(23): ("23 18:00 -0400", "CANCELLED"),
    }
    starts_at, ends_at, _ = found[on(16)]
    assert ends_at - starts_at == timedelta(minutes=30)


@pytest.mark.rule("one_event_per_session")
def test_a_moved_session_keeps_its_uid_and_has_a_higher_sequence(service: Service) -> None:
    """RFC 5545 §3.8.4.7 (UID), §3.8.7.4 (SEQUENCE)."""
    before = events(service)[on(9)]
    service.now += timedelta(hours=1)
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 10), time(17)))
    for whose in ("participants", "facilitators", "rooms"):
        after = events(service, whose)[on(9)]
        assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
        assert (after["DTSTART"], after["STATUS"]) == ("20260310T210000Z", "CONFIRMED")
        assert (after["DTSTAMP"], after["LAST-MODIFIED"]) == ("20260301T130000Z", "20260301T130000Z")


@pytest.mark.rule("cancelled_stays_in_calendars")
def test_a_cancelled_session_stays_as_cancelled_and_takes_no_time(service: Service) -> None:
    """RFC 5545 §3.8.1.11 (STATUS), §3.8.2.7 (TRANSP)."""
    before = events(service)[on(9)]
    service.do(c.CancelSession(session_on(GROUP, 9), "facilitator_ill"))
    for whose in ("participants", "facilitators", "rooms"):
        after = events(service, whose)[on(9)]
        assert (after["STATUS"], after["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
        assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


@pytest.mark.rule("one_event_per_session")
def test_a_session_booked_again_is_one_event_whose_sequence_only_grows(service: Service) -> None:
    """RFC 5545 §3.8.4.7 (UID), §3.8.7.4 (SEQUENCE)."""
    (booked,) = service.ask("roster", session_id=session_on(GROUP, 9))["roster"]
    told = [events(service)[on(9)]]
    service.do(c.CancelBooking(session_on(GROUP, 9), UUID(booked["booking_id"])))
    told.append(events(service)[on(9)])
    service.do(c.BookSession(session_on(GROUP, 9), named("ann")))
    told.append(events(service)[on(9)])
    assert [one["STATUS"] for one in told] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [int(one["SEQUENCE"]) for one in told] == [0, 1, 2]
    assert len(events(service)) == 4


def test_what_a_suspension_freed_and_its_cancellation_gave_back_stands_again(service: Service) -> None:
    service.told(suspended("ann", day(8)))
    assert [event["STATUS"] for event in events(service).values()] == ["CONFIRMED"] + ["CANCELLED"] * 3
    service.told(suspension_cancelled("ann", day(8, 15)))
    assert [event["STATUS"] for event in events(service).values()] == ["CONFIRMED"] * 4


def test_who_is_substituted_reads_that_it_is_cancelled_and_the_substitute_that_it_is_on(service: Service) -> None:
    service.do(c.RegisterFacilitator(named("u"), "Una Vellum", ("therapist",)))
    service.do(c.SubstituteFacilitator(session_on(GROUP, 9), named("t"), named("u")))
    assert events(service, "facilitators")[on(9)]["STATUS"] == "CANCELLED"
    (coming,) = events(service, "facilitators", facilitator_id=named("u")).values()
    assert (coming["UID"], coming["STATUS"], coming["SEQUENCE"]) == (on(9), "CONFIRMED", "1")
    service.do(c.SubstituteFacilitator(session_on(GROUP, 9), named("u"), named("t")))
    assert events(service, "facilitators")[on(9)]["STATUS"] == "CONFIRMED"


def test_a_session_in_another_room_leaves_the_calendar_of_the_one_before(service: Service) -> None:
    service.do(c.OpenRoom("B-2", 12, "in_person"))
    service.do(c.AlterSession(session_on(GROUP, 9), room="B-2", topic="Sleep"))
    assert events(service, "rooms")[on(9)]["STATUS"] == "CANCELLED"
    (event,) = events(service, "rooms", code="b-2").values()
    assert (event["STATUS"], event["LOCATION"], event["DESCRIPTION"]) == ("CONFIRMED", "B-2", "Sleep")
    service.do(c.AlterSession(session_on(GROUP, 9), modality="telehealth"))
    assert events(service, "rooms", code="b-2")[on(9)]["STATUS"] == "CANCELLED"
    assert events(service)[on(9)]["LOCATION"] == "Online"


def test_two_ids_of_one_person_have_one_calendar_until_they_are_told_apart(service: Service) -> None:
    service.told(admitted("anna"), merged("ann", "ann", "anna"))
    service.settle()
    assert calendar(service, participant_id=named("anna")).body == calendar(service).body
    service.told(unmerged("ann", "ann", "anna"))
    assert events(service, participant_id=named("anna")) == {}
    assert len(events(service)) == 4


@pytest.mark.parametrize(
    ("span", "expected"),
    [({"back": 0, "ahead": 0}, []), ({"ahead": 1}, [2]), ({"ahead": 8}, [2, 9]), ({"ahead": 400}, [2, 9, 16, 23])],
)
def test_a_calendar_reaches_so_many_days_back_and_ahead(
    service: Service, span: dict[str, int], expected: list[int]
) -> None:
    assert list(events(service, **span)) == [on(n) for n in expected]
    service.now += timedelta(days=20)
    assert list(events(service, back=12, ahead=0)) == [on(9), on(16)]


# privacy


@pytest.mark.rule("calendars_say_no_treatment")
def test_a_participants_calendar_says_when_and_where_and_nothing_of_treatment_or_of_others(service: Service) -> None:
    """42 CFR 2.13(a), (c): nobody is identified as a patient; 45 CFR 164.502(b): the minimum necessary."""
    service.do(c.BookSession(session_on(GROUP, 9), named("ben")))
    service.do(c.AlterSession(session_on(GROUP, 9), topic="Relapse"))
    text = calendar(service).body.decode().lower()
    assert [word for word in ("therapy", "relapse", "clinic", "medic", str(named("ben"))) if word in text] == []
    assert [str(named(name)) in text for name in ("ann", "ann's episode", "t")] == [False] * 3
    assert {event["SUMMARY"] for event in events(service).values()} == {NEUTRAL_WORDS["group_therapy"]}


def test_calendars_of_staff_and_rooms_name_no_participant(service: Service) -> None:
    for whose in ("facilitators", "rooms"):
        text = calendar(service, whose).body.decode()
        assert "SUMMARY:group" in text
        assert [name for name in ("ann", "ben", "ann's episode", "ben's episode") if str(named(name)) in text] == []


def test_every_component_has_a_neutral_word() -> None:
    assert set(NEUTRAL_WORDS) == set(COMPONENTS)


# who may read them


@pytest.mark.rule("address_opens_one_calendar")
def test_an_address_opens_its_own_calendar_and_no_other(service: Service) -> None:
    """42 CFR 2.13(a), (c): nobody is identified as a patient; 45 CFR 164.502(b): the minimum necessary."""
    secret = opened_feed(service)
    assert read(calendar(service, capability=secret).body).inside
    for whose, params in (
        ("participants", {"participant_id": named("ben")}),
        ("facilitators", {"facilitator_id": named("ann")}),
        ("rooms", {}),
    ):
        with pytest.raises(CalendarNotOpen):
            calendar(service, whose, capability=secret, **params)


@pytest.mark.parametrize(("about", "whose"), [("facilitator", named("t")), ("room", room_id("A1"))])
def test_facilitators_and_rooms_have_addresses_too(service: Service, about: str, whose: UUID) -> None:
    assert read(calendar(service, f"{about}s", capability=opened_feed(service, about, whose)).body).inside


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        lambda secret: secret[:32],
        lambda secret: uuid4().hex + secret[32:],
        lambda secret: "ö" + secret[1:],
        lambda secret: "",
    ],
)
def test_a_guessed_address_opens_nothing(service: Service, spoil: Any) -> None:
    secret = opened_feed(service)
    with pytest.raises(CalendarNotOpen):
        calendar(service, capability=spoil(secret))


def test_an_address_that_was_never_opened_opens_nothing_even_with_its_right_secret(service: Service) -> None:
    with pytest.raises(CalendarNotOpen):
        calendar(service, capability=service.application.calendars.secret(uuid4()))


@pytest.mark.rule("address_opens_one_calendar")
def test_a_revoked_address_opens_nothing(service: Service) -> None:
    """42 CFR 2.13(a), (c): nobody is identified as a patient; 45 CFR 164.502(b): the minimum necessary."""
    secret, other = opened_feed(service), opened_feed(service)
    service.do(RevokeCalendarFeed(UUID(hex=secret[:32])))
    service.do(RevokeCalendarFeed(UUID(hex=secret[:32])))
    with pytest.raises(CalendarNotOpen):
        calendar(service, capability=secret)
    assert calendar(service, capability=other)
    asked = Query({"about": "participant", "whose_id": named("ann")})
    feeds = service.application.calendars.feeds(asked)["feeds"]
    assert sorted(feed["revoked_at"] is None for feed in feeds) == [False, True]


def test_an_address_ends_by_itself(service: Service) -> None:
    secret = opened_feed(service, days=30)
    service.now = NOW + timedelta(days=30) - timedelta(seconds=1)
    assert calendar(service, capability=secret)
    service.now = NOW + timedelta(days=30)
    with pytest.raises(CalendarNotOpen):
        calendar(service, capability=secret)
    service.now = NOW
    longest = service.do(OpenCalendarFeed("participant", named("ann"), 5000)).body["expires_at"]
    assert longest == (NOW + LONGEST_LIFE).isoformat().replace("+00:00", "Z")


def test_the_same_command_has_the_same_address_and_nothing_stored_opens_it(service: Service, tmp_path: Path) -> None:
    asked, command_id = OpenCalendarFeed("participant", named("ann"), 30), uuid4()
    first, again = (service.do(asked, command_id=command_id).body["feed_id"] for _ in range(2))
    assert first == again
    secret = service.application.calendars.secret(UUID(str(first)))
    service.settle()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert UUID(str(first)).bytes in stored or str(first).encode() in stored
    assert secret[32:].encode() not in stored


def test_a_calendar_unchanged_has_the_same_etag_and_a_changed_one_another(service: Service) -> None:
    tags = [calendar(service).headers["ETag"] for _ in range(2)]
    service.do(c.MoveSession(session_on(GROUP, 9), date(2026, 3, 10), time(17)))
    assert tags[0] == tags[1] != calendar(service).headers["ETag"]
    assert calendar(service).headers["Cache-Control"] == "private, no-cache"


# how it is written


def entry(**changes: Any) -> Entry:
    plain: dict[str, Any] = {
        "uid": "u-1", "sequence": 0, "changed_at": NOW, "starts_at": NOW, "ends_at": NOW + timedelta(hours=1),
        "summary": "Group", "location": "A1", "description": None, "cancelled": False,
    }  # fmt: skip
    return Entry(**plain | changes)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 75,
        "ü" * 200,
        "日本語の件名" * 20,
        "commas, semicolons; back\\slashes",
        "two\nlines",
        '"quoted": yes',
        "\\n;,",
    ],
)
def test_any_text_is_folded_and_escaped_so_that_both_readers_find_it_again(text: str) -> None:
    """RFC 5545 §3.1 and §3.3.11."""
    body = written("Sessions", [entry(summary=text, description=text)])
    (event,) = read(body).inside
    assert (event.values["SUMMARY"], event.values["DESCRIPTION"]) == (text, text)
    assert vobject.readOne(body.decode()).vevent.summary.value == text


def test_an_empty_calendar_is_a_calendar() -> None:
    assert read(written("Appointments", [])).values["X-WR-CALNAME"] == "Appointments"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (b"\n", b"\r\n"),
        (b"BEGIN:VEVENT\r\n", b""),
        (b"DTSTAMP:20260301T120000Z", b"DTSTAMP:20260301T120000"),
        (b"UID:u-1\r\n", b""),
        (b"SUMMARY:Group", b"SUMMARY:a;b"),
        (b"SUMMARY:Group", b"SUMMARY:" + b"a" * 80),
        (b"STATUS:CONFIRMED", b"STATUS:MAYBE"),
        (b"SEQUENCE:0", b"SEQUENCE:0\r\nSEQUENCE:1"),
        (b";VALUE=DURATION", b""),
        (b"END:VCALENDAR\r\n", b""),
    ],
)
def test_the_strict_reader_refuses_what_the_grammar_forbids(wrong: bytes, right: bytes) -> None:
    body = written("Sessions", [entry()])
    broken = body.replace(b"\r\n", b"\n") if wrong == b"\n" else body.replace(wrong, right)
    assert broken != body
    with pytest.raises(NotStrict):
        read(broken)
