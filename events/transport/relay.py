"""The relay: what stands in the feed goes to RabbitMQ, batch by batch, confirmed before the checkpoint moves."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from events.contract.envelope import MEDIA_TYPE, PARTITIONS
from events.follow import checkpoint
from events.follow.checkpoint import Checkpoint
from events.log.database import Appended, Database
from events.log.polling import Polling
from events.transport import topology
from events.transport.broker import FAILURES, Link
from events.transport.frames import Frames
from events.transport.tables import FEED

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.005, 5.0
"""How often to look at a feed that other processes write: in a busy time, and at rest if ``wait`` allows as long."""
WRITE_AT_ONCE = 65_536
"""Bytes after which what was built is written, so that the broker has work while the rest is built."""


_NEXT = (
    select(FEED.c.place, FEED.c.partition, FEED.c.event_id, FEED.c.type, FEED.c.body)
    .where(FEED.c.place > bindparam("after"))
    .order_by(FEED.c.place)
    .limit(bindparam("most"))
)


class NotConfirmed(OSError):
    """The broker refused messages or did not confirm them in time. They are published again; receivers drop repeats."""


class Confirms:
    """Which of the published messages the broker still owes an answer for."""

    def __init__(self, channel: Any):
        self._owed: set[int] = set()
        self._published = 0
        self._refused = 0
        self.returned = 0
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acknowledged)
        channel.events["basic_nack"].add(self._refuse)
        channel.events["basic_return"].add(self._return)

    def expect(self) -> None:
        """One more message was published; the broker counts them from 1 just the same."""
        self._published += 1
        self._owed.add(self._published)

    def wait(self, drain: Callable[[float], None], seconds: float) -> None:
        """Returns when everything is confirmed. ``drain``: handles what comes from the broker, within so many seconds.

        Raises ``NotConfirmed``.
        """
        deadline = time.monotonic() + seconds
        while self._owed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotConfirmed(f"{len(self._owed)} messages were not confirmed within {seconds:.0f} s")
            drain(left)
        if self._refused:
            raise NotConfirmed(f"the broker refused {self._refused} messages")

    def _settle(self, tag: int, multiple: bool) -> int:
        settled = {owed for owed in self._owed if owed <= tag} if multiple else {tag} & self._owed
        self._owed -= settled
        return len(settled)

    def _acknowledged(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _refuse(self, tag: int, multiple: bool) -> None:
        self._refused += self._settle(tag, multiple)

    def _return(self, error: Exception, exchange: str, key: str, message: Any) -> None:
        self.returned += 1


class Relay:
    """Follows the feed table. Run one per service, under a lease; a second one loses its next write."""

    name = "relay"

    def __init__(
        self,
        database: Database,
        source: str,
        broker_url: str,
        *,
        batch: int = 500,
        confirm_seconds: float = 30,
        told: Appended | None = None,
    ):
        self.database = database
        self.source = source
        self._keys = [topology.routing_key(source, partition) for partition in range(PARTITIONS)]
        self.batch = batch
        self.relayed = 0
        self.unrouted = 0
        self._confirm_seconds = confirm_seconds
        self._told = told or Appended()
        self._seen = 0
        self._polling = Polling(*POLL_SECONDS)
        self._link = Link(broker_url, f"{topology.service_of(source)} relay")
        self._channel: Any = None
        self._confirms: Confirms | None = None
        self._frames: Frames | None = None
        self._checkpoint: Checkpoint | None = None

    def step(self) -> int:
        """One batch; the number of messages relayed, 0 when there was none or the broker is away.

        Raises ``LostLease`` when another copy relays, and whatever the database raises.
        """
        self._seen = self._told.count
        if self._checkpoint is None:
            with self.database.begin() as tx:
                checkpoint.add(tx, self.name)
                self._checkpoint = checkpoint.take(tx, self.name)
        rows = self._read(self._checkpoint.position)
        if not self._published(rows) or not rows:
            return 0
        try:
            with self.database.begin(derived=True) as tx:
                self._checkpoint = checkpoint.advance(tx, self._checkpoint, rows[-1].place)
        except BaseException:
            self._checkpoint = None
            raise
        self.relayed += len(rows)
        self._polling.moved()
        return len(rows)

    def wait(self, seconds: float) -> None:
        """Blocks until the feed has grown in this process since the last step, until it is time to look whether it has
        in another, or for so long."""
        self._told.wait(self._seen, min(seconds, self._polling.pause()))

    def close(self) -> None:
        """Gives up the connection and what is cached."""
        self._link.close()
        self._channel = self._confirms = self._frames = self._checkpoint = None

    def _read(self, after: int) -> Sequence[Any]:
        with self.database.look() as connection:
            return connection.execute(_NEXT, {"after": after, "most": self.batch}).all()

    def _published(self, rows: Sequence[Any]) -> bool:
        """Whether all were published and confirmed."""
        try:
            connection = self._link.open()
            if connection is None:
                return False
            self._link.beat()
            if not rows:
                return True
            if self._channel is None:
                self._channel = connection.channel()
                topology.declare_exchange(self._channel)
                self._confirms = Confirms(self._channel)
                longest = connection.connection.frame_max
                self._frames = Frames(self._channel.channel_id, longest, topology.EXCHANGE, MEDIA_TYPE)
            assert self._confirms is not None
            assert self._frames is not None
            self._publish(rows, self._frames, self._confirms)
            self._confirms.wait(self._link.drain, self._confirm_seconds)
        except FAILURES as error:
            self._channel = self._confirms = self._frames = None
            self._link.failed(error)
            return False
        if self._confirms.returned:
            self._count_unrouted(self._confirms)
        return True

    def _publish(self, rows: Sequence[Any], frames: Frames, confirms: Confirms) -> None:
        built: list[bytes] = []
        size = 0
        for row in rows:
            key = self._keys[row.partition]
            built.append(frames.message(key, str(row.event_id), row.type, row.body))
            confirms.expect()
            size += len(built[-1])
            if size >= WRITE_AT_ONCE:
                self._link.write(b"".join(built))
                built, size = [], 0
        self._link.write(b"".join(built))

    def _count_unrouted(self, confirms: Confirms) -> None:
        """No queue took them: nobody consumes this source yet, or a queue is gone. Consumers pull from the feed."""
        if not self.unrouted:
            logger.warning("%s: the broker has no queue for some messages; consumers will pull them", self._link.name)
        self.unrouted += confirms.returned
        confirms.returned = 0
