"""From appended in one service to durable in another's log and visible in its projection.

Ours are two services as the runner runs them, a process each: one with the roles feed and relay, one with inbox and
projections. Events per second are counted from the start of the first, with everything appended, to the last event
visible in the other's projection. Then the first service appends at half that rate, ten events a command, and every
event's way is timed: from its command's instant until the projection's transaction is committed. The peer is nameko's
dispatch to an event handler that stores nothing, the limit py-amqp's batches published with confirms and consumed with
one acknowledgment per batch.
"""

import time
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import amqp
import psycopg

from bench import harness, reviews, stages
from bench.harness import Options, spawn
from bench.relay import BATCH, corked, prepared, samples
from bench.servers import Servers
from bench.stages import Samples, Watch
from events.contract.canonical import loads
from events.log.log import EventLog
from events.transport.feed import FeedFollower
from events.transport.frames import PERSISTENT
from events.transport.relay import Confirms
from services.platform.roles import Work
from services.platform.runner import Runner
from services.platform.service import Service
from services.platform.settings import Settings
from tests.support.ports import free_ports
from tests.support.rabbit import connect

LIMIT_QUEUE = "bench.limit"
AT_ONCE = 10
SECONDS = 6.0
Stages = dict[str, Samples]


def teller(url: str, broker: str, folder: Path, port: int, orders: Any, told: Any) -> None:
    """One process. Ordered (count, rate, seconds) it fills its log, starts its roles and appends at a rate."""
    settings = Settings(data=folder, database=url, broker=broker, port=port)
    while (order := orders.get()) is not None:
        count, rate, seconds = order
        party = reviews.Party(url, reviews.TELLER)
        party.fill(count)
        party.close()
        runner = Runner([reviews.definition(reviews.TELLER)], settings, work=frozenset({Work.FEED, Work.RELAY}))
        service = runner.services[reviews.TELLER]
        watch = watched(service)
        told.put(time.time())
        runner.start()
        appended = paced(service.log, rate, seconds) if rate else [(time.time(), count)]
        told.put(appended[-1][1])
        orders.get()
        told.put({"appended": appended, **watch.taken()})
        watch.end()
        runner.stop()
        told.put("stopped")


def watched(service: Service) -> Watch:
    """What the teller's roles have done."""
    [feed], relay = service.followers.others, service.relay
    assert isinstance(feed, FeedFollower)
    assert relay is not None
    return Watch(frozen=lambda: feed.position, relayed=lambda: relay.relayed)


def paced(log: EventLog, rate: float, seconds: float) -> Samples:
    """Appends at an even rate; when so many events were durable."""
    time.sleep(1)  # the roles have found their work
    began = time.perf_counter()
    sent: Samples = [(time.time(), 0)]
    while (passed := time.perf_counter() - began) < seconds:
        if sent[-1][1] < passed * rate:
            reviews.open_reviews(log, sent[-1][1], AT_ONCE)
            sent.append((time.time(), sent[-1][1] + AT_ONCE))
        else:
            time.sleep(0.001)
    return sent


def hearer(url: str, broker: str, folder: Path, source: str, orders: Any, told: Any) -> None:
    """One process: inbox and projection. Ordered a count it waits for so many events more, and tells when the
    projection moved."""
    services = {reviews.TELLER: source}
    settings = Settings(data=folder, database=url, broker=broker, port=0, services=services)
    runner = Runner([reviews.definition(reviews.HEARER)], settings, work=frozenset({Work.INBOX, Work.PROJECTIONS}))
    runner.start()
    service = runner.services[reviews.HEARER]
    assert service.inbox is not None
    receiver, [projection] = service.inbox.receiver, service.followers.projections
    watch = Watch(received=lambda: receiver.received, visible=lambda: projection.position)
    told.put("ready")
    expected = 0
    while (count := orders.get()) is not None:
        expected += count
        while receiver.received < expected or projection.position < service.log.head():
            time.sleep(0.01)
        told.put(watch.taken())
    watch.end()
    runner.stop()


class Pair:
    """Both services, for all rounds."""

    def __init__(self, url: str, broker: str, folder: Path):
        [port] = free_ports(1)
        self._url = url
        self._teller, self._from_teller = spawn.Queue(), spawn.Queue()
        self._hearer, self._from_hearer = spawn.Queue(), spawn.Queue()
        source = f"http://127.0.0.1:{port}"
        self._processes = [
            spawn.Process(target=teller, args=(url, broker, folder, port, self._teller, self._from_teller)),
            spawn.Process(target=hearer, args=(url, broker, folder, source, self._hearer, self._from_hearer)),
        ]
        for process in self._processes:
            process.start()
        self._answer(self._from_hearer)
        self._passed = 0

    def rate(self, count: int) -> float:
        """Events per second from a full log to the last one visible."""
        began, seen = self._run(count, 0, 0)
        self._passed += count
        return float(count / (seen["visible"][-1][0] - began))

    def latencies(self, rate: float, seconds: float) -> dict[str, Any]:
        """How long each event was on its way, and where."""
        heads = self._positions(reviews.TELLER)[-1][0], self._positions(reviews.HEARER)[-1][0]
        _, seen = self._run(0, rate, seconds)
        seen["received"] = stages.numbered(seen["received"], self._passed)
        self._passed += seen["appended"][-1][1]
        told, heard = self._positions(reviews.TELLER, heads[0]), self._positions(reviews.HEARER, heads[1])
        seen["frozen"] = stages.counted(seen["frozen"], [position for position, _ in told])
        seen["visible"] = stages.counted(seen["visible"], [position for position, _ in heard])
        began = [datetime.fromisoformat(loads(state)["time"]).timestamp() for _, state in heard]
        in_all = sorted(
            1000 * (at - start) for start, at in zip(began, stages.passed(seen["visible"], len(began)), strict=True)
        )
        table = stages.table(began, seen)
        return {"p50_ms": stages.middle(in_all), "p99_ms": stages.late(in_all), "stages": table}

    def _positions(self, service: str, after: int = 0) -> list[tuple[int, bytes]]:
        """Position and record of the events on their way in a service's log."""
        query = f"SELECT position, state FROM {service}.log WHERE position > %s AND type LIKE %s ORDER BY position"
        with psycopg.connect(self._url) as connection:
            return connection.execute(query.encode(), (after, "%review_opened%")).fetchall()

    def _run(self, count: int, rate: float, seconds: float) -> tuple[float, Stages]:
        self._teller.put((count, rate, seconds))
        began, appended = self._answer(self._from_teller), self._answer(self._from_teller)
        self._hearer.put(appended)
        seen: Stages = self._answer(self._from_hearer)
        self._teller.put("stop")
        seen = {**self._answer(self._from_teller), **seen}
        self._answer(self._from_teller)
        return began, seen

    def _answer(self, queue: Any) -> Any:
        return harness.answer(queue, *self._processes)

    def close(self) -> None:
        for orders in (self._teller, self._hearer):
            orders.put(None)
        for process in self._processes:
            process.join()


