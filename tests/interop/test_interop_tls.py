"""TLS and mutual TLS over MLLP, in and out: who is believed, and that nobody else is told or heard."""

import errno
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.interop.background import tls_of
from services.interop.destination import Destination
from services.interop.mapping import MappingError, load_mapping
from services.interop.mllp.client import MllpClient, NoAnswer, NoConnection
from services.interop.mllp.connection import Bounds
from services.interop.mllp.framing import Frames, framed
from services.interop.mllp.listener import Listener
from services.interop.sending import MllpCarrier
from services.platform.settings import BadSetting, load
from tests.interop.certificates import Authority, Issued
from tests.interop.gateway import Gateway, stay
from tests.interop.test_interop_mllp import listening
from tests.support.patience import PATIENCE_SECONDS

HERE = "127.0.0.1"
REFUSED = (NoConnection, NoAnswer)
"""A sender whose certificate is refused may learn it only when it waits for its acknowledgment (TLS 1.3)."""


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "theirs")


@contextmanager
def listening_with_tls(
    found: Gateway, shown: Issued, senders: Authority | None = None, bounds: Bounds | None = None
) -> Iterator[Listener]:
    settings = replace(
        load({}),
        mllp_certificate=shown.certificate,
        mllp_private_key=shown.private_key,
        mllp_client_authority=senders.certificate if senders else None,
    )
    with listening(found.application, bounds, tls_of(settings)) as listener:
        yield listener


def sends(listener: Listener, trusted: Authority, shown: Issued | None = None) -> str:
    """A sender's attempt: MSA-1. Raises ``NoConnection`` and ``NoAnswer``."""
    context = ssl.create_default_context(cafile=trusted.certificate)
    if shown is not None:
        context.load_cert_chain(shown.certificate, shown.private_key)
    client = MllpClient(*listener.address, timeout=PATIENCE_SECONDS, tls=context)
    try:
        return client.send(stay("A01", control_id="C1"), "C1")[0]
    finally:
        client.close()


def received(found: Gateway) -> int:
    found.followers.drain()
    return int(found.summary()["received"])


def test_messages_are_taken_over_tls(hospital: Gateway, ours: Authority) -> None:
    with listening_with_tls(hospital, ours.issue(HERE)) as listener:
        assert sends(listener, ours) == "AA"
    assert received(hospital) == 1


def test_under_mutual_tls_a_sender_shows_its_certificate(hospital: Gateway, ours: Authority, theirs: Authority) -> None:
    with listening_with_tls(hospital, ours.issue(HERE), senders=theirs) as listener:
        assert sends(listener, ours, theirs.issue("engine")) == "AA"
    assert received(hospital) == 1


def test_under_mutual_tls_nobody_else_is_heard_and_the_listener_stays(
    hospital: Gateway, ours: Authority, theirs: Authority
) -> None:
    with listening_with_tls(hospital, ours.issue(HERE), senders=theirs) as listener:
        for shown in (None, ours.issue("engine"), theirs.issue("engine", expired=True)):
            with pytest.raises(REFUSED):
                sends(listener, ours, shown)
        assert received(hospital) == 0
        assert sends(listener, ours, theirs.issue("engine")) == "AA"


def sends_plainly(address: tuple[str, int], text: bytes) -> None:
    """Say ``text`` without TLS and wait until the other side hangs up, which it may do before all is said."""
    with socket.create_connection(address, PATIENCE_SECONDS) as plain:
        try:
            plain.sendall(text)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1000):
                pass  # an alert, if anything
        except OSError as hung_up:  # not TimeoutError, which has no such number: silence is no refusal
            if hung_up.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
                raise


