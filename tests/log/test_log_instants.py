"""An answer for an instant never changes, whatever was under way when it was given and whatever clocks say."""

import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from events.contract.envelope import CloudEvent
from events.log.clock import from_microseconds, to_microseconds
from events.log.database import Database
from events.log.errors import Busy, NotSettledYet, NotYetKnown
from events.log.log import EventLog
from events.log.recorder_postgres import PostgresRecorder
from events.log.types import TypeRegistry
from events.log.vault import Vault
from tests.conftest import FixedClock, PostgresRole
from tests.support.library import Library
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.postgres import OF_THIS_DATABASE

MINUTE = timedelta(minutes=1)
GATE = 20_260_302


def one() -> list[StoredEvent]:
    return [StoredEvent(uuid4(), 1, "library.x", b"{}")]


def appended(log: EventLog, stamped: datetime) -> int:
    """Appends what a process stamped earlier, or by a clock that is behind; its position."""
    return log.recorder.append(one(), None, to_microseconds(stamped))[0]


def recorded(log: EventLog, position: int) -> datetime:
    return from_microseconds(log.records(position - 1, 1)[0].recorded_at)


def told(at: datetime) -> CloudEvent:
    return CloudEvent(
        id=uuid4(), source="/daybook/elsewhere", generation=1, partition=0, sequence=1, type="elsewhere.told.v1",
        key="k", occurred_at=at, recorded_at=at, correlation_id="c", causation_id=None, actor="a", traceparent=None,
        data={},
    )  # fmt: skip


@pytest.fixture
def log(library: Library, clock: FixedClock) -> EventLog:
    """A log whose last record is a minute old."""
    library.put_up(uuid4())
    clock.advance(MINUTE)
    return library.log


def test_what_was_stamped_before_an_instant_and_comes_after_its_answer_is_recorded_after_it(
    log: EventLog, clock: FixedClock
) -> None:
    before = log.head()
    asked = [clock.now - timedelta(seconds=10), clock.now, clock.now - timedelta(seconds=20)]
    assert [log.position_at(instant) for instant in asked] == [before] * 3
    late = appended(log, clock.now - timedelta(seconds=30))
    assert recorded(log, late) > max(asked)
    clock.advance(MINUTE)
    later = appended(log, clock.now)
    assert recorded(log, later) == clock.now
    assert [log.position_at(instant) for instant in asked] == [before] * 3
    assert log.position_at(clock.now) == later


@pytest.mark.parametrize("way", ["command", "received", "note"])
def test_every_way_to_append_keeps_to_it(library: Library, log: EventLog, clock: FixedClock, way: str) -> None:
    asked = clock.now
    before = log.position_at(asked)
    clock.advance(-MINUTE)  # a clock that is behind
    if way == "command":
        library.put_up(uuid4())
    else:
        with log.database.begin() as tx:
            _ = log.receive(tx, [told(clock.now)]) if way == "received" else log.note(tx, "test.noted", {}, key="k")
    clock.advance(2 * MINUTE)
    assert log.position_at(asked) == before < log.head()
    assert recorded(log, log.head()) > asked


def test_an_append_under_way_is_waited_for_and_not_for_ever(log: EventLog, clock: FixedClock) -> None:
    before = log.head()
    with ThreadPoolExecutor(1) as another, log.database.begin() as tx:
        log.note(tx, "test.noted", {}, key="k")
        asking = another.submit(log.position_at, clock.now, 0.05)
        with pytest.raises((NotSettledYet, Busy), match=r"0\.05 s"):
            asking.result()
        patient = another.submit(log.position_at, clock.now)
    assert patient.result() == log.position_at(clock.now) == log.head() > before


def test_the_past_is_answered_beside_an_append_under_way(log: EventLog, clock: FixedClock) -> None:
    with ThreadPoolExecutor(1) as another, log.database.begin() as tx:
        log.note(tx, "test.noted", {}, key="k")
        assert another.submit(log.position_at, clock.now - 2 * MINUTE, 0).result() == 0


def test_an_instant_in_the_future_is_not_settled(log: EventLog, clock: FixedClock) -> None:
    with pytest.raises(NotYetKnown, match="future"):
        log.position_at(clock.now + timedelta(microseconds=1))
    assert recorded(log, appended(log, clock.now)) == clock.now


def test_what_is_settled_stays_settled_for_another_process(
    log: EventLog, clock: FixedClock, registry: TypeRegistry, vault: Vault
) -> None:
    before = log.position_at(clock.now)
    another = EventLog(log.database, registry, vault, lambda: clock.now - MINUTE)
    Library(another).put_up(uuid4())
    assert log.position_at(clock.now) == before < log.head()


@pytest.mark.processes
def test_the_services_role_settles_and_what_is_settled_only_grows(
    postgres_url: str, postgres_role: PostgresRole
) -> None:
    owner = Database.open(postgres_url, "library")
    owner.migrate(service_role=postgres_role.name)
    owner.close()
    service = Database.open(postgres_role.url, "library")
    recorder = PostgresRecorder(service)
    recorder.settle(100, 1)
    recorder.settle(50, 1)
    recorder.append(one(), None, 7)
    assert [record.recorded_at for record in recorder.records(0, 9)] == [101]
    service.close()


