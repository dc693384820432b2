"""What hospitals are told: when, in which order, once, and what happens when they do not take it."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.follow.reading import NotThereYet, Reader, Snapshot
from services.interop.domain.commands import DiscardNotice, ReplayNotice
from services.interop.er7 import Message, read
from services.interop.mapping import SHIPPED, Mappings, load_mappings
from services.interop.mllp.framing import Frames, framed
from services.interop.sending import MllpCarrier, Sender
from services.platform.web import Query
from tests.interop.gateway import START, Gateway, gateway, types
from tests.support.patience import PATIENCE_SECONDS

PARTICIPANT, EPISODE, BOOKING = uuid4(), uuid4(), uuid4()


class Hospital:
    """A receiver over MLLP that answers as it is told and remembers what it got; ``away``: nobody listens at its port
    until it is ``back``. ``hurried``: a message came before the one before it was answered."""

    def __init__(self, *, away: bool = False) -> None:
        self.got: list[Message] = []
        self.answers: list[str | None] = []
        self.hurried = False
        self._server = socket.socket()
        self._server.bind(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        if not away:
            self.back()

    def back(self) -> None:
        self._server.listen()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        frames = Frames(100_000)
        with connection, suppress(ConnectionError):  # who has hung up hears no more
            while data := connection.recv(65_536):
                for place, raw in enumerate(frames.feed(data)):
                    message = read(raw)
                    self.hurried |= place > 0 or bool(select.select([connection], [], [], 0.02)[0])
                    code = self.answers.pop(0) if self.answers else "AA"
                    if code == "LEAVES":
                        self.close()
                    if code in (None, "LEAVES"):
                        return
                    self.got.append(message)
                    connection.sendall(framed(f"MSH|^~\\&|H\rMSA|{code}|{message.control_id}\r".encode()))

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # ends the accept that may be under way
        self._server.close()


@pytest.fixture
def receiver() -> Iterator[Hospital]:
    found = Hospital()
    yield found
    found.close()


def told_where(tmp_path: Path, port: int) -> Mappings:
    folder = tmp_path / "mappings"
    folder.mkdir(exist_ok=True)
    place = f"mllp: '127.0.0.1:{port}', timeout_seconds: {PATIENCE_SECONDS}, attempts: 2, give_up_hours: 12"
    send = f"send: {{application: RIVEREHR, facility: RIVERSIDE, {place}}}"
    (folder / "riverside.yaml").write_text((SHIPPED / "riverside.yaml").read_text() + "\n" + send + "\n")
    return load_mappings([SHIPPED, folder])


@contextmanager
def program(tmp_path: Path, port: int, url: str | None = None) -> Iterator[tuple[Gateway, Sender]]:
    mappings = told_where(tmp_path, port)
    with gateway(tmp_path, mappings, url) as found:
        sender = sender_of(found, mappings)
        yield found, sender
        sender.close()


def sender_of(found: Gateway, mappings: Mappings, reader: Reader | None = None) -> Sender:
    hospital = mappings.named("riverside")
    assert hospital is not None and hospital.send is not None
    sender = Sender(
        hospital,
        [MllpCarrier(hospital.send)],
        reader=reader or Reader(found.log.database, found.log),
        vault=found.vault,
        clock=found.clock,
        handle=lambda command, context: found.execute(command),
    )
    sender._pause = 0.0  # the clock of back-off is real time
    return sender


def send_all(sender: Sender, rounds: int = 6) -> None:
    for _ in range(rounds):
        sender._not_before = 0.0
        sender.step()


def admitted(found: Gateway, participant: UUID = PARTICIPANT, episode: UUID = EPISODE) -> None:
    data: dict[str, Any] = {
        "participant_id": str(participant),
        "episode_id": str(episode),
        "admitted_at": "2026-03-02T14:00:00Z",
    }
    found.hear("enrollment.participant_admitted.v1", data)


def session(found: Gateway, type_: str, booking: UUID = BOOKING, **more: str) -> None:
    data = {
        "participant_id": str(PARTICIPANT),
        "booking_id": str(booking),
        "session_id": str(uuid4()),
        "episode_id": str(EPISODE),
        "component": "group_therapy",
        "starts_at": "2026-03-03T23:00:00Z",
        "ends_at": "2026-03-04T00:30:00Z",
        **more,
    }
    found.hear(type_, data)


def test_an_episode_and_its_bookings_are_told_in_order_and_once(
    tmp_path: Path, receiver: Hospital, log_url: str
) -> None:
    with program(tmp_path, receiver.port, log_url) as (found, sender):
        found.register(PARTICIPANT, "42")
        admitted(found)
        session(found, "scheduling.booking_made.v1")
        session(found, "attendance.attendance_recorded.v1", status="no_show")
        session(found, "scheduling.booking_cancelled.v1", reason="discharged")
        found.hear(
            "enrollment.participant_discharged.v1",
            {"participant_id": str(PARTICIPANT), "episode_id": str(EPISODE), "discharged_at": "2026-03-09T14:00:00Z"},
        )
        send_all(sender)
        assert [one.type for one in receiver.got] == ["ADT^A04", "SIU^S12", "SIU^S26", "SIU^S15", "ADT^A03"]
        assert types(found.told(PARTICIPANT)) == ["hospital_told"] * 5
        counts = found.summary()
        assert (counts["sent"], counts["acknowledged"], counts["ready"]) == (5, 5, 0)
    first, booked, missed = receiver.got[0], receiver.got[1], receiver.got[2]
    patient = first.first("PID")
    assert patient is not None and patient.value(3) == "42" and patient.value(3, 4) == "RIVERSIDE"
    assert patient.value(5) == "Umberleigh" and patient.value(7) == "19800102" and patient.value(8) == "F"
    assert first.header.value(5) == "RIVEREHR" and first.version == "2.5.1"
    schedule = booked.first("SCH")
    assert schedule is not None and schedule.value(1) == str(BOOKING) and schedule.value(25) == "Booked"
    assert schedule.value(11, 4) == "20260303230000+0000" and schedule.value(11, 5) == "20260304003000+0000"
    assert missed.first("SCH").value(25) == "Noshow"


def test_a_message_waits_until_the_hospitals_number_is_known(tmp_path: Path, receiver: Hospital) -> None:
    with program(tmp_path, receiver.port) as (found, sender):
        admitted(found)
        session(found, "scheduling.booking_made.v1")
        send_all(sender)
        assert receiver.got == [] and found.summary()["due"] == 2
        found.register(PARTICIPANT, "42")
        send_all(sender)
        assert [one.type for one in receiver.got] == ["ADT^A04", "SIU^S12"]


class Behind(Reader):
    """A reader whose views are behind what was asked for, once."""

    late = True

    def at(self, *asked: Any, **how: Any) -> Snapshot:
        if self.late:
            self.late = False
            raise NotThereYet(2, 1, 5)
        return super().at(*asked, **how)


def test_what_is_ready_stays_ready_while_its_view_is_behind(tmp_path: Path, receiver: Hospital) -> None:
    with program(tmp_path, receiver.port) as (found, _):
        found.register(PARTICIPANT, "42")
        admitted(found)
        sender = sender_of(found, told_where(tmp_path, receiver.port), Behind(found.log.database, found.log))
        assert sender.step() == 0
        send_all(sender)
        assert [one.type for one in receiver.got] == ["ADT^A04"]
        sender.close()


def test_a_no_show_that_was_none_is_corrected(tmp_path: Path, receiver: Hospital) -> None:
    with program(tmp_path, receiver.port) as (found, sender):
        found.register(PARTICIPANT, "42")
        session(found, "attendance.attendance_recorded.v1", status="no_show")
        session(found, "attendance.attendance_corrected.v1", status="present", reason="late_entry")
        session(found, "attendance.attendance_recorded.v1", booking=uuid4(), status="present")
        send_all(sender)
        assert [one.type for one in receiver.got] == ["SIU^S26", "SIU^S14"]
        assert receiver.got[1].first("SCH").value(25) == "Complete"


def test_a_refused_message_is_parked_and_holds_up_its_patient_only(tmp_path: Path, receiver: Hospital) -> None:
    other = uuid4()
    with program(tmp_path, receiver.port) as (found, sender):
        found.register(PARTICIPANT, "42")
        found.register(other, "43")
        receiver.answers = ["AE"]
        admitted(found)
        session(found, "scheduling.booking_made.v1")
        admitted(found, other, uuid4())
        send_all(sender)
        assert [one.type for one in receiver.got] == ["ADT^A04", "ADT^A04"]
        parked = found.application.queries.notices(Query({"state": "parked"}))["notices"]
        assert [one["reason"] for one in parked] == ["refused with AE"]
        found.execute(ReplayNotice(UUID(parked[0]["notice_id"])))
        send_all(sender)
        assert [one.type for one in receiver.got][2:] == ["ADT^A04", "SIU^S12"]


def test_whatever_waits_behind_a_refused_message_others_go_on(
    tmp_path: Path, receiver: Hospital, log_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.interop.sending.BATCH", 2)
    other = uuid4()
    with program(tmp_path, receiver.port, log_url) as (found, sender):
        found.register(PARTICIPANT, "42")
        found.register(other, "43")
        receiver.answers = ["AE"]
        admitted(found)
        for _ in range(4):
            session(found, "scheduling.booking_made.v1", booking=uuid4())
        admitted(found, other, uuid4())
        send_all(sender)
        assert [one.type for one in receiver.got] == ["ADT^A04", "ADT^A04"]


def test_a_hospital_that_does_not_answer_gets_it_again_until_the_bound(tmp_path: Path, receiver: Hospital) -> None:
    with program(tmp_path, receiver.port) as (found, sender):
        found.register(PARTICIPANT, "42")
        admitted(found)
        session(found, "scheduling.booking_made.v1")
        receiver.answers = [None, None]
        send_all(sender)
        (parked,) = found.application.queries.notices(Query({"state": "parked"}))["notices"]
        assert parked["reason"] == "not acknowledged in 2 attempts" and receiver.got == []
        found.execute(DiscardNotice(UUID(parked["notice_id"]), "done_by_hand", "told Eudora's ward by telephone"))
        send_all(sender)
        assert [one.type for one in receiver.got] == ["SIU^S12"]
        asked = Query({"state": "discarded"}, roles=frozenset({"operator"}))
        (given_up,) = found.application.queries.notices(asked)["notices"]
        assert (given_up["reason"], given_up["note"]) == ("done_by_hand", "told Eudora's ward by telephone")
        assert "ward" not in str([event.data for event in found.log.read(0, 1000)])


@pytest.fixture
def away() -> Iterator[Hospital]:
    found = Hospital(away=True)
    yield found
    found.close()


def parked(found: Gateway) -> list[dict[str, Any]]:
    return list(found.application.queries.notices(Query({"state": "parked"}))["notices"])


def test_a_hospital_that_is_away_for_less_than_the_bound_loses_nothing(tmp_path: Path, away: Hospital) -> None:
    with program(tmp_path, away.port) as (found, sender):
        found.register(PARTICIPANT, "42")
        admitted(found)
        send_all(sender, rounds=10)
        found.clock.advance(timedelta(hours=11))
        send_all(sender)
        assert found.summary()["ready"] == 1 and parked(found) == []
        away.back()
        send_all(sender)
        assert [one.type for one in away.got] == ["ADT^A04"]


def test_a_hospital_that_stays_away_is_given_up_and_gets_all_in_order_once_it_is_back(
    tmp_path: Path, away: Hospital, log_url: str
) -> None:
    other, late = uuid4(), uuid4()
    with program(tmp_path, away.port, log_url) as (found, sender):
        for person, number in ((PARTICIPANT, "42"), (other, "43"), (late, "44")):
            found.register(person, number)
        admitted(found)
        session(found, "scheduling.booking_made.v1")
        admitted(found, other, uuid4())
        found.clock.advance(timedelta(hours=6))
        session(found, "scheduling.booking_cancelled.v1", reason="discharged")
        admitted(found, late, uuid4())
        found.clock.advance(timedelta(hours=6))
        send_all(sender)
        reason = "could not be reached for 12 h"
        listed = [(one["participant_id"], one["reason"], one["holds_up"]) for one in parked(found)]
        assert listed == [(str(PARTICIPANT), reason, 2), (str(other), reason, 0)]
        away.back()
        send_all(sender)
        assert [str(one.first("PID").value(3)) for one in away.got] == ["44"]
        for one in parked(found):
            found.execute(ReplayNotice(UUID(one["notice_id"])))
        send_all(sender)
        told = [(str(one.first("PID").value(3)), one.type) for one in away.got[1:]]
        assert told == [("42", "ADT^A04"), ("42", "SIU^S12"), ("43", "ADT^A04"), ("42", "SIU^S15")]
        assert not away.hurried and found.summary()["ready"] == 0


def test_a_message_that_is_sent_again_has_the_whole_time_once_more(tmp_path: Path, away: Hospital) -> None:
    with program(tmp_path, away.port) as (found, sender):
        found.register(PARTICIPANT, "42")
        admitted(found)
        found.clock.advance(timedelta(hours=6))
        session(found, "scheduling.booking_made.v1")
        found.clock.advance(timedelta(hours=6))
        send_all(sender)
        found.execute(ReplayNotice(UUID(parked(found)[0]["notice_id"])))
        found.clock.advance(timedelta(hours=6))
        send_all(sender)
        assert parked(found) == [] and found.summary()["ready"] == 2
        found.clock.advance(timedelta(hours=6))
        send_all(sender)
        assert [one["message_type"] for one in parked(found)] == ["ADT^A04"]


def test_a_hospital_that_took_something_lately_is_not_given_up(
    tmp_path: Path, receiver: Hospital, log_url: str
) -> None:
    """A long queue and a lost connection are no outage, neither for the copy that sends nor for the one after it."""
    with program(tmp_path, receiver.port, log_url) as (found, sender):
        for number in ("42", "43", "44"):
            found.register(person := uuid4(), number)
            admitted(found, person, uuid4())
        found.clock.advance(timedelta(hours=13))
        receiver.answers = ["AA", "LEAVES"]
        sender.step()
        assert found.summary()["acknowledged"] == 1 and parked(found) == []
        after = sender_of(found, found.application.mappings)
        send_all(after)
        assert parked(found) == []
        found.clock.advance(timedelta(hours=13))
        send_all(after)
        assert len(parked(found)) == 2


def test_outbound_content_is_sealed_on_disk(tmp_path: Path, receiver: Hospital) -> None:
    with program(tmp_path, receiver.port) as (found, _):
        found.register(PARTICIPANT, "4711007")
        admitted(found)
        assert found.summary()["ready"] == 1 and found.clock() == START
    for file in tmp_path.rglob("*.sqlite*"):
        assert b"Umberleigh" not in file.read_bytes() and b"4711007" not in file.read_bytes()
