"""A connection to RabbitMQ that comes back: backs off after failures, keeps heartbeats, knows what a failure is."""

import contextlib
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from amqp.exceptions import AMQPError
from kombu.connection import Connection
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)

_new_connection: Any = Connection  # kombu is not typed

FAILURES = (OSError, AMQPError, KombuError)
"""What a lost, refused or misused connection raises. Time-outs are OSErrors too."""

HEARTBEAT_SECONDS = 20
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
AT_ONCE = 0.001
READ_AHEAD = 65_536
"""Bytes taken from the socket at once."""


class _Ahead:
    """Takes from a socket as much as has come, where py-amqp asks for the parts of each frame one by one."""

    def __init__(self, receive: Callable[[int], bytes]):
        self._receive = receive
        self._read = b""
        self._given = 0

    @property
    def pending(self) -> bool:
        """Whether there is more that has been read and not given."""
        return self._given < len(self._read)

    def __call__(self, count: int) -> bytes:
        if not self.pending:
            self._read, self._given = self._receive(READ_AHEAD), 0
        first, self._given = self._given, self._given + count
        return self._read[first : self._given]


class Link:
    """One connection, opened when asked for. Not shared between threads."""

    def __init__(self, url: str, name: str):
        self.name = name
        self._url = url
        self._connection: Any = None
        self._ahead: _Ahead
        self._failures = 0
        self._not_before = 0.0
        self._last_beat = 0.0

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def open(self) -> Any:
        """The connection, or None while it is too early to try again. Raises one of ``FAILURES``."""
        if self._connection is not None:
            return self._connection
        if time.monotonic() < self._not_before:
            return None
        options = {"client_properties": {"connection_name": self.name}, "write_timeout": 30}
        connection = _new_connection(
            self._url, connect_timeout=5, heartbeat=HEARTBEAT_SECONDS, transport_options=options
        )
        try:
            connection.connect()
        except FAILURES:
            connection.release()
            raise
        if self._failures:
            logger.info("%s is connected to the broker again", self.name)
        self._failures = 0
        self._connection = connection
        socket = connection.connection.transport
        self._ahead = socket._quick_recv = _Ahead(socket._quick_recv)
        self._last_beat = time.monotonic()
        return connection

    def beat(self) -> None:
        """Keeps heartbeats going; call it often. Raises one of ``FAILURES`` when the broker has gone silent."""
        now = time.monotonic()
        if self._connection is not None and now - self._last_beat >= HEARTBEAT_SECONDS / 2:
            self._last_beat = now
            with contextlib.suppress(TimeoutError):
                self.drain(AT_ONCE)  # who has nothing to write reads no answers, so the broker's beats neither
            self._connection.heartbeat_check(rate=2)

    def drain(self, seconds: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Handles all that has come, or until it is ``enough``; waits ``seconds`` for the first of it.

        Raises ``TimeoutError`` when nothing came, else one of ``FAILURES``.
        """
        # set once for all of it, since setting it calls the system; py-amqp leaves alone what is set to the digit
        with self._connection.connection.transport.having_timeout(seconds) as socket:
            as_set = socket.gettimeout()
            self._connection.drain_events(timeout=as_set)
            while self._ahead.pending and not enough():
                self._connection.drain_events(timeout=as_set)

    def write(self, data: bytes) -> None:
        """Writes frames as they are. Raises one of ``FAILURES``."""
        self._connection.connection.transport.write(data)

    def failed(self, error: Exception) -> float:
        """Drops the connection; the seconds for which ``open`` gives none. Logs it once, not at every attempt."""
        if not self._failures:
            logger.warning("%s lost the broker (%s); trying again", self.name, type(error).__name__)
        self.close()
        jitter = random.uniform(0.5, 1)  # noqa: S311  # no secret
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10)) * jitter
        self._failures += 1
        self._not_before = time.monotonic() + pause
        return pause

    def close(self) -> None:
        """Closes the connection if there is one; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*FAILURES):
                connection.release()
