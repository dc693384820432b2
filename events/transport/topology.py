"""Exchange, queues and bindings on RabbitMQ: who has to get what, whichever copies run."""

from collections.abc import Iterable
from typing import Any

from events.contract.envelope import PARTITIONS

EXCHANGE = "daybook.events"
"""Topic exchange of all published events; routing key: ``routing_key``."""

DEFAULT_QUEUES = 4
MOST_UNREAD = 1_000_000
"""Messages a queue keeps for an absent consumer; older ones are dropped, since the consumer pulls what it missed."""


def service_of(source: str) -> str:
    """``/daybook/enrollment`` → ``enrollment``."""
    return source.rpartition("/")[2]


def source_of(service: str) -> str:
    """``enrollment`` → ``/daybook/enrollment``."""
    return f"/daybook/{service}"


def routing_key(source: str, partition: int) -> str:
    """For example ``enrollment.07``."""
    return f"{service_of(source)}.{partition:02d}"


def queue_name(consumer: str, queue: int) -> str:
    """For example ``attendance.inbox.2``."""
    return f"{consumer}.inbox.{queue}"


def partitions_of(queue: int, queues: int) -> range:
    """The partitions p with p mod Q = q."""
    return range(queue, PARTITIONS, queues)


def declare_exchange(channel: Any) -> None:
    channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)


def declare_queue(channel: Any, consumer: str, queue: int, queues: int, sources: Iterable[str]) -> str:
    """Declares one durable quorum queue with exactly the bindings it should have; safe to repeat. Its name.

    Single active consumer is a guard against two copies that both think a queue theirs; leases decide whose it is.
    """
    name = queue_name(consumer, queue)
    arguments = {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-max-length": MOST_UNREAD,
        "x-overflow": "drop-head",
    }
    channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
    wanted = set(partitions_of(queue, queues))
    for source in sources:
        for partition in range(PARTITIONS):
            key = routing_key(source, partition)
            if partition in wanted:
                channel.queue_bind(name, EXCHANGE, key, nowait=True)
            else:  # left from another Q
                channel.queue_unbind(name, EXCHANGE, key)
    # the server answers in order: once it has answered this, the bindings above are made
    channel.queue_declare(name, passive=True)
    return name


def declare(channel: Any, consumer: str, queues: int, sources: Iterable[str]) -> list[str]:
    """Declares a consumer's whole topology and deletes queues left from a greater Q. Safe to repeat."""
    declare_exchange(channel)
    told_by = list(sources)
    names = [declare_queue(channel, consumer, queue, queues, told_by) for queue in range(queues)]
    for queue in range(queues, PARTITIONS):
        channel.queue_delete(queue_name(consumer, queue))
    return names
