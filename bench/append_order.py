"""How appends keep order, measured: the low-water mark against group commit, the library's recorder and bare INSERTs.

    python -m bench.append_order --database postgresql://USER@HOST/DATABASE [--seconds 3] [--rounds 3] [--json]

Sixteen writers in four processes append single events, each with its command's row, durably. Every way runs once per
round, one after the other, on the same server; figures and ratios are medians over the rounds, ratios with minimum and
maximum. A reader follows our log all the while and records every position that it sees. The database must be empty but
for earlier runs of this program.
"""

import argparse
import json
import multiprocessing as mp
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from events.log.commands import Context, Unit
from events.log.database import Database
from events.log.log import EventLog
from events.log.recorder import CommandRow
from events.log.recorder_postgres import PostgresRecorder
from events.log.types import TypeRegistry
from events.log.vault import Vault

PROCESSES = 4
THREADS = 4
STATE = b"x" * 300
INSERT = "INSERT INTO log (stream, version, recorded_at, type, state) VALUES (%s, %s, %s, %s, %s) RETURNING position"
COMMAND = "INSERT INTO command (id, payload_hash, answer, position) VALUES (%s, %s, %s, currval('log_position_seq'))"

Append = Callable[[], object]


class Opened(Aggregate):
    TOPIC = "bench.opened"

    class Created(Aggregate.Created):
        TOPIC = "bench.opened.created"
        text: str

    def __init__(self, text: str):
        self.text = text


@dataclass(frozen=True)
class Open:
    id: UUID
    text: str


def low_water(url: str) -> Append:
    """Ours, through the application interface: decide, encode, append with the command's row."""
    folder = TemporaryDirectory()
    vault = Vault.connect(f"sqlite:///{folder.name}/keys.sqlite", bytes(32))
    log = EventLog(Database.open(url, "bench"), TypeRegistry("bench", [Opened]), vault, lambda: datetime.now(UTC))
    text = STATE.decode()

    def append() -> object:
        command = Open(uuid4(), text)

        def decide(unit: Unit) -> dict[str, Any]:
            unit.add(Opened._create(Opened.Created, id=command.id, timestamp=unit.context.at, text=text))
            return {"id": command.id}

        return log.execute(command, Context(uuid4(), datetime.now(UTC), "bench", frozenset(), "bench"), decide)

    append.keeps = folder  # type: ignore[attr-defined]  # the key store lives as long as its user
    return append


def low_water_recorder(url: str) -> Append:
    """Ours, the recorder alone."""
    recorder = PostgresRecorder(Database.open(url, "bench"))
    return lambda: recorder.append([event()], CommandRow(uuid4(), b"hash", b"{}"), 0)


def library(url: str) -> Append:
    """The library's recorder as it comes; it stores no command's row."""
    parts = conninfo_to_dict(url)
    recorder = PostgresApplicationRecorder(
        PostgresDatastore(
            dbname=str(parts["dbname"]),
            host=str(parts["host"]),
            port=str(parts.get("port", 5432)),
            user=str(parts["user"]),
            password=str(parts.get("password", "")),
            pool_size=THREADS,
            schema="peer",
        ),
        events_table_name="peer_events",
    )
    recorder.create_table()
    return lambda: recorder.insert_events([event()])


def bare(url: str) -> Append:
    """The limit: one prepared INSERT into a table of the same columns and keys, and its commit."""
    local = threading.local()

    def append() -> object:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True, options="-c search_path=bare")
        return local.connection.execute(INSERT, (uuid4(), 1, 0, "bench.x", STATE), prepare=True).fetchone()

    return append


class Group:
    """Group commit: one thread per process commits all waiting appends in one transaction under the table's lock.

    Its favourable form: the batch goes out in one pipeline; only where one append fails is it repeated behind
    savepoints, and none fails here.
    """

    def __init__(self, url: str):
        self._connection = psycopg.connect(url, options="-c search_path=grouped")
        self._queue: SimpleQueue[Future[None]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def append(self) -> None:
        done: Future[None] = Future()
        self._queue.put(done)
        done.result()

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            with self._connection.transaction(), self._connection.pipeline():
                self._connection.execute("LOCK TABLE log IN EXCLUSIVE MODE")
                for _ in batch:
                    self._connection.execute("SAVEPOINT one")
                    self._connection.execute(INSERT, (uuid4(), 1, 0, "bench.x", STATE), prepare=True)
                    self._connection.execute(COMMAND, (uuid4(), b"hash", b"{}"), prepare=True)
                    self._connection.execute("RELEASE one")
            for done in batch:
                done.set_result(None)


def group_commit(url: str) -> Append:
    return Group(url).append


def event() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "bench.x", STATE)


