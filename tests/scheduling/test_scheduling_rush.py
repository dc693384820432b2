"""Last seats, one facilitator, one room, one participant: what is there once is given once, over several processes."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from scheduling_service import Service
from scheduling_world import MONDAY, NOW, TRACK, ZONE, named, session_on

from services.scheduling.domain import commands as c
from services.scheduling.domain.session import Session

PROCESSES = 4
pytestmark = pytest.mark.processes


class Rush:
    """A program on PostgreSQL, and several processes that all want the same of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.service = Service(url, url)
        self.service.do(c.OpenRoom("A1", 20, "in_person"))

    def series(self, name: str, leader: str, *, room: str | None = None, seats: int = 12) -> UUID:
        self.service.do(c.RegisterFacilitator(named(leader), leader, ("therapist",)), named(f"register {leader}"))
        self.service.do(
            c.PlanSeries(
                named(name), TRACK, "group_therapy", name, "FREQ=WEEKLY", MONDAY, time(18), 90, ZONE, 1, seats,
                (named(leader),), room, "in_person" if room else "telehealth",
            )
        )  # fmt: skip
        return named(name)

    def scheduled(self, name: str, leader: str, seats: int) -> UUID:
        """The one session of the first week."""
        series = self.series(name, leader, seats=seats)
        self.service.do(c.ScheduleSessions(series, MONDAY))
        return session_on(series, 2)

    def admitted(self, name: str) -> UUID:
        episode = named(f"{name}'s episode")
        self.service.do(c.OpenPlacement(named(name), episode, TRACK, NOW - timedelta(days=1)))
        return named(name)

    def outcomes(self, wanted: list[dict[str, object]]) -> Counter[str]:
        """All at once, dealt out to the processes."""
        here = Path(__file__).parent
        command = [sys.executable, str(here / "scheduling_rush.py"), self.url, self.url]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parents[1]), str(here)])}
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
            for _ in range(PROCESSES)
        ]
        for number, process in enumerate(running):
            assert process.stdin is not None
            for one in wanted[number::PROCESSES]:
                process.stdin.write(json.dumps(one, default=str) + "\n")
            process.stdin.flush()
        found: Counter[str] = Counter()
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in running:
            out, _ = process.communicate(timeout=120)
            assert process.returncode == 0
            found.update(json.loads(out))
        return found


@pytest.fixture
def rush(postgres_url: str) -> Iterator[Rush]:
    made = Rush(postgres_url)
    yield made
    made.service.close()


def test_two_hundred_bookings_for_the_last_seats_give_exactly_the_capacity(rush: Rush) -> None:
    session = rush.scheduled("group", "t", seats=12)
    people = [rush.admitted(f"p{n}") for n in range(200)]
    found = rush.outcomes([{"session_id": session, "participant_id": person} for person in people])
    assert found == {"done": 12, "SessionIsFull": 188}
    taken = [event for event in rush.service.log.read(0, 100_000) if event.type == "scheduling.session.seat_taken"]
    assert len(taken) == 12
    assert {event.stream for event in taken} == {session}


def test_one_participant_is_booked_in_one_place_at_one_time(rush: Rush) -> None:
    sessions = [rush.scheduled(f"group {n}", f"t{n}", seats=12) for n in range(12)]
    ann = rush.admitted("ann")
    found = rush.outcomes([{"session_id": session, "participant_id": ann} for session in sessions])
    assert found == {"done": 1, "ParticipantAlreadyBooked": 11}


@pytest.mark.parametrize(
    ("leaders", "room", "refusal"),
    [(["t"] * 12, None, "FacilitatorAlreadyBooked"), ([f"t{n}" for n in range(12)], "A1", "RoomAlreadyBooked")],
)
def test_one_facilitator_and_one_room_serve_one_session_at_a_time(
    rush: Rush, leaders: list[str], room: str | None, refusal: str
) -> None:
    planned = [rush.series(f"group {n}", leader, room=room) for n, leader in enumerate(leaders)]
    found = rush.outcomes([{"series_id": series, "through": MONDAY} for series in planned])
    assert found == {"done": 1, refusal: 11}
    scheduled = [event for event in rush.service.log.read(0, 100_000) if event.type == Session.Created.TOPIC]
    assert len(scheduled) == 1
