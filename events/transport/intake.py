"""Messages from RabbitMQ: one channel per queue, collected into batches, acknowledged a batch at a time."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import AMQPError

from events.transport import topology
from events.transport.broker import FAILURES, Link
from events.transport.receiver import Message

LULL_SECONDS = 0.002
"""When so long nothing has come, no more is waited for: what a relay publishes at once arrives at once."""


@dataclass
class _Consumer:
    """One queue's channel. ``last`` is the tag up to which everything has been collected."""

    name: str
    channel: Any
    last: int = 0
    cancelled: bool = False


class Intake:
    """Consumes the queues that are this copy's. Never raises for the broker's sake: it drops the connection, backs off
    and comes back; what was not acknowledged is delivered again, or pulled."""

    def __init__(self, url: str, consumer: str, queues: int, sources: Sequence[str], *, prefetch: int):
        self.consumer = consumer
        self._queues = queues
        self._sources = sources
        self._prefetch = prefetch
        self._link = Link(url, f"{consumer} inbox")
        self._wanted: frozenset[int] = frozenset()
        self._consumers: dict[int, _Consumer] = {}
        self._collected: list[Message] = []
        self._cleaned = False

    def consume(self, queues: Iterable[int]) -> None:
        """Which queues are this copy's from now on."""
        self._wanted = frozenset(queues)

    def collect(self, limit: int, window: float, patience: float) -> list[Message]:
        """Up to ``limit`` messages: waits ``patience`` seconds for the first, then for more while they keep coming, for
        ``window`` at most."""
        try:
            connection = self._link.open()
            if connection is None:
                time.sleep(min(patience, 0.1))
                return []
            self._link.beat()
            self._settle(connection)
            if not self._consumers:
                time.sleep(min(patience, 0.1))
            else:
                self._drain(limit, window, patience)
        except FAILURES as error:
            self._lost(error)
        collected, self._collected = self._collected, []
        return collected

    def acknowledge(self) -> None:
        """Everything collected so far is safe with us."""
        try:
            for consumer in self._consumers.values():
                if consumer.last and not consumer.cancelled:
                    consumer.channel.basic_ack(consumer.last, multiple=True)
                    consumer.last = 0
        except FAILURES as error:
            self._lost(error)

    def close(self) -> None:
        """Gives up the connection; unacknowledged messages go to another copy."""
        self._consumers.clear()
        self._link.close()

    def _drain(self, limit: int, window: float, patience: float) -> None:
        until = time.monotonic() + patience
        while len(self._collected) < limit and (left := until - time.monotonic()) > 0:
            empty = not self._collected
            try:
                self._link.drain(left if empty else min(left, LULL_SECONDS), lambda: len(self._collected) >= limit)
            except TimeoutError:
                return
            if empty and self._collected:
                until = time.monotonic() + window

    def _settle(self, connection: Any) -> None:
        """Brings the consumers to what is wanted: after a start, a change of shares, a lost queue."""
        for queue, consumer in list(self._consumers.items()):
            if queue not in self._wanted or consumer.cancelled:
                self._stop(self._consumers.pop(queue))
        missing = self._wanted.difference(self._consumers)
        if missing and not self._cleaned:
            channel = connection.channel()
            topology.declare(channel, self.consumer, self._queues, self._sources)
            channel.close()
            self._cleaned = True
        for queue in sorted(missing):
            self._consumers[queue] = self._start(connection, queue)

    def _start(self, connection: Any, queue: int) -> _Consumer:
        channel = connection.channel()
        channel.auto_decode = False  # bodies stay the bytes that came
        topology.declare_exchange(channel)
        name = topology.declare_queue(channel, self.consumer, queue, self._queues, self._sources)
        channel.basic_qos(0, self._prefetch, False)
        consumer = _Consumer(name, channel)

        def deliver(message: Any) -> None:
            if consumer.cancelled:
                return
            consumer.last = message.delivery_info["delivery_tag"]
            self._collected.append(Message(message.body, message.delivery_info["routing_key"], name))

        def cancelled(_tag: str) -> None:
            consumer.cancelled = True  # the queue was deleted under us

        channel.basic_consume(name, consumer_tag=name, callback=deliver, on_cancel=cancelled)
        return consumer

    @staticmethod
    def _stop(consumer: _Consumer) -> None:
        """Closing the channel gives unacknowledged messages back."""
        cancelled, consumer.cancelled = consumer.cancelled, True
        try:
            if not cancelled:
                consumer.channel.basic_cancel(consumer.name)
            consumer.channel.close()
        except AMQPError:
            if consumer.channel.connection is not None:
                raise

    def _lost(self, error: Exception) -> None:
        self._consumers.clear()
        self._link.failed(error)