WAYS: dict[str, Callable[[str], Append]] = {
    "low_water": low_water,
    "low_water_recorder": low_water_recorder,
    "group_commit": group_commit,
    "library": library,
    "bare": bare,
}


def work(way: str, url: str, seconds: float, start: Any, counts: Any) -> None:
    """One process: its threads append until the time is up."""
    append = WAYS[way](url)
    append()
    start.wait()
    deadline = time.perf_counter() + seconds
    done = [0] * THREADS

    def loop(number: int) -> None:
        while time.perf_counter() < deadline:
            append()
            done[number] += 1

    threads = [threading.Thread(target=loop, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.put(sum(done))


def rate(way: str, url: str, seconds: float) -> float:
    """Appends per second of all processes together."""
    context = mp.get_context("spawn")
    start, counts = context.Barrier(PROCESSES), context.Queue()
    workers = [context.Process(target=work, args=(way, url, seconds, start, counts)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    total = sum(counts.get() for _ in workers)
    for worker in workers:
        worker.join()
    return float(total) / seconds


def prepare(url: str) -> Database:
    database = Database.open(url, "bench")
    database.migrate()
    with psycopg.connect(url, autocommit=True) as connection:
        for schema in ("bare", "grouped"):  # the same tables without guards
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
            connection.execute(f"SET search_path = {schema}".encode())
            for table in ("log", "command"):
                connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {table} (LIKE bench.{table} INCLUDING INDEXES)".encode()
                )
            connection.execute(b"CREATE SEQUENCE IF NOT EXISTS log_position_seq")
            connection.execute(b"ALTER TABLE log ALTER position SET DEFAULT nextval('log_position_seq')")
        connection.execute(b"CREATE SCHEMA IF NOT EXISTS peer")
    return database


class Watcher(threading.Thread):
    """Follows our log and counts positions that appear out of order or never."""

    def __init__(self, database: Database):
        super().__init__()
        self._recorder = PostgresRecorder(database)
        self._database = database
        self._first = self._recorder.head()
        self.done = threading.Event()
        self.seen: list[int] = []

    def run(self) -> None:
        last = self._first
        while True:
            finished = self.done.is_set()
            found = [record.position for record in self._recorder.records(last, 1000)]
            self.seen += found
            last = found[-1] if found else last
            if finished and not found:
                return
            time.sleep(0.02)

    def skipped(self) -> int:
        with self._database.read() as connection:
            stored = connection.exec_driver_sql(f"SELECT position FROM log WHERE position > {self._first}").scalars()
            return len(set(stored).symmetric_difference(self.seen)) + (self.seen != sorted(set(self.seen)))


def summary(rates: dict[str, list[float]], watcher: Watcher) -> dict[str, Any]:
    median = {way: round(statistics.median(found)) for way, found in rates.items()}
    ratios = {}
    for way in ("library", "bare", "group_commit"):
        per_round = [ours / other for ours, other in zip(rates["low_water"], rates[way], strict=True)]
        ratios[way] = [round(f(per_round), 2) for f in (statistics.median, min, max)]
    return {
        "bench": "append_order",
        "ours": median["low_water"],
        "recorder": median["low_water_recorder"],
        "group_commit": median["group_commit"],
        "peer": median["library"],
        "limit": median["bare"],
        "ratio_peer": ratios["library"][0],
        "ratio_limit": ratios["bare"][0],
        "ratios": ratios,
        "n": len(watcher.seen),
        "skipped": watcher.skipped(),
        "rounds": len(rates["bare"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    database = prepare(options.database)
    watcher = Watcher(database)
    watcher.start()
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            rates[way].append(rate(way, options.database, options.seconds))
    watcher.done.set()
    watcher.join()
    result = summary(rates, watcher)
    if not options.json:
        for way, found in rates.items():
            print(f"{way:20} {statistics.median(found):6.0f} appends/s   ({min(found):.0f} to {max(found):.0f})")
        for way in ("library", "bare", "group_commit"):
            print(f"low_water / {way:12} {result['ratios'][way]}")
    print(json.dumps(result))
    database.close()


if __name__ == "__main__":
    main()
