"""A simulated hospital's HL7 v2 messages over MLLP: eight senders, each sending its next when the last is acknowledged.

Ours is the hospital gateway's listener as the runner runs it: every message is read, mapped, sealed and committed to
the log before it is acknowledged. The peer is python-hl7's MLLP server, which parses and acknowledges and keeps
nothing. After each round every acknowledged message must be in the log.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg

from bench import harness
from bench.harness import Options, spawn
from bench.servers import Servers
from events.contract.canonical import loads
from services.cli.composition import definition
from services.cli.simulator.model.program import Program
from services.interop.mllp.framing import Frames, framed
from services.platform.roles import Work
from services.platform.runner import Runner
from services.platform.service import migrate
from services.platform.settings import Settings

CONNECTIONS = 8
SERVICE = "interop"
RECEIVED = "interop.message.received"
ACCEPTED = (b"AA", b"CA")
"""In the original mode, and in the enhanced one for which messages may ask (HL7 v2.5.1 §2.9.2, §2.9.3)."""


@cache
def hospital() -> tuple[bytes, ...]:
    """What the simulated hospital sends: admissions, discharges, orders, results, corrections, mistakes."""
    return tuple(sent.content for sent in Program(1_000, 26, 1, date(2026, 3, 2)).traffic)


def message(number: int, control_id: str) -> bytes:
    """One of its messages, under a control id of its own: each is new to the gateway."""
    *before, _, rest = hospital()[number % len(hospital())].split(b"|", 10)
    return b"|".join((*before, control_id.encode(), rest))


def gateway(url: str, folder: Path, orders: Any, told: Any) -> None:
    """One process: the listener and its intake; the rest of the gateway follows the log in processes of its own."""
    settings = Settings(data=folder, database=url, port=0, mllp_port=0)
    runner = Runner([definition(SERVICE)], settings, work=frozenset({Work.BACKGROUND}))
    runner.start()
    told.put(runner.services[SERVICE].application.mllp_address)
    orders.get()
    runner.stop()


def parser(told: Any) -> None:
    """One process: the peer."""
    import hl7.mllp

    async def converse(reader: Any, writer: Any) -> None:
        try:
            while not writer.is_closing():
                received = await reader.readmessage()
                writer.writemessage(received.create_ack())
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    async def serve() -> None:
        server = await hl7.mllp.start_hl7_server(converse, "127.0.0.1", 0, encoding="utf-8")
        told.put(server.sockets[0].getsockname()[:2])
        await server.serve_forever()

    asyncio.run(serve())


def send(address: tuple[str, int], numbers: Sequence[int], start: threading.Barrier, acknowledged: list[str]) -> None:
    """One connection. Raises for an answer that is not an acceptance of the message just sent."""
    messages = [(control_id, message(number, control_id)) for number in numbers for control_id in [uuid4().hex[:20]]]
    frames = Frames(1 << 20)
    with socket.create_connection(address) as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start.wait()
        for control_id, content in messages:
            connection.sendall(framed(content))
            acks: list[bytes] = []
            while not acks:
                acks = list(frames.feed(connection.recv(65_536)))
            if not any(b"MSA|%s|%s" % (code, control_id.encode()) in acks[0] for code in ACCEPTED):
                raise RuntimeError("a message was not accepted")
            acknowledged.append(control_id)


def senders(address: tuple[str, int], first: int, count: int, told: Any) -> None:
    """One process: all connections; tells the seconds and which control ids were acknowledged."""
    acknowledged: list[str] = []
    start = threading.Barrier(CONNECTIONS + 1)
    each = [range(first + n, first + count, CONNECTIONS) for n in range(CONNECTIONS)]
    threads = [threading.Thread(target=send, args=(address, numbers, start, acknowledged)) for numbers in each]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    told.put((time.perf_counter() - began, acknowledged))


class Traffic:
    """Sends rounds of new messages, and counts what a log lost of them."""

    def __init__(self, count: int):
        self.count = count
        self.lost = 0
        self._sent = 0

    def rate(self, address: tuple[str, int], url: str | None) -> float:
        told = spawn.Queue()
        process = spawn.Process(target=senders, args=(address, self._sent, self.count, told))
        process.start()
        seconds, acknowledged = harness.answer(told, process)
        process.join()
        self._sent += self.count
        if len(acknowledged) != self.count:
            raise RuntimeError(f"only {len(acknowledged)} of {self.count} messages were acknowledged")
        if url is not None:
            self.lost += len(set(acknowledged) - stored(url))
        return self.count / float(seconds)


def stored(url: str) -> set[str]:
    """The control ids of all messages in the log."""
    with psycopg.connect(url) as connection:
        query = f"SELECT state FROM {SERVICE}.log WHERE type = %s".encode()
        return {loads(state)["data"]["control_id"] for (state,) in connection.execute(query, (RECEIVED,))}


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    traffic = Traffic(options.pick(8_000, 160))
    with TemporaryDirectory() as folder, servers.database() as url:
        migrate(definition(SERVICE), Settings(data=Path(folder), database=url))
        orders, ours, peer = spawn.Queue(), spawn.Queue(), spawn.Queue()
        listening = spawn.Process(target=gateway, args=(url, Path(folder), orders, ours))
        parsing = spawn.Process(target=parser, args=(peer,), daemon=True)
        listening.start()
        parsing.start()
        address, other = harness.answer(ours, listening), harness.answer(peer, parsing)
        ways = {"ours": partial(traffic.rate, address, url), "peer": partial(traffic.rate, other, None)}
        try:
            rates = harness.interleave(ways, options.rounds, f"{traffic.count:,} messages")
        finally:
            orders.put("stop")
            listening.join()
            parsing.kill()
    if traffic.lost:
        raise RuntimeError(f"{traffic.lost} acknowledged messages are not in the log")
    return {**harness.compared(rates), "unit": "messages/s", "n": traffic.count, "lost": traffic.lost}