def handle(broker: str, told: Any) -> None:
    """One process: nameko's event handler, which counts."""
    import eventlet

    eventlet.monkey_patch()
    from nameko.containers import ServiceContainer
    from nameko.events import event_handler

    class Hearer:
        name = reviews.HEARER
        heard = 0

        @event_handler(reviews.TELLER, "review_opened")
        def opened(self, payload: dict[str, Any]) -> None:
            if payload["reviews"] == "all":
                told.put(time.time())

    container = ServiceContainer(Hearer, config={"AMQP_URI": broker})
    container.start()
    told.put("ready")
    container.wait()


def dispatch(broker: str, bodies: list[bytes], told: Any) -> None:
    """One process: nameko's dispatcher. The last event ends the count; handlers run concurrently, so about the last."""
    from nameko.standalone.events import event_dispatcher

    events = [{**loads(body), "reviews": ""} for body in bodies]
    events[-1]["reviews"] = "all"
    send: Any = event_dispatcher({"AMQP_URI": broker})
    began = time.time()
    for event in events:
        send(reviews.TELLER, "review_opened", event)
    told.put(began)


def peer(broker: str, bodies: list[bytes]) -> float:
    heard, sent = spawn.SimpleQueue(), spawn.Queue()
    handling = spawn.Process(target=handle, args=(broker, heard), daemon=True)
    handling.start()
    harness.answer(heard, handling)
    sending = spawn.Process(target=dispatch, args=(broker, bodies, sent))
    sending.start()
    rate = len(bodies) / (harness.answer(heard, handling, sending) - harness.answer(sent, sending))
    sending.join()
    handling.kill()
    handling.join()
    return float(rate)


def consume(broker: str, count: int, told: Any) -> None:
    """One process: the limit's second half."""
    with connect(broker) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 4 * BATCH, False)
        got = [0]

        def take(message: Any) -> None:
            got[0] += 1
            if got[0] % BATCH == 0 or got[0] == count:
                channel.basic_ack(message.delivery_tag, multiple=True)

        channel.basic_consume(LIMIT_QUEUE, callback=take)
        told.put("ready")
        while got[0] < count:
            connection.drain_events(timeout=30)
        told.put(time.time())


def prebuilt(broker: str, bodies: list[bytes]) -> float:
    """The limit: published by this process, consumed by another."""
    told = spawn.SimpleQueue()
    consuming = spawn.Process(target=consume, args=(broker, len(bodies), told))
    consuming.start()
    harness.answer(told, consuming)
    messages = [amqp.Message(body, delivery_mode=PERSISTENT) for body in bodies]
    with connect(broker) as connection:
        channel = connection.channel()
        confirms = Confirms(channel)
        began = time.time()
        for first in range(0, len(messages), BATCH):
            with corked(connection):
                for message in messages[first : first + BATCH]:
                    channel.basic_publish(message, "", LIMIT_QUEUE, mandatory=True)
                    confirms.expect()
            confirms.wait(lambda left: connection.drain_events(timeout=left), 30)
    ended = harness.answer(told, consuming)
    consuming.join()
    return len(bodies) / (ended - began)


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    count = options.pick(20_000, 1_000)
    with TemporaryDirectory() as folder, prepared(servers, sink=False) as (url, broker):
        reviews.migrated(url, reviews.HEARER).close()
        bodies = samples(servers, count)
        with connect(broker) as connection:
            arguments = {"x-queue-type": "quorum"}
            connection.channel().queue_declare(LIMIT_QUEUE, durable=True, auto_delete=False, arguments=arguments)
        pair = Pair(url, broker, Path(folder))
        try:
            pair.rate(1_000)  # first starts
            ways = {
                "ours": partial(pair.rate, count),
                "peer": partial(peer, broker, bodies[: options.pick(3_000, 200)]),
                "limit": partial(prebuilt, broker, bodies),
            }
            rates = harness.interleave(ways, options.rounds, f"{count:,} events")
            compared = harness.compared(rates)
            half = compared["ours"] / 2
            on_the_way = pair.latencies(half, options.pick(SECONDS, 1.0))
        finally:
            pair.close()
    return {
        **compared,
        "unit": "events/s",
        "n": count,
        "latency_at": round(half),
        **on_the_way,
    }
