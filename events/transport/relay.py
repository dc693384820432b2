"""The relay: what stands in the feed goes to RabbitMQ, batch by batch, confirmed before the checkpoint moves."""

import logging
import time
from collections.abc import Sequence
from typing import Any

import amqp
from sqlalchemy import select

from events.contract.envelope import MEDIA_TYPE
from events.follow import checkpoint
from events.follow.checkpoint import Checkpoint
from events.log.database import Appended, Database
from events.transport import topology
from events.transport.broker import FAILURES, Link, corked
from events.transport.tables import FEED

logger = logging.getLogger(__name__)

PERSISTENT = 2


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

    def wait(self, connection: Any, seconds: float) -> None:
        """Returns when everything is confirmed. Raises ``NotConfirmed``."""
        deadline = time.monotonic() + seconds
        while self._owed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotConfirmed(f"{len(self._owed)} messages were not confirmed within {seconds:.0f} s")
            connection.drain_events(timeout=left)
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
        self.batch = batch
        self.relayed = 0
        self.unrouted = 0
        self._confirm_seconds = confirm_seconds
        self._told = told or Appended()
        self._seen = 0
        self._link = Link(broker_url, f"{topology.service_of(source)} relay")
        self._channel: Any = None
        self._confirms: Confirms | None = None
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
        return len(rows)

    def wait(self, seconds: float) -> None:
        """Blocks until the feed has grown in this process since the last step, or for so long."""
        self._told.wait(self._seen, seconds)

    def close(self) -> None:
        """Gives up the connection and what is cached."""
        self._link.close()
        self._channel = self._confirms = self._checkpoint = None

    def _read(self, after: int) -> Sequence[Any]:
        query = (
            select(FEED.c.place, FEED.c.partition, FEED.c.event_id, FEED.c.type, FEED.c.body)
            .where(FEED.c.place > after)
            .order_by(FEED.c.place)
            .limit(self.batch)
        )
        with self.database.read() as connection:
            return connection.execute(query).all()

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
            assert self._confirms is not None
            with corked(connection):
                for row in rows:
                    self._publish(row)
            self._confirms.wait(connection, self._confirm_seconds)
        except FAILURES as error:
            self._channel = self._confirms = None
            self._link.failed(error)
            return False
        if self._confirms.returned:
            self._count_unrouted(self._confirms)
        return True

    def _publish(self, row: Any) -> None:
        message = amqp.Message(
            row.body,
            content_type=MEDIA_TYPE,
            delivery_mode=PERSISTENT,
            message_id=str(row.event_id),
            type=row.type,
        )
        key = topology.routing_key(self.source, row.partition)
        self._channel.basic_publish(message, exchange=topology.EXCHANGE, routing_key=key, mandatory=True)
        assert self._confirms is not None
        self._confirms.expect()

    def _count_unrouted(self, confirms: Confirms) -> None:
        """No queue took them: nobody consumes this source yet, or a queue is gone. Consumers pull from the feed."""
        if not self.unrouted:
            logger.warning("%s: the broker has no queue for some messages; consumers will pull them", self._link.name)
        self.unrouted += confirms.returned
        confirms.returned = 0
