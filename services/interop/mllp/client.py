"""A sender's side of MLLP: one message in flight, its acknowledgment matched, none accepted late."""

import contextlib
import socket
import ssl
import time

from services.interop.er7 import Unreadable, read
from services.interop.mllp.framing import Frames, framed

_LIMIT = 1024 * 1024


class NoConnection(OSError):
    """The receiver cannot be reached; the message was not sent."""


class NoAnswer(OSError):
    """The message was sent and not acknowledged in time, or by something else; the connection is dropped."""


class MllpClient:
    """Connects when needed. After ``NoAnswer`` the next message goes over a new connection, so that a late
    acknowledgment can never answer another message."""

    def __init__(self, host: str, port: int, *, timeout: float = 10.0, tls: ssl.SSLContext | None = None) -> None:
        self._place = (host, port)
        self._timeout = timeout
        self._tls = tls
        self._socket: socket.socket | None = None

    def send(self, message: bytes, control_id: str) -> tuple[str, bytes]:
        """MSA-1 of the acknowledgment, and the acknowledgment. Raises ``NoConnection`` and ``NoAnswer``."""
        connection = self._connected()
        try:
            connection.settimeout(self._timeout)
            connection.sendall(framed(message))
            ack = self._await(connection)
            answer = read(ack).first("MSA")
        except (OSError, Unreadable) as error:
            self.close()
            raise NoAnswer(f"no acknowledgment within {self._timeout:g} s ({type(error).__name__})") from None
        if answer is None or answer.value(2) != control_id:
            self.close()
            raise NoAnswer("the acknowledgment answers another message")
        return answer.value(1), ack

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            try:
                plain = socket.create_connection(self._place, self._timeout)
                wrap = self._tls.wrap_socket if self._tls else None
                self._socket = wrap(plain, server_hostname=self._place[0]) if wrap else plain
            except OSError as error:
                raise NoConnection(f"cannot connect ({type(error).__name__})") from None
        return self._socket

    def _await(self, connection: socket.socket) -> bytes:
        frames = Frames(_LIMIT)
        until = time.monotonic() + self._timeout
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
            data = connection.recv(65_536)
            if not data:
                raise ConnectionError
            for ack in frames.feed(data):
                return ack