def test_plain_text_at_a_tls_port_is_not_heard_and_the_listener_stays(hospital: Gateway, ours: Authority) -> None:
    with listening_with_tls(hospital, ours.issue(HERE)) as listener:
        for text in (framed(stay("A01", control_id="C1")), b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03"):
            sends_plainly(listener.address, text)
        assert received(hospital) == 0
        assert sends(listener, ours) == "AA"


def test_a_handshake_that_does_not_end_is_given_up(hospital: Gateway, ours: Authority) -> None:
    bounds = Bounds(frame_seconds=0.2)
    with (
        listening_with_tls(hospital, ours.issue(HERE), bounds=bounds) as listener,
        socket.create_connection(listener.address, PATIENCE_SECONDS) as silent,
    ):
        assert silent.recv(100) == b""


def test_the_end_of_the_listener_ends_its_connections(hospital: Gateway, ours: Authority) -> None:
    context = ssl.create_default_context(cafile=ours.certificate)
    with listening_with_tls(hospital, ours.issue(HERE)) as listener:
        plain = socket.create_connection(listener.address, PATIENCE_SECONDS)
        connection = context.wrap_socket(plain, server_hostname=HERE)
        connection.sendall(framed(stay("A01")))
        assert connection.recv(10_000)
    with connection, suppress(ssl.SSLError, ConnectionError):
        assert connection.recv(100) == b""


@pytest.mark.parametrize("wrong", ["missing.pem", "theirs.key"])
def test_a_certificate_that_cannot_be_used_is_told_at_start(tmp_path: Path, ours: Authority, wrong: str) -> None:
    shown = ours.issue(HERE)
    (tmp_path / "theirs.key").write_bytes(ours.issue("another").private_key.read_bytes())
    settings = replace(load({}), mllp_certificate=shown.certificate, mllp_private_key=tmp_path / wrong)
    with pytest.raises(BadSetting, match="DAYBOOK_MLLP_CERTIFICATE"):
        tls_of(settings)


class Receiver:
    """A hospital that takes messages over TLS, or in plain where it shows no certificate."""

    def __init__(self, shown: Issued | None, senders: Authority | None = None) -> None:
        self.got: list[bytes] = []
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if shown else None
        if self._tls is not None and shown is not None:
            self._tls.load_cert_chain(shown.certificate, shown.private_key)
            if senders is not None:
                self._tls.load_verify_locations(senders.certificate)
                self._tls.verify_mode = ssl.CERT_REQUIRED
        self._server = socket.create_server((HERE, 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                accepted, _ = self._server.accept()
            except OSError:
                return
            with suppress(OSError), accepted:
                accepted.settimeout(PATIENCE_SECONDS)
                self._serve(self._tls.wrap_socket(accepted, server_side=True) if self._tls else accepted)

    def _serve(self, connection: socket.socket) -> None:
        frames = Frames(100_000)
        with connection:
            while data := connection.recv(65_536):
                self.got.append(data)
                for _ in frames.feed(data):
                    connection.sendall(framed(b"MSH|^~\\&|H\rMSA|AA|C1\r"))

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(PATIENCE_SECONDS)


@contextmanager
def receiving(shown: Issued | None, senders: Authority | None = None) -> Iterator[Receiver]:
    found = Receiver(shown, senders)
    try:
        yield found
    finally:
        found.close()


def destination(folder: Path, port: int, **more: Any) -> Destination:
    """As a mapping file in this folder says it."""
    settings = {"timeout_seconds": PATIENCE_SECONDS, "tls": "true", **more}
    keys = "".join(f", {key}: {value}" for key, value in settings.items())
    send = f"send: {{application: A, facility: B, mllp: '{HERE}:{port}'{keys}}}"
    path = folder / "h.yaml"
    path.write_text(f"name: st-elsewhere\nsenders: [{{application: A, facility: B}}]\n{send}\n")
    found = load_mapping(path).send
    assert found is not None
    return found


def told(to: Destination) -> str:
    carrier = MllpCarrier(to)
    try:
        return carrier.carry(stay("A01", control_id="C1"), "C1", {})
    finally:
        carrier.close()


def test_a_hospital_is_told_over_tls_by_the_authority_of_its_mapping(tmp_path: Path, theirs: Authority) -> None:
    with receiving(theirs.issue(HERE)) as receiver:
        assert told(destination(tmp_path, receiver.port, tls_authority="theirs.pem")) == "AA"
        assert receiver.got


def test_a_hospital_of_another_name_or_authority_or_without_tls_is_told_nothing(
    tmp_path: Path, ours: Authority, theirs: Authority
) -> None:
    impostors = (theirs.issue("another.example"), ours.issue(HERE), theirs.issue(HERE, expired=True), None)
    for shown in impostors:
        with receiving(shown) as receiver, pytest.raises(NoConnection):
            told(destination(tmp_path, receiver.port, tls_authority="theirs.pem", timeout_seconds=1))
        assert b"DAYBOOK" not in b"".join(receiver.got)


def test_without_an_authority_in_the_mapping_only_the_systems_are_believed(tmp_path: Path, theirs: Authority) -> None:
    with receiving(theirs.issue(HERE)) as receiver, pytest.raises(NoConnection, match="SSLCertVerificationError"):
        told(destination(tmp_path, receiver.port))
    assert receiver.got == []


def test_a_hospital_that_asks_for_it_is_shown_our_certificate(
    tmp_path: Path, ours: Authority, theirs: Authority
) -> None:
    shown = ours.issue("daybook")
    mutual = {"tls_certificate": shown.certificate.name, "tls_private_key": shown.private_key.name}
    with receiving(theirs.issue(HERE), senders=ours) as receiver:
        with pytest.raises(REFUSED):
            told(destination(tmp_path, receiver.port, tls_authority="theirs.pem"))
        assert receiver.got == []
        assert told(destination(tmp_path, receiver.port, tls_authority="theirs.pem", **mutual)) == "AA"


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"tls_authority": "missing.pem"}, "tls_authority: there is no file"),
        ({"tls_authority": "h.yaml"}, "tls_authority: no PEM files"),
        ({"tls_certificate": "theirs.pem"}, "tls_certificate: no PEM files"),
        ({"tls_private_key": "theirs.pem"}, "tls_private_key: needs its tls_certificate"),
        ({"tls_authority": "theirs.pem", "tls": "false"}, "tls_authority: needs tls: true"),
    ],
)
def test_wrong_files_are_refused_with_file_key_and_reason(
    tmp_path: Path, theirs: Authority, keys: dict[str, str], key: str
) -> None:
    with pytest.raises(MappingError, match=rf"h\.yaml: send\.{key}"):
        destination(tmp_path, 2575, **keys)


@pytest.mark.processes
def test_it_holds_where_threads_are_green(tmp_path: Path) -> None:
    script = Path(__file__).parent / "interop_green.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.stdout.split() == ["AA", "refused"], done.stderr
