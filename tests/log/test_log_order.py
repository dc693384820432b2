"""Readers never see a position appear below one that they have passed, whatever writers do, pause or roll back.

Pauses are forced between each pair of steps of many concurrent appends by triggers of the test's own and by a sleep
before each statement of the database's functions; readers record every position they saw.
"""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from events.log.clock import from_microseconds
from events.log.database import Database
from events.log.errors import UnsafeDatabase
from events.log.recorder import CommandRow
from events.log.recorder_postgres import PostgresRecorder
from events.log.schema import LOG

pytestmark = pytest.mark.processes

CROWD, PAIR = 10, 2
"""Many writers keep a mark held at all times; with two there are moments without one, which is another danger."""

APPENDS = 12
PAUSE = "PERFORM pg_sleep(0.05 * random() ^ 8);"
"""Mostly next to nothing, now and then much longer than a whole append of somebody else."""


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database.open(postgres_url, "library")
    opened.migrate()
    yield opened
    opened.close()


def pause_everywhere(database: Database) -> None:
    """Sleeps before each statement of the functions, before and after the mark, each row, the statement and the
    commit."""
    with database.begin() as tx:
        for name, statements in (("daybook_mark", 3), ("daybook_low_water", 2), ("daybook_behind", 1)):
            source = tx.execute(text("SELECT pg_get_functiondef(CAST(:name AS regproc))"), {"name": name}).scalar_one()
            paused = re.sub(r"^(\s+)(SELECT CASE|PERFORM|RETURN )", rf"\1{PAUSE} \2", source, flags=re.M)
            assert paused.count(PAUSE) == statements, paused
            tx.exec_driver_sql(paused.replace("%", "%%"))
        tx.exec_driver_sql(
            f"CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {PAUSE} RETURN NEW; END $$"
        )
        for name, when in (
            ("a_before_mark", "TRIGGER {} BEFORE INSERT ON log FOR EACH STATEMENT"),
            ("z_after_mark", "TRIGGER {} BEFORE INSERT ON log FOR EACH STATEMENT"),
            ("z_drawn", "TRIGGER {} BEFORE INSERT ON log FOR EACH ROW"),
            ("z_written", "TRIGGER {} AFTER INSERT ON log FOR EACH STATEMENT"),
            ("z_commit", "CONSTRAINT TRIGGER {} AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"),
        ):
            tx.exec_driver_sql(f"CREATE {when.format(name)} EXECUTE FUNCTION pause()")


def events(count: int) -> list[StoredEvent]:
    stream = uuid4()
    return [StoredEvent(stream, version, "library.x", b"{}") for version in range(1, count + 1)]


def write(database: Database, writer: int, writers: int) -> None:
    recorder = PostgresRecorder(database)
    for number in range(APPENDS if writers == CROWD else 2 * APPENDS):
        match (writer + number) % 4:
            case 0:
                recorder.append(events(1), CommandRow(uuid4(), b"", b"{}"), 0)
            case 1:
                recorder.append(events(3), CommandRow(uuid4(), b"", b"{}"), 0)
            case 2:
                with database.begin() as tx:  # as the inbox does: other work, two statements, then the commit
                    for event in events(2):
                        row = {"stream": event.originator_id, "version": event.originator_version}
                        tx.execute(LOG.insert().values(**row, recorded_at=0, type="library.x", state=b"{}"))
            case 3:
                with pytest.raises(ZeroDivisionError), database.begin() as tx:
                    row = {"stream": uuid4(), "version": 1}
                    tx.execute(LOG.insert().values(**row, recorded_at=0, type="library.x", state=b"{}"))
                    raise ZeroDivisionError


def follow(read: Callable[[int], list[int]], done: Flag) -> list[int]:
    """Every position a reader saw, in the order it saw them."""
    seen = [0]
    while True:
        finished = done.is_set()
        found = read(seen[-1])
        seen += found
        if finished and not found:
            return seen[1:]


def run(database: Database, writers: int, *readers: Callable[[int], list[int]]) -> tuple[list[int], list[list[int]]]:
    done = Flag()
    with ThreadPoolExecutor(writers + len(readers)) as threads:
        following = [threads.submit(follow, reader, done) for reader in readers]
        try:
            for writing in [threads.submit(write, database, n, writers) for n in range(writers)]:
                writing.result()
        finally:
            done.set()
        seen = [reader.result() for reader in following]
    with database.read() as connection:
        stored = connection.execute(text("SELECT position FROM log ORDER BY position")).scalars().all()
    return list(stored), seen


