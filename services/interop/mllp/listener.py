"""The listener: one loop for many connections. What has come on all of them is kept in one transaction, then answered.

A thread for each connection would cost more than half as much again per message, in handing it to whoever keeps it and
the answer back.
"""

import contextlib
import logging
import socket
import ssl
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from selectors import EVENT_READ, DefaultSelector
from typing import Protocol
from uuid import uuid4

from services.interop.acknowledgment import Addressed, acknowledge
from services.interop.mllp.connection import Bounds, Connection
from services.interop.mllp.framing import framed
from services.interop.receiving import Incoming, Ready, Receipt
from services.interop.translate.problems import DATA_TYPE, Trouble

logger = logging.getLogger(__name__)

BATCH = 200
"""With so many messages at hand no further connection is read before they are kept."""
GATHER_SECONDS = 0.001
"""How long the first messages of a batch wait for as many as usual: who was answered together sends together."""
IDLE_SECONDS = 0.2
SWEEP_SECONDS = 0.1
_TRANSPORT = "mllp"

Heard = list[tuple[Connection, Ready]]


class Keeper(Protocol):
    """Keeps messages durably and says what to answer."""

    def prepare(self, incoming: Incoming) -> Ready:
        """All that can be done before it is stored."""
        ...

    def keep(self, ready: Sequence[Ready], transport: str) -> list[Receipt]:
        """When this returns they are durable. When it raises none of them is, and nothing may be acknowledged."""
        ...


class Listener:
    """A loop of the service. ``address``: where it listens, the port chosen where 0 was asked.

    A connection of which a message could not be kept ends, so that its sender sends again from there on, in order.
    """

    name = "mllp listener"

    def __init__(
        self,
        keeper: Keeper,
        host: str,
        port: int,
        *,
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._keeper = keeper
        self._bounds = bounds or Bounds()
        self._tls = tls
        self._open: set[Connection] = set()
        self._sizes = deque([1], maxlen=4)
        self._sweep_at = 0.0
        self._closing = False
        self._socket = socket.create_server((host, port), backlog=128)
        self._socket.setblocking(False)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._selector = DefaultSelector()
        self._selector.register(self._socket, EVENT_READ)

    def step(self) -> int:
        """Takes what has come, or waits a while for it; keeps it; answers. How many messages there were."""
        heard = self._gather()
        self._sweep()
        batch = [(connection, ready) for connection, ready in heard if connection in self._open]
        if not batch:
            return 0
        self._sizes.append(len(batch))
        try:
            receipts = self._keeper.keep([ready for _, ready in batch], _TRANSPORT)
        except Exception as error:
            for connection, _ in batch:
                self._end(connection, error)
            raise
        self._answer(batch, receipts)
        return len(batch)

    def wait(self, seconds: float) -> None:
        """A step that had nothing to do has waited already."""

    def close(self) -> None:
        self._closing = True
        self._socket.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    # taking and answering

    def _gather(self) -> Heard:
        """Each connection is read once: what more it has, and be it its end, is for the next batch."""
        heard: Heard = []
        seen: set[Connection] = set()
        usual, until, left = max(self._sizes), 0.0, IDLE_SECONDS
        while left > 0 and len(heard) < BATCH:
            for key, _ in self._selector.select(left):
                if key.fileobj is self._socket:
                    self._accept()
                elif key.data in seen:
                    usual = 0  # it may be waiting for its answer
                elif len(heard) < BATCH:
                    heard += self._hear(key.data)
                    seen.add(key.data)
            if not heard:
                break
            now = time.monotonic()
            until = until or now + GATHER_SECONDS
            left = until - now if len(heard) < usual else 0
        return heard

    def _hear(self, connection: Connection) -> Heard:
        try:
            connection.flush()
            messages = connection.read()
            heard = [(connection, self._keeper.prepare(Incoming(one, _TRANSPORT))) for one in messages]
            if not heard:
                self._attend(connection)
        except Exception as error:  # the sender sees the connection end without an acknowledgment and sends again
            self._end(connection, error)
            return []
        return heard

    def _answer(self, batch: Heard, receipts: Sequence[Receipt]) -> None:
        acks: dict[Connection, bytes] = {}
        for (connection, _), receipt in zip(batch, receipts, strict=True):
            answer = framed(receipt.ack) if receipt.ack is not None else b""
            acks[connection] = acks.get(connection, b"") + answer
        for connection, answers in acks.items():
            try:
                connection.send(answers)
                self._attend(connection)
            except OSError as error:
                self._end(connection, error)

    # looking after connections

    def _accept(self) -> None:
        try:
            accepted, _ = self._socket.accept()
        except OSError:  # who wanted to connect is gone again
            return
        if len(self._open) >= self._bounds.connections:
            logger.warning("a hospital connection was refused", extra={"open": len(self._open)})
            accepted.close()
            return
        accepted.setblocking(False)
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                accepted = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        except OSError:
            accepted.close()
            return
        connection = Connection(accepted, self._bounds)
        self._open.add(connection)
        self._selector.register(connection.socket, connection.wants, connection)

    def _attend(self, connection: Connection) -> None:
        """Waits for what the connection wants from now on; says why it is refused; ends it when it wants no more."""
        if connection.refused is not None:
            trouble, connection.refused = Trouble(DATA_TYPE, connection.refused), None
            connection.send(framed(acknowledge("AE", Addressed(), [trouble], datetime.now(UTC), uuid4())))
        if not connection.wants:
            self._end(connection)
        elif self._selector.get_key(connection.socket).events != connection.wants:
            self._selector.modify(connection.socket, connection.wants, connection)

    def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_SECONDS
        for connection in list(self._open):
            if too_long := connection.overdue(now):
                self._end(connection, TimeoutError(too_long))

    def _end(self, connection: Connection, error: Exception | None = None) -> None:
        if connection not in self._open:
            return
        self._open.discard(connection)
        self._selector.unregister(connection.socket)
        with contextlib.suppress(OSError):
            connection.socket.close()
        if error is not None and not self._closing:
            told = {"error": type(error).__name__, "reason": getattr(error, "reason", None)}
            logger.info("a hospital connection ended", extra=told)
