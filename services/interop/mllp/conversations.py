"""Many conversations in one loop: what has come on all of them is kept in one transaction, then answered.

A thread for each connection would cost more than half as much again per message, in handing it to whoever keeps it and
the answer back.
"""

import contextlib
import logging
import socket
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from selectors import EVENT_READ, DefaultSelector
from typing import Protocol
from uuid import uuid4

from services.interop.acknowledgment import Addressed, acknowledge
from services.interop.examining import Incoming, Ready
from services.interop.mllp.connection import Connection
from services.interop.mllp.framing import framed
from services.interop.receiving import Receipt
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


class Conversations:
    """A loop of the service over some of the listener's connections.

    A connection of which a message could not be kept ends, so that its sender sends again from there on, in order.
    """

    def __init__(self, name: str, keeper: Keeper) -> None:
        self.name = name
        self._keeper = keeper
        self._open: set[Connection] = set()
        self._accepted: deque[Connection] = deque()
        self._sizes = deque([1], maxlen=4)
        self._sweep_at = 0.0
        self._bell, self._door = socket.socketpair()
        self._door.setblocking(False)
        self._selector = DefaultSelector()
        self._selector.register(self._door, EVENT_READ)

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._open) + len(self._accepted)

    def take(self, connection: Connection) -> None:
        """A new connection, from the listener's thread; one that comes when this loop has ended, ends."""
        self._accepted.append(connection)
        try:
            self._bell.send(b"\0")
        except OSError:
            connection.socket.close()

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
        """Ends all conversations; what was not acknowledged is sent again."""
        self._selector.close()
        # The bell first: a connection that is still taken after it finds it gone, one before is among those accepted.
        for ended in (self._bell, self._door, *(one.socket for one in self._open)):
            with contextlib.suppress(OSError):
                ended.close()
        for accepted in list(self._accepted):
            with contextlib.suppress(OSError):
                accepted.socket.close()

    # taking and answering

    def _gather(self) -> Heard:
        """Each connection is read once: what more it has, and be it its end, is for the next batch."""
        heard: Heard = []
        seen: set[Connection] = set()
        usual, until, left = max(self._sizes), 0.0, IDLE_SECONDS
        while left > 0 and len(heard) < BATCH:
            for key, _ in self._selector.select(left):
                if key.fileobj is self._door:
                    self._welcome()
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

    def _welcome(self) -> None:
        self._door.recv(4096)  # once for however many there are
        while self._accepted:
            connection = self._accepted.popleft()
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
        if error is not None:
            told = {"error": type(error).__name__, "reason": getattr(error, "reason", None)}
            logger.info("a hospital connection ended", extra=told)