@pytest.mark.processes
class TestOnPostgres:
    @pytest.fixture
    def log_url(self, postgres_url: str) -> str:
        return postgres_url

    @pytest.mark.parametrize(
        ("place", "waits", "counted"),
        [
            ("before the mark", False, False),
            ("number read, mark not taken", False, False),
            ("mark taken, nothing drawn", True, False),
            ("drawn, not stamped", True, False),
            ("stamped, not written", True, True),
            ("written, not committed", True, True),
        ],
    )
    def test_an_append_that_pauses_anywhere_changes_no_answer(
        self, log: EventLog, clock: FixedClock, place: str, waits: bool, counted: bool
    ) -> None:
        before = log.head()
        with paused(log, place, clock.now) as append:
            if waits:
                with pytest.raises(NotSettledYet):
                    log.position_at(clock.now, 0.1)
            else:
                assert log.position_at(clock.now) == before
        (late,) = append.result()
        assert (recorded(log, late) <= clock.now) is counted
        for _ in range(2):
            assert log.position_at(clock.now) == (late if counted else before)
            appended(log, clock.now)

    def test_no_answer_changes_under_load_with_clocks_that_differ(
        self, database: Database, registry: TypeRegistry, vault: Vault
    ) -> None:
        pause_now_and_then(database)
        log = EventLog(database, registry, vault, lambda: datetime.now(UTC))
        with ThreadPoolExecutor(7) as crowd:
            writing = [crowd.submit(write, log, seed) for seed in range(4)]
            asking = [crowd.submit(ask, log, lambda: all(w.done() for w in writing), seed) for seed in range(3)]
            answers = [answer for asker in asking for answer in asker.result()]
            assert sum(writer.result() for writer in writing) == 100
        assert len(answers) > 20
        assert [(instant, log.position_at(instant)) for instant, _ in answers] == answers
        in_order = [position for _, position in sorted(answers)]
        assert in_order == sorted(in_order)


@contextmanager
def paused(log: EventLog, place: str, stamped: datetime) -> Iterator["Future[list[int]]"]:
    """An append that waits at a place of its way until the block ends."""
    gate = f"PERFORM pg_advisory_xact_lock_shared({GATE});"
    with log.database.begin() as tx:
        tx.exec_driver_sql(
            f"CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {gate} RETURN NEW; END $$"
        )
        if place in TRIGGERS:
            tx.exec_driver_sql(f"CREATE TRIGGER {TRIGGERS[place]} EXECUTE FUNCTION gate()")
        else:
            source = tx.scalar(text("SELECT pg_get_functiondef(CAST('daybook_mark' AS regproc))")) or ""
            gated = source.replace(STATEMENTS[place], f"{gate} {STATEMENTS[place]}")
            assert gated.count(gate) == 1
            tx.exec_driver_sql(gated)
    with ThreadPoolExecutor(1) as another, log.database.engine.connect() as keeper:
        keeper.execute(text(f"SELECT pg_advisory_xact_lock({GATE})"))
        append = another.submit(log.recorder.append, one(), None, to_microseconds(stamped))
        waiting = text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = {GATE} AND {OF_THIS_DATABASE}")
        until(lambda: keeper.scalar(waiting), "the append comes to the gate")
        yield append
        keeper.rollback()


STATEMENTS = {
    "before the mark": "SELECT CASE",
    "number read, mark not taken": "PERFORM pg_advisory_xact_lock_shared(TG",
    "mark taken, nothing drawn": "RETURN NULL",
}
TRIGGERS = {
    "drawn, not stamped": "a_gate BEFORE INSERT ON log FOR EACH ROW",
    "stamped, not written": "z_gate BEFORE INSERT ON log FOR EACH ROW",
    "written, not committed": "z_gate AFTER INSERT ON log FOR EACH STATEMENT",
}


def pause_now_and_then(database: Database) -> None:
    pause = "PERFORM pg_sleep(0.05 * random() ^ 4);"
    with database.begin() as tx:
        source = tx.scalar(text("SELECT pg_get_functiondef(CAST('daybook_mark' AS regproc))")) or ""
        often = re.sub(r"^(\s+)(SELECT CASE|PERFORM|RETURN )", rf"\1{pause} \2", source, flags=re.M)
        assert often.count(pause) == 3
        tx.exec_driver_sql(often)
        tx.exec_driver_sql(
            f"CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {pause} RETURN NEW; END $$"
        )
        for trigger in TRIGGERS.values():
            name = trigger.replace("z_gate AFTER", "z_late AFTER")
            tx.exec_driver_sql(f"CREATE TRIGGER {name} EXECUTE FUNCTION pause()")


def write(log: EventLog, seed: int) -> int:
    """Appends by a clock of its own, up to 50 ms behind; how many."""
    behind = timedelta(milliseconds=random.Random(seed).uniform(0, 50))
    for _ in range(25):
        appended(log, datetime.now(UTC) - behind)
    return 25


def ask(log: EventLog, done: Callable[[], bool], seed: int) -> list[tuple[datetime, int]]:
    """Asks for instants of the last moments until everything is written; what was answered."""
    chance = random.Random(seed)
    answers = []
    while not done():
        instant = datetime.now(UTC) - timedelta(milliseconds=chance.uniform(0, 60))
        answers.append((instant, log.position_at(instant, PATIENCE_SECONDS)))
        time.sleep(chance.uniform(0, 0.02))
    return answers
