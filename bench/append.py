"""Single-event commands, appended durably by sixteen writers in four processes.

Ours goes through the application's interface: decide, encode, hash, append with the command's row. The peer is the
`eventsourcing` library's own PostgreSQL recorder with prepared events, the limit a bare prepared INSERT and commit on
sixteen connections; neither stores a command's row. All are measured at several lengths of the log. A reader follows
our log all the while and records every position that it sees.
"""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from bench import harness
from bench.harness import Options, spawn
from bench.servers import Servers
from events.log.commands import Context, Unit
from events.log.database import Database
from events.log.log import EventLog
from events.log.recorder import CommandRow
from events.log.recorder_postgres import PostgresRecorder
from events.log.types import TypeRegistry
from events.log.vault import Vault

PROCESSES = 4
THREADS = 4
SECONDS = 3.0
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

    append.keeps = folder
    return append


def low_water_recorder(url: str) -> Append:
    """Ours, the recorder alone."""
    recorder = PostgresRecorder(Database.open(url, "bench"))
    return lambda: recorder.append([event()], CommandRow(uuid4(), b"hash", b"{}"), 0)


def library_recorder(url: str) -> PostgresApplicationRecorder:
    parts = conninfo_to_dict(url)
    return PostgresApplicationRecorder(
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


def library(url: str) -> Append:
    """The library's recorder as it comes; it stores no command's row."""
    recorder = library_recorder(url)
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
    """One process: its threads append until the time is up. Connections and prepared statements are made before."""
    append = WAYS[way](url)
    ready = threading.Barrier(THREADS + 1)
    done = [0] * THREADS

    def loop(number: int) -> None:
        for _ in range(6):  # psycopg prepares a statement at its sixth use unless told to
            append()
        ready.wait()
        ready.wait()
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            append()
            done[number] += 1

    threads = [threading.Thread(target=loop, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    ready.wait()
    start.wait()
    ready.wait()
    for thread in threads:
        thread.join()
    counts.put(sum(done))


def rate(way: str, url: str, seconds: float) -> float:
    """Appends per second of all processes together."""
    start, counts = spawn.Barrier(PROCESSES), spawn.Queue()
    workers = [spawn.Process(target=work, args=(way, url, seconds, start, counts)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    total = sum(harness.answer(counts, *workers) for _ in workers)
    for worker in workers:
        worker.join()
    return float(total) / seconds


def prepare(url: str) -> Database:
    database = Database.open(url, "bench")
    database.migrate()
    with psycopg.connect(url, autocommit=True) as connection:
        for schema in ("bare", "grouped"):  # the same tables without guards
            connection.execute(f"CREATE SCHEMA {schema}".encode())
            connection.execute(f"SET search_path = {schema}".encode())
            for table in ("log", "command"):
                connection.execute(f"CREATE TABLE {table} (LIKE bench.{table} INCLUDING INDEXES)".encode())
            connection.execute(b"CREATE SEQUENCE log_position_seq")
            connection.execute(b"ALTER TABLE log ALTER position SET DEFAULT nextval('log_position_seq')")
        connection.execute(b"CREATE SCHEMA peer")
    library_recorder(url).create_table()
    return database


def fill(url: str, size: int) -> None:
    """Brings all logs to a length, ours through its recorder, past the planner's statistics."""
    database = Database.open(url, "bench")
    recorder = PostgresRecorder(database)
    with psycopg.connect(url, autocommit=True) as connection:
        missing = {table: size - _length(connection, table) for table in ("bench.log", "bare.log", "peer.peer_events")}
        for _ in range(0, missing["bench.log"], 2_000):
            recorder.append([event() for _ in range(min(2_000, missing["bench.log"]))], None, 0)
        values = "SELECT gen_random_uuid(), 1, {} 'bench.x', %s FROM generate_series(1, %s)"
        for table, columns, stamp in (
            ("bare.log", "stream, version, recorded_at, type, state", "0,"),
            ("peer.peer_events", "originator_id, originator_version, topic, state", ""),
        ):
            if missing[table] > 0:
                connection.execute(b"SET search_path = bare")  # where its default draws positions
                statement = f"INSERT INTO {table} ({columns}) {values.format(stamp)}"
                connection.execute(statement.encode(), (STATE, missing[table]))
        connection.execute(b"CHECKPOINT")
        connection.execute(b"ANALYZE")
    database.close()


def _length(connection: "psycopg.Connection[Any]", table: str) -> int:
    [(length,)] = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()
    return int(length)


class Watcher(threading.Thread):
    """Follows our log and keeps every position in the order in which it saw them."""

    def __init__(self, url: str):
        super().__init__(daemon=True)
        self._database = Database.open(url, "bench")
        self._recorder = PostgresRecorder(self._database)
        self._first = self._recorder.head()
        self._ended = threading.Event()
        self.seen: list[int] = []

    def run(self) -> None:
        last = self._first
        while True:
            ended = self._ended.is_set()
            found = [record.position for record in self._recorder.records(last, 1000)]
            self.seen += found
            last = found[-1] if found else last
            if ended and not found:
                return
            time.sleep(0.02)

    def skipped(self) -> int:
        """How many positions it saw out of order or never."""
        self._ended.set()
        self.join()
        with self._database.read() as connection:
            stored = connection.exec_driver_sql(f"SELECT position FROM log WHERE position > {self._first}").scalars()
            never = len(set(stored).symmetric_difference(self.seen))
        self._database.close()
        return never + sum(later <= earlier for earlier, later in zip(self.seen, self.seen[1:], strict=False))


NAMES = {"ours": "low_water", "peer": "library", "limit": "bare"}
MORE = {"recorder": "low_water_recorder", "group_commit": "group_commit"}


def measure(options: Options, servers: Servers) -> dict[str, Any]:
    names = NAMES | MORE if options.all_ways else NAMES
    seconds = options.pick(SECONDS, 0.3)
    growth = []
    seen = skipped = 0
    found: dict[str, Any] = {}
    with servers.database() as url:
        database = prepare(url)
        for size in options.sizes(1_000):
            fill(url, size)
            watcher = Watcher(url)
            watcher.start()
            ways = {name: partial(rate, way, url, seconds) for name, way in names.items()}
            rates = harness.interleave(ways, options.rounds, f"{size:,} stored")
            skipped += watcher.skipped()
            seen += len(watcher.seen)
            found = harness.compared(rates)
            others = {name: round(statistics.median(rates[name])) for name in names if name in MORE}
            growth.append({"stored": size, **found, **others})
        database.close()
    return {**found, "unit": "appends/s", "n": seen, "skipped": skipped, "growth": growth}
