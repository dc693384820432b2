"""From the log to RabbitMQ quorum queues, confirmed.

Ours is what two roles of a service do, a process each: the feed follower freezes the log's events as published events,
the relay publishes them with confirms and moves its checkpoint. The peer is nameko's event dispatcher, the limit
py-amqp with prebuilt messages, confirmed batch by batch. All publish persistent messages of the same size to quorum
queues that take them.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import amqp
from sqlalchemy import select

from bench import harness, reviews
from bench.harness import Options, spawn
from bench.servers import Servers
from events.contract.canonical import loads
from events.contract.envelope import MEDIA_TYPE
from events.transport import topology
from events.transport.feed import FeedFollower
from events.transport.frames import PERSISTENT
from events.transport.relay import Confirms, Relay
from events.transport.tables import FEED
from tests.support.rabbit import connect

BATCH = 500
SOURCE = topology.source_of(reviews.TELLER)
PEER_QUEUE = "bench.nameko"


def freeze(url: str, start: Any) -> None:
    """One process: the feed follower, until it is told to end."""
    party = reviews.Party(url, reviews.TELLER)
    feed = FeedFollower(party.database, party.log, reviews.publish)
    feed.open()
    start.wait()
    while True:
        if not feed.step():
            party.log.wait(feed.position, 0.02)


def relay(url: str, broker: str, count: int, start: Any, told: Any) -> None:
    """One process: the relay, until so many are confirmed; tells how long it took."""
    party = reviews.Party(url, reviews.TELLER)
    relay = Relay(party.database, SOURCE, broker)
    relay.step()
    start.wait()
    began = time.perf_counter()
    before = relay.relayed
    while relay.relayed - before < count:
        if not relay.step():
            relay.wait(0.005)
    told.put((time.perf_counter() - began, relay.unrouted))
    relay.close()


def ours(url: str, broker: str, count: int) -> float:
    party = reviews.Party(url, reviews.TELLER)
    party.fill(count)
    party.close()
    start, told = spawn.Barrier(2), spawn.Queue()
    freezing = spawn.Process(target=freeze, args=(url, start), daemon=True)
    relaying = spawn.Process(target=relay, args=(url, broker, count, start, told), daemon=True)
    freezing.start()
    relaying.start()
    seconds, unrouted = harness.answer(told, freezing, relaying)
    relaying.join()
    freezing.kill()
    freezing.join()
    if unrouted:
        raise RuntimeError(f"{unrouted} messages found no queue")
    purge(broker)
    return float(count / seconds)


def prebuilt(bodies: list[bytes], broker: str) -> float:
    """The limit: nothing but publishing and waiting for confirms."""
    with connect(broker) as connection:
        channel = connection.channel()
        confirms = Confirms(channel)
        key = topology.routing_key(SOURCE, 7)
        messages = [
            amqp.Message(body, content_type=MEDIA_TYPE, delivery_mode=PERSISTENT, message_id="0" * 36, type="x")
            for body in bodies
        ]
        began = time.perf_counter()
        for first in range(0, len(messages), BATCH):
            with corked(connection):
                for number, message in enumerate(messages[first : first + BATCH], first):
                    key = topology.routing_key(SOURCE, number % 64)
                    channel.basic_publish(message, exchange=topology.EXCHANGE, routing_key=key, mandatory=True)
                    confirms.expect()
            confirms.wait(lambda left: connection.drain_events(timeout=left), 30)
        seconds = time.perf_counter() - began
    purge(broker)
    return len(messages) / seconds


@contextmanager
def corked(connection: amqp.Connection) -> Iterator[None]:
    """Holds small frames back so that a batch leaves in full packets: 17,000 messages/s, not 13,000. Linux only."""
    cork = getattr(socket, "TCP_CORK", None)
    sock = connection.transport.sock
    if cork is None:
        yield
        return
    sock.setsockopt(socket.IPPROTO_TCP, cork, 1)
    try:
        yield
    finally:
        sock.setsockopt(socket.IPPROTO_TCP, cork, 0)


def dispatch(broker: str, bodies: list[bytes], told: Any) -> None:
    """One process: the peer."""
    from nameko.standalone.events import event_dispatcher

    events = [loads(body) for body in bodies]
    send: Callable[..., None] = event_dispatcher({"AMQP_URI": broker})
    send(reviews.TELLER, "review_opened", events[0])
    began = time.perf_counter()
    for event in events:
        send(reviews.TELLER, "review_opened", event)
    told.put(len(events) / (time.perf_counter() - began))


def peer(broker: str, bodies: list[bytes]) -> float:
    told = spawn.Queue()
    process = spawn.Process(target=dispatch, args=(broker, bodies, told))
    process.start()
    rate = harness.answer(told, process)
    process.join()
    purge(broker)
    return float(rate)


def purge(broker: str) -> None:
    """Every round finds empty queues."""
    with connect(broker) as connection:
        channel = connection.channel()
        for queue in (*(topology.queue_name(reviews.HEARER, q) for q in range(topology.DEFAULT_QUEUES)), PEER_QUEUE):
            channel.queue_purge(queue)


@contextmanager
def prepared(servers: Servers, *, sink: bool = True) -> Iterator[tuple[str, str]]:
    """A teller's database and a virtual host with a hearer's queues and, as a sink, one for the peer's events."""
    with servers.database() as url, servers.broker() as broker:
        reviews.migrated(url, reviews.TELLER).close()
        with connect(broker) as connection:
            channel = connection.channel()
            topology.declare(channel, reviews.HEARER, topology.DEFAULT_QUEUES, [SOURCE])
            if sink:
                exchange = f"{reviews.TELLER}.events"  # as nameko names it
                channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
                arguments = {"x-queue-type": "quorum"}
                channel.queue_declare(PEER_QUEUE, durable=True, auto_delete=False, arguments=arguments)
                channel.queue_bind(PEER_QUEUE, exchange, "review_opened")
        yield url, broker


def samples(servers: Servers, count: int) -> list[bytes]:
    """Bodies as they are told."""
    with servers.database() as url:
        party = reviews.migrated(url, reviews.TELLER)
        party.fill(500)
        feed = FeedFollower(party.database, party.log, reviews.publish)
        while feed.step():
            pass
        with party.database.read() as connection:
            found = list(connection.scalars(select(FEED.c.body).order_by(FEED.c.place)))
        party.close()
    return (found * (count // len(found) + 1))[:count]


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    count = options.pick(20_000, 1_000)
    with prepared(servers) as (url, broker):
        bodies = samples(servers, count)
        ways = {
            "ours": partial(ours, url, broker, count),
            "peer": partial(peer, broker, bodies[: options.pick(3_000, 200)]),
            "limit": partial(prebuilt, bodies, broker),
        }
        rates = harness.interleave(ways, options.rounds, f"{count:,} events")
    return {**harness.compared(rates), "unit": "events/s", "n": count}
