"""MLLP: frames, many connections, bounds, and acknowledgments that come only when a message is durable."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.interop.er7 import read, split_messages
from services.interop.examining import Incoming
from services.interop.mllp.client import MllpClient, NoAnswer, NoConnection
from services.interop.mllp.connection import Bounds
from services.interop.mllp.framing import Frames, TooLarge, framed
from services.interop.mllp.listener import Listener
from services.interop.receiving import Receipt
from services.platform.definition import Loop
from tests.interop.gateway import Gateway, stay
from tests.support.patience import PATIENCE_SECONDS


@contextmanager
def listening(keeper: object, bounds: Bounds | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(keeper, "127.0.0.1", 0, bounds=bounds, tls=tls)
    stopping = threading.Event()

    def run(loop: Loop) -> None:
        while not stopping.is_set():
            with suppress(Exception):  # as the platform's worker does
                loop.step()
        loop.close()

    threads = [threading.Thread(target=run, args=(loop,), daemon=True) for loop in (listener, *listener.loops)]
    for thread in threads:
        thread.start()
    try:
        yield listener
    finally:
        stopping.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)


class Prepares:
    """A keeper that has nothing to prepare."""

    def prepare(self, incoming: Incoming) -> Incoming:
        return incoming


@given(
    st.lists(st.binary(max_size=30).filter(lambda m: b"\x1c" not in m and b"\x0b" not in m), max_size=5),
    st.lists(st.integers(1, 7), max_size=40),
)
def test_frames_are_found_however_the_bytes_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(b"\r\n" + framed(one) for one in messages)
    frames, found, place = Frames(1000), [], 0
    for cut in [*cuts, len(stream)]:
        found += frames.feed(stream[place : place + cut])
        place += cut
    assert found == messages and not frames.partial


def test_a_frame_over_the_bound_is_refused_before_it_ends() -> None:
    with pytest.raises(TooLarge):
        list(Frames(10).feed(b"\x0b" + b"x" * 20))


def test_a_message_is_answered_over_mllp_and_is_in_the_log(hospital: Gateway) -> None:
    with listening(hospital.application) as listener:
        client = MllpClient(*listener.address, timeout=PATIENCE_SECONDS)
        code, ack = client.send(stay("A01", control_id="C1"), "C1")
        assert code == "AA" and read(ack).type == "ACK^A01"
        client.close()
    hospital.followers.drain()
    assert hospital.summary()["received"] == 1


def test_several_frames_at_once_are_answered_in_order(hospital: Gateway) -> None:
    with (
        listening(hospital.application) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as connection,
    ):
        connection.sendall(b"".join(framed(stay("A01", control_id=f"C{n}")) for n in range(5)))
        frames, acks = Frames(10_000), []
        while len(acks) < 5:
            acks += frames.feed(connection.recv(65_536))
    assert [read(one).segments[1].value(2) for one in acks] == [f"C{n}" for n in range(5)]


def test_without_durable_storage_nothing_is_acknowledged() -> None:
    class Broken(Prepares):
        def keep(self, ready: list[Incoming], transport: str) -> list[Receipt]:
            raise OSError("disk full")

    with listening(Broken()) as listener, pytest.raises(NoAnswer):
        MllpClient(*listener.address, timeout=PATIENCE_SECONDS).send(stay("A01", control_id="C1"), "C1")


def test_what_follows_a_message_that_could_not_be_kept_is_not_kept_either() -> None:
    tried: list[bytes] = []
    kept: list[bytes] = []

    class FailsOnce(Prepares):
        def keep(self, ready: list[Incoming], transport: str) -> list[Receipt]:
            tried.extend(one.raw for one in ready)
            if not kept and tried.count(b"MSH|1") == 1:
                raise OSError("disk full")
            kept.extend(one.raw for one in ready)
            return [Receipt(uuid4(), "accepted", "AA", b"MSH|1") for _ in ready]

    with listening(FailsOnce()) as listener:
        with socket.create_connection(listener.address, PATIENCE_SECONDS) as connection, suppress(ConnectionError):
            connection.sendall(b"".join(framed(one) for one in (b"MSH|1", b"MSH|2", b"MSH|3")))
            assert connection.recv(100) == b""
        with socket.create_connection(listener.address, PATIENCE_SECONDS) as connection:
            connection.sendall(framed(b"MSH|1"))
            assert connection.recv(100) == framed(b"MSH|1")
    assert kept == [b"MSH|1"]


def test_while_some_wait_for_the_disk_others_are_answered() -> None:
    slow_disk = threading.Event()

    class Waits(Prepares):
        def keep(self, ready: list[Incoming], transport: str) -> list[Receipt]:
            if ready[0].raw.endswith(b"slow"):
                assert slow_disk.wait(PATIENCE_SECONDS)
            return [Receipt(uuid4(), "accepted", "AA", one.raw) for one in ready]

    with (
        listening(Waits()) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as first,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as second,
    ):
        first.sendall(framed(b"MSH|slow"))
        second.sendall(framed(b"MSH|quick"))
        assert second.recv(100) == framed(b"MSH|quick")
        slow_disk.set()
        assert first.recv(100) == framed(b"MSH|slow")


@pytest.mark.parametrize("ended", ["before", "after"])
def test_who_connects_while_the_loops_end_is_hung_up_on(ended: str) -> None:
    """All loops are asked to stop at once: the listener may end last, and still take somebody."""
    listener = Listener(Prepares(), "127.0.0.1", 0)
    with socket.create_connection(listener.address, PATIENCE_SECONDS) as late:
        steps = [listener.step, *(loop.close for loop in listener.loops)]
        for step in steps if ended == "after" else reversed(steps):
            step()
        listener.close()
        assert late.recv(100) == b""


def test_a_sender_that_ends_with_its_message_is_answered(hospital: Gateway) -> None:
    with (
        listening(hospital.application) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as connection,
    ):
        connection.sendall(framed(stay("A01", control_id="C1")))
        connection.shutdown(socket.SHUT_WR)
        frames, acks = Frames(10_000), []
        while data := connection.recv(65_536):
            acks += frames.feed(data)
    assert [read(one).segments[1].value(2) for one in acks] == ["C1"]


def test_a_sender_that_does_not_read_its_answers_holds_up_nobody_and_is_given_up() -> None:
    class Talks(Prepares):
        def keep(self, ready: list[Incoming], transport: str) -> list[Receipt]:
            said = {b"MSH|long": b"x" * 50_000_000, b"MSH|short": b"MSH|^~\\&|H\rMSA|AA|C2\r"}
            return [Receipt(uuid4(), "accepted", "AA", said[one.raw]) for one in ready]

    with (
        listening(Talks(), Bounds(write_seconds=0.3)) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as deaf,
    ):
        deaf.sendall(framed(b"MSH|long"))
        assert deaf.recv(1) == b"\x0b"
        assert MllpClient(*listener.address, timeout=PATIENCE_SECONDS).send(b"MSH|short", "C2")[0] == "AA"
        until = time.monotonic() + PATIENCE_SECONDS
        with suppress(OSError):
            while time.monotonic() < until:
                deaf.sendall(framed(b"MSH|short"))  # until it notices that nobody is there any more
                time.sleep(0.05)
        assert time.monotonic() < until


def test_more_connections_than_the_bound_are_refused_and_those_open_go_on(hospital: Gateway) -> None:
    with listening(hospital.application, Bounds(connections=1)) as listener:
        client = MllpClient(*listener.address, timeout=PATIENCE_SECONDS)
        assert client.send(stay("A01", control_id="C1"), "C1")[0] == "AA"
        with socket.create_connection(listener.address, PATIENCE_SECONDS) as another:
            assert another.recv(10) == b""
        assert client.send(stay("A03", control_id="C2"), "C2")[0] == "AA"
        client.close()


def test_an_endless_message_is_cut_off_with_a_refusal(hospital: Gateway) -> None:
    bounds = Bounds(message_bytes=2000)
    with listening(hospital.application, bounds) as listener:
        client = MllpClient(*listener.address, timeout=PATIENCE_SECONDS)
        with pytest.raises(NoAnswer):
            client.send(b"MSH|" + b"x" * 100_000, "C1")
        assert (
            MllpClient(*listener.address, timeout=PATIENCE_SECONDS).send(stay("A01", control_id="C2"), "C2")[0] == "AA"
        )


def test_a_message_that_trickles_in_is_given_up_and_others_go_on(hospital: Gateway) -> None:
    bounds = Bounds(frame_seconds=0.5)
    with (
        listening(hospital.application, bounds) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as slow,
    ):
        started = time.monotonic()
        slow.sendall(b"\x0bMSH|")
        assert (
            MllpClient(*listener.address, timeout=PATIENCE_SECONDS).send(stay("A01", control_id="C1"), "C1")[0] == "AA"
        )
        ended = False
        while not ended and time.monotonic() - started < PATIENCE_SECONDS:
            try:
                slow.sendall(b"x")
                slow.settimeout(0.2)
                ended = slow.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended


def test_eight_connections_deliver_all_of_simhospital_and_each_gets_its_own_answers(
    hospital: Gateway, shared: Path
) -> None:
    pieces = list(split_messages((shared / "hl7v2/simhospital/messages.out").read_bytes()))
    codes: list[str] = []

    def deliver(share: list[bytes]) -> None:
        client = MllpClient(*listener.address, timeout=PATIENCE_SECONDS)
        codes.extend(client.send(raw, read(raw).control_id)[0] for raw in share)
        client.close()

    with listening(hospital.application) as listener:
        senders = [threading.Thread(target=deliver, args=(pieces[n::8],)) for n in range(8)]
        started = time.perf_counter()
        for one in senders:
            one.start()
        for one in senders:
            one.join(PATIENCE_SECONDS)
        print(f"{len(codes) / (time.perf_counter() - started):.0f} messages/s")
    assert codes == ["AA"] * 1013


def test_a_late_acknowledgment_never_answers_the_next_message() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    given_up = threading.Event()

    def answer_late() -> None:
        first, _ = server.accept()
        first.recv(65_536)
        given_up.wait(PATIENCE_SECONDS)
        with first, suppress(OSError):
            first.sendall(framed(b"MSH|^~\\&|H\rMSA|AA|C1\r"))
        second, _ = server.accept()
        with second:
            second.recv(65_536)
            second.sendall(framed(b"MSH|^~\\&|H\rMSA|AA|C2\r"))

    thread = threading.Thread(target=answer_late)
    thread.start()
    client = MllpClient(*server.getsockname(), timeout=0.3)
    with pytest.raises(NoAnswer):
        client.send(b"MSH|1", "C1")
    given_up.set()
    client._timeout = PATIENCE_SECONDS  # for an answer that does come
    assert client.send(b"MSH|2", "C2")[0] == "AA"
    thread.join(PATIENCE_SECONDS)
    server.close()


def test_an_acknowledgment_of_another_message_drops_the_connection() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def answer_wrongly() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(framed(b"MSH|^~\\&|H\rMSA|AA|OTHER\r"))

    thread = threading.Thread(target=answer_wrongly)
    thread.start()
    with pytest.raises(NoAnswer, match="another message"):
        MllpClient(*server.getsockname(), timeout=PATIENCE_SECONDS).send(b"MSH|1", "C1")
    thread.join(PATIENCE_SECONDS)
    server.close()


def test_a_hospital_that_is_away_is_no_answer_but_no_connection() -> None:
    with socket.socket() as taken, pytest.raises(NoConnection):
        taken.bind(("127.0.0.1", 0))  # and nobody listens there
        MllpClient(*taken.getsockname(), timeout=PATIENCE_SECONDS).send(b"MSH|1", "C1")