@pytest.mark.parametrize("writers", [CROWD, PAIR])
@pytest.mark.parametrize(
    "start", [1, 2**32 - 60, 2**31 - 60], ids=["new log", "keys wrap around", "keys turn negative"]
)
def test_readers_see_every_position_once_and_in_order(database: Database, start: int, writers: int) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql(f"ALTER SEQUENCE log_position_seq RESTART {start}")
    pause_everywhere(database)
    recorder = PostgresRecorder(database)

    def read(after: int) -> list[int]:
        return [record.position for record in recorder.records(after, 7)]

    stored, seen = run(database, writers, *([read] * 3))
    assert len(stored) >= writers * APPENDS
    for positions in seen:
        assert positions == stored


def test_an_append_that_starts_while_a_reader_works_out_the_mark_is_not_skipped(database: Database) -> None:
    """The one place where a reader that looked at the locks before the sequence would skip, hit on purpose."""
    recorder = PostgresRecorder(database)
    with database.begin() as tx:
        source = tx.scalar(text("SELECT pg_get_functiondef(CAST('daybook_low_water' AS regproc))"))
        slow = re.sub(r"^(\s+)(SELECT CASE|RETURN )", r"\1PERFORM pg_sleep(0.4); \2", source or "", flags=re.M)
        assert slow.count("pg_sleep") == 2
        tx.exec_driver_sql(slow.replace("%", "%%"))
    with ThreadPoolExecutor(1) as threads, database.engine.connect() as unfinished:
        reading = threads.submit(recorder.records, 0, 10)
        time.sleep(0.6)  # the first of its two looks is done, the second not yet
        unfinished.execute(LOG.insert().values(stream=uuid4(), version=1, recorded_at=0, type="library.x", state=b"{}"))
        recorder.append(events(1), None, 0)
        assert reading.result() == []
        unfinished.commit()
    assert [record.position for record in recorder.records(0, 10)] == [1, 2]


def test_a_reader_without_the_mark_does_skip_so_the_test_above_can_fail(database: Database) -> None:
    pause_everywhere(database)

    def read_naively(after: int) -> list[int]:
        with database.engine.connect() as connection:
            found = connection.execute(
                text("SELECT position FROM log WHERE position > :after ORDER BY position LIMIT 7"), {"after": after}
            )
            return list(found.scalars())

    stored, (positions,) = run(database, CROWD, read_naively)
    assert positions != stored


def test_an_append_holds_readers_back_until_it_ends_and_a_rollback_lets_them_go(database: Database) -> None:
    recorder = PostgresRecorder(database)
    first = recorder.append(events(1), None, 0)[0]
    with database.engine.connect() as slow:
        slow.execute(LOG.insert().values(stream=uuid4(), version=1, recorded_at=0, type="library.x", state=b"{}"))
        later = recorder.append(events(1), None, 0)[0]
        assert recorder.head() == first
        assert [r.position for r in recorder.records(0, 10)] == [first]
        slow.rollback()
    assert recorder.head() == later
    assert [r.position for r in recorder.records(0, 10)] == [first, later]
    assert from_microseconds(recorder.records(0, 1)[0].recorded_at).year == 1970


def test_a_reader_in_a_stricter_isolation_is_refused_since_its_snapshot_is_too_old(database: Database) -> None:
    with database.read() as connection, pytest.raises(Exception, match="READ COMMITTED only"):
        connection.execute(text("SELECT daybook_low_water()"))


@pytest.mark.parametrize("option", ["CACHE 10", "CYCLE"])
def test_a_sequence_that_could_reorder_positions_is_refused_at_start(
    database: Database, postgres_url: str, option: str
) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql(f"ALTER SEQUENCE log_position_seq {option}")
    with pytest.raises(UnsafeDatabase, match="CACHE 1 NO CYCLE"):
        Database.open(postgres_url, "library")


def test_a_position_given_by_hand_is_refused(database: Database) -> None:
    PostgresRecorder(database).append(events(1), None, 0)
    with pytest.raises(Exception, match="drawn from the sequence"), database.begin() as tx:
        tx.exec_driver_sql("SELECT nextval('log_position_seq')")
        tx.execute(LOG.insert().values(position=99, stream=uuid4(), version=1, recorded_at=0, type="x", state=b""))


def test_an_append_outside_the_program_takes_the_mark_too(database: Database, postgres_url: str) -> None:
    recorder = PostgresRecorder(database)
    with psycopg.connect(postgres_url) as foreign:
        foreign.execute(
            "INSERT INTO library.log (stream, version, recorded_at, type, state) "
            "VALUES (gen_random_uuid(), 1, 0, 'x', '')"
        )
        recorder.append(events(1), None, 0)
        assert recorder.records(0, 10) == []
        foreign.commit()
    assert [r.position for r in recorder.records(0, 10)] == [1, 2]
