"""Last seats, one facilitator, one room, one participant: what is there once is given once, over several processes."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import combinations, zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from scheduling_service import Service
from scheduling_world import MONDAY, NOW, TRACK, ZONE, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain import told_commands, waitlist_commands
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.identity import room_id
from tests.conftest import fresh_database
from tests.support.patience import PATIENCE_SECONDS

PROCESSES, EVERYBODY = 4, 200
pytestmark = pytest.mark.processes


class Rush:
    """A program on PostgreSQL, and processes that all want the same of it at the same moment."""

    def __init__(self, url: str) -> None:
        here = Path(__file__).parent
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parents[1]), str(here)])}
        self.service = Service(url, url)
        self.processes = [
            subprocess.Popen(
                [sys.executable, str(here / "scheduling_rush.py"), url, url],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
            )
            for _ in range(PROCESSES)
        ]  # fmt: skip
        self.leaders: list[UUID] = []
        self.people: list[UUID] = []

    def leader(self, number: int) -> UUID:
        """The n-th therapist, registered when first asked for."""
        while len(self.leaders) <= number:
            self.leaders.append(named(f"leader {len(self.leaders)}"))
            self.service.do(c.RegisterFacilitator(self.leaders[-1], "a therapist", ("therapist",)))
        return self.leaders[number]

    def person(self, number: int) -> UUID:
        """The n-th participant, admitted when first asked for."""
        while len(self.people) <= number:
            self.people.append(named(f"person {len(self.people)}"))
            episode = named(f"episode {len(self.people)}")
            self.service.do(told_commands.OpenPlacement(self.people[-1], episode, TRACK, NOW - timedelta(days=1)))
        return self.people[number]

    def series(
        self, name: str, leader: UUID, *, room: str | None = None, seats: int = 12, starts_at: time = time(18)
    ) -> UUID:
        self.service.do(
            c.PlanSeries(
                named(name), TRACK, "psychoeducation", name, "FREQ=WEEKLY", MONDAY, starts_at, 90, ZONE, 1, seats,
                (leader,), room, "in_person" if room else "telehealth",
            )
        )  # fmt: skip
        return named(name)

    def daily(self, name: str, leader: UUID, *, days: int, starts_at: time) -> list[UUID]:
        """Sessions on so many days from the first, save those on which the program is closed."""
        self.service.do(
            c.PlanSeries(
                named(name), TRACK, "psychoeducation", name, "FREQ=DAILY", MONDAY, starts_at, 90, ZONE, 1, 12,
                (leader,), None, "telehealth",
            )
        )  # fmt: skip
        answer = self.service.do(c.ScheduleSessions(named(name), MONDAY + timedelta(days=days - 1)))
        return [one["session_id"] for one in answer.body["scheduled"]]

    def scheduled(self, name: str, leader: UUID, **plan: Any) -> UUID:
        """The one session of the first week."""
        series = self.series(name, leader, **plan)
        self.service.do(c.ScheduleSessions(series, MONDAY))
        return session_on(series, MONDAY.day)

    def outcomes(self, wanted: Sequence[Mapping[str, object]]) -> Counter[str]:
        """All at once, dealt out to the processes."""
        for number, process in enumerate(self.processes):
            _say(process, json.dumps(wanted[number::PROCESSES], default=str))
        for process in self.processes:
            assert _heard(process) == "ready"
        for process in self.processes:
            _say(process, "go")
        return Counter(outcome for process in self.processes for outcome in json.loads(_heard(process)))

    def claims(self) -> dict[tuple[str, str], list[Span]]:
        """Who and what the log has taken when: by what was scheduled and booked, and by the days claimed for it."""
        found: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for event in self.service.log.read(0, 100_000):
            said = event.data
            if event.type == "scheduling.session.scheduled":
                for facilitator in said["facilitators"]:
                    found["facilitator", facilitator].append(_span(said))
                if said["room_id"] is not None:
                    found["room", said["room_id"]].append(_span(said))
            elif event.type == "scheduling.placement.booking_made":
                found["participant", said["participant_id"]].append(_span(said))
            elif event.type in ("scheduling.claimed_day.day_opened", "scheduling.claimed_day.time_claimed"):
                found["claimed day", str(event.stream)].append(_span(said))
        return found

    def close(self) -> None:
        for process in self.processes:
            process.communicate(timeout=PATIENCE_SECONDS)
        self.service.close()


def _say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def _span(said: Mapping[str, Any]) -> Span:
    return Span(datetime.fromisoformat(said["starts_at"]), datetime.fromisoformat(said["ends_at"]))


@pytest.fixture(scope="module")
def rush() -> Iterator[Rush]:
    """One program and one set of processes for all tests here: each asks for people, rooms and times of its own."""
    with fresh_database() as url:
        made = Rush(url)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def nothing_taken_twice(rush: Rush) -> Iterator[None]:
    yield
    for taken, spans in rush.claims().items():
        assert not any(one.overlaps(other) for one, other in combinations(spans, 2)), taken


@pytest.mark.rule("seats_are_never_exceeded")
@pytest.mark.parametrize(("seats", "starts_at"), [(12, time(8)), (60, time(12))])
def test_the_last_seats_of_a_session_go_to_exactly_as_many_as_there_are(
    rush: Rush, seats: int, starts_at: time
) -> None:
    """Domain.md: what other systems lack (Cal.com #6622)."""
    session = rush.scheduled(f"{seats} seats", rush.leader(0), seats=seats, starts_at=starts_at)
    found = rush.outcomes([{"session_id": session, "participant_id": rush.person(n)} for n in range(EVERYBODY)])
    assert found == {"done": seats, "SessionIsFull": EVERYBODY - seats}
    taken = [event for event in rush.service.log.read(0, 100_000) if event.type == "scheduling.session.seat_taken"]
    assert [event.stream for event in taken].count(session) == seats


def test_one_participant_is_booked_in_one_place_at_one_time(rush: Rush) -> None:
    ann = rush.person(EVERYBODY)
    sessions = [rush.scheduled(f"for one {n}", rush.leader(n)) for n in range(EVERYBODY)]
    found = rush.outcomes([{"session_id": session, "participant_id": ann} for session in sessions])
    assert found == {"done": 1, "ParticipantAlreadyBooked": 199}
    assert len(rush.claims()["participant", str(ann)]) == 1


def test_one_facilitator_leads_one_session_at_a_time(rush: Rush) -> None:
    busy = named("busy")
    rush.service.do(c.RegisterFacilitator(busy, "a therapist", ("therapist",)))
    planned = [rush.series(f"led by one {n}", busy) for n in range(EVERYBODY)]
    found = rush.outcomes([{"series_id": series, "through": MONDAY} for series in planned])
    assert found == {"done": 1, "FacilitatorAlreadyBooked": 199}
    assert len(rush.claims()["facilitator", str(busy)]) == 1


def test_one_room_holds_one_session_at_a_time(rush: Rush) -> None:
    rush.service.do(c.OpenRoom("A1", 20, "in_person"))
    planned = [rush.series(f"in one room {n}", rush.leader(n), room="A1", starts_at=time(15)) for n in range(EVERYBODY)]
    found = rush.outcomes([{"series_id": series, "through": MONDAY} for series in planned])
    assert found == {"done": 1, "RoomAlreadyBooked": 199}
    assert len(rush.claims()["room", str(room_id("A1"))]) == 1


def test_seats_given_up_go_to_those_who_wait_in_turn_and_once(rush: Rush) -> None:
    """Forty wait for twelve seats. At one moment all twelve are given up, a hundred others want them, forty-eight more
    begin to wait."""
    session = rush.scheduled("waited for", rush.leader(0), starts_at=time(20))
    held = [rush.service.do(c.BookSession(session, rush.person(n))).body["booking_id"] for n in range(12)]
    for n in range(12, 52):
        rush.service.do(waitlist_commands.WaitForSession(session, rush.person(n)))
    given_up = [{"session_id": session, "booking_id": booking} for booking in held]
    wanted = [{"session_id": session, "participant_id": rush.person(n)} for n in range(52, 152)]
    joining = [{"session_id": session, "participant_id": rush.person(n), "waits": True} for n in range(152, 200)]
    found = rush.outcomes([*wanted[:50], *given_up, *joining, *wanted[50:]])
    assert (found["done"], found["OthersWait"] + found["SessionIsFull"], found.total()) == (60, 100, 160)
    rush.service.settle()
    made = [e for e in rush.service.log.read(0, 100_000) if e.type == "scheduling.placement.booking_made"]
    promoted = [e.data["participant_id"] for e in made if e.data["session_id"] == str(session)][12:]
    assert promoted == [str(rush.person(n)) for n in range(12, 24)]
    assert len(rush.service.ask("session_waitlist", session_id=session)["waiting"]) == 28 + 48


def test_of_what_is_booked_while_availability_is_stated_nothing_goes_unnoticed(rush: Rush) -> None:
    """Fifty participants state that they are away at the moment at which fifty bookings are made for them; so do two
    facilitators while sessions of theirs are scheduled. Each is refused or listed, never neither."""
    session = rush.scheduled("while it is stated", rush.leader(0), seats=60, starts_at=time(22))
    people = [rush.person(n) for n in range(EVERYBODY - 50, EVERYBODY)]
    leaders = [named("stating 1"), named("stating 2")]
    for leader in leaders:
        rush.service.do(c.RegisterFacilitator(leader, "a therapist", ("therapist",)))
    planned = [rush.series(f"led while {n}", leaders[n % 2], starts_at=time(n // 2 * 2)) for n in range(24)]
    states = [{"kind": "participant", "resource_id": one} for one in people]
    states += [{"kind": "facilitator", "resource_id": one} for one in leaders]
    books = [{"session_id": session, "participant_id": one} for one in people]
    schedules = [{"series_id": one, "through": MONDAY} for one in planned]
    wanted = [one for pair in zip_longest(books, [*schedules[:12], *states, *schedules[12:]]) for one in pair if one]
    found = rush.outcomes(wanted)
    assert "Conflict" not in found
    log = rush.service.log.read(0, 100_000)
    noted = {e.data["claim_id"] for e in log if e.type == "scheduling.availability.conflict_noted"}
    booked = [e for e in log if e.type == "scheduling.placement.booking_made" and e.data["session_id"] == str(session)]
    scheduled = [
        e for e in log if e.type == "scheduling.session.scheduled" and {*e.data["facilitators"]} <= {*map(str, leaders)}
    ]
    assert len(booked) == 50 - found["ParticipantNotAvailable"]
    assert len(scheduled) == 24 - found["FacilitatorNotAvailable"]
    assert noted >= {e.data["booking_id"] for e in booked} | {str(e.stream) for e in scheduled}


def test_of_what_is_scheduled_while_the_day_is_closed_nothing_takes_place(rush: Rush) -> None:
    """Twenty-four series are scheduled at the moment at which their day is closed: each session is never scheduled, or
    named by the closure and cancelled once."""
    planned = [rush.series(f"in the storm {n}", rush.leader(n), starts_at=time(6)) for n in range(24)]
    closed = MONDAY + timedelta(days=7)
    schedules = [{"series_id": one, "through": closed} for one in planned]
    found = rush.outcomes([*schedules[:12], {"closes": closed, "closure_id": named("storm")}, *schedules[12:]])
    assert found == {"done": 25}
    rush.service.settle()
    log = rush.service.log.read(0, 100_000)
    ours = {str(session_on(one, closed.day)) for one in planned}
    (closure,) = (event for event in log if event.type == "scheduling.closure.closed")
    scheduled = {str(event.stream) for event in log if event.type == "scheduling.session.scheduled"} & ours
    cancelled = [str(event.stream) for event in log if event.type == "scheduling.session.cancelled"]
    assert scheduled == {*closure.data["sessions"]} & ours
    assert sorted(one for one in cancelled if one in ours) == sorted(scheduled)


def test_one_booking_missed_is_made_up_once(rush: Rush) -> None:
    """Sessions at a hundred times, each wanted at the same moment to make up for one booking."""
    ann, leader = rush.person(EVERYBODY + 1), rush.leader(EVERYBODY)
    missed = rush.scheduled("missed", leader, starts_at=time(17))
    booking = rush.service.do(c.BookSession(missed, ann)).body["booking_id"]
    rush.service.do(c.CancelBooking(missed, UUID(str(booking))))
    sessions = rush.daily("each day", leader, days=100, starts_at=time(4))
    found = rush.outcomes([{"session_id": one, "participant_id": ann, "makes_up_for": booking} for one in sessions])
    assert found == {"done": 1, "MadeUpAlready": len(sessions) - 1}
