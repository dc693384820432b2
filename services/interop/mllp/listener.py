"""The listener: many connections, a thread each (green in a nameko process), none of which can hold up another."""

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from services.interop.acknowledgment import Addressed, acknowledge
from services.interop.mllp.framing import Frames, TooLarge, framed
from services.interop.mllp.intake import Intake
from services.interop.receiving import Incoming, Receipt
from services.interop.translate.problems import DATA_TYPE, Trouble

logger = logging.getLogger(__name__)

_READ = 65_536
_ACCEPT_SECONDS = 0.2


@dataclass(frozen=True)
class Bounds:
    """What one sender may cost. ``frame_seconds`` is for a whole message however slowly it trickles in."""

    message_bytes: int = 16 * 1024 * 1024
    silence_seconds: float = 600.0
    frame_seconds: float = 60.0
    write_seconds: float = 30.0
    connections: int = 256


class Listener:
    """A loop of the service: accepts connections. ``address``: where it listens, the port chosen where 0 was asked."""

    name = "mllp listener"

    def __init__(
        self,
        intake: Intake,
        host: str,
        port: int,
        *,
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._intake = intake
        self._bounds = bounds or Bounds()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._closing = False
        self._socket = socket.create_server((host, port), backlog=128)
        self._socket.settimeout(_ACCEPT_SECONDS)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def step(self) -> int:
        """Accepts one connection, or none in a while."""
        try:
            connection, _ = self._socket.accept()
        except TimeoutError:
            return 0
        if len(self._open) >= self._bounds.connections:
            logger.warning("a hospital connection was refused", extra={"open": len(self._open)})
            connection.close()
            return 1
        self._open.add(connection)
        threading.Thread(target=self._serve, args=(connection,), name="mllp connection", daemon=True).start()
        return 1

    def close(self) -> None:
        self._closing = True
        self._socket.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, accepted: socket.socket) -> None:
        connection: socket.socket | ssl.SSLSocket = accepted
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
                self._open.add(connection)  # in its place: the accepted one is an empty shell from here on
                self._open.discard(accepted)
                connection.settimeout(self._bounds.frame_seconds)
                connection.do_handshake()
            self._converse(connection)
        except TooLarge as error:
            self._refuse(connection, str(error))
        except Exception as error:  # the sender sees the connection end without an acknowledgment and sends again
            if not self._closing:
                told = {"error": type(error).__name__, "reason": getattr(error, "reason", None)}
                logger.info("a hospital connection ended", extra=told)
        finally:
            self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _converse(self, connection: socket.socket) -> None:
        frames = Frames(self._bounds.message_bytes)
        last: Future[Receipt] | None = None
        for data in self._chunks(connection, frames):
            waiting: list[Future[Receipt]] = []
            try:
                for message in frames.feed(data):
                    last = self._intake.submit(Incoming(message, "mllp"), last)
                    waiting.append(last)
            finally:
                self._answer(connection, waiting)

    def _chunks(self, connection: socket.socket, frames: Frames) -> Iterator[bytes]:
        """What arrives, until the sender ends, falls silent, or takes too long over one message."""
        began = time.monotonic()
        while True:
            if not frames.partial:
                began = time.monotonic()
                connection.settimeout(self._bounds.silence_seconds)
            else:
                left = self._bounds.frame_seconds - (time.monotonic() - began)
                if left <= 0:
                    raise TimeoutError("a message took too long to arrive")
                connection.settimeout(left)
            data = connection.recv(_READ)
            if not data:
                return
            yield data

    def _answer(self, connection: socket.socket, waiting: "list[Future[Receipt]]") -> None:
        acks = [receipt.ack for receipt in (one.result() for one in waiting) if receipt.ack is not None]
        if acks:
            connection.settimeout(self._bounds.write_seconds)
            connection.sendall(b"".join(framed(ack) for ack in acks))

    def _refuse(self, connection: socket.socket, reason: str) -> None:
        ack = acknowledge("AE", Addressed(), [Trouble(DATA_TYPE, reason)], datetime.now(UTC), uuid4())
        with contextlib.suppress(OSError):
            connection.settimeout(self._bounds.write_seconds)
            connection.sendall(framed(ack))
