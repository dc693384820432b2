"""Opening a database: what is refused at start, and one process per folder of SQLite logs."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, select, text

from events.log import postgres, schema
from events.log.database import Database
from events.log.errors import FolderInUse, UnsafeDatabase
from tests.conftest import PostgresRole
from tests.support.library import Library

OPEN_ELSEWHERE = "import sys; from events.log.database import Database; Database.open(sys.argv[1], 'archive')"


def open_elsewhere(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", OPEN_ELSEWHERE, url], capture_output=True, text=True, check=False)


def test_a_second_process_is_refused_the_folder_with_the_way_out(data_dir: Path) -> None:
    first = Database.open(f"sqlite:///{data_dir}/library.sqlite", "library")
    other = open_elsewhere(f"sqlite:///{data_dir}/archive.sqlite")
    assert other.returncode != 0
    assert "FolderInUse" in other.stderr
    assert "hint:" in other.stderr
    first.close()
    assert open_elsewhere(f"sqlite:///{data_dir}/archive.sqlite").returncode == 0


def test_services_of_one_process_share_the_folder_until_the_last_one_closes(data_dir: Path) -> None:
    first = Database.open(f"sqlite:///{data_dir}/library.sqlite", "library")
    second = Database.open(f"sqlite:///{data_dir}/archive.sqlite", "archive")
    first.close()
    first.close()
    assert open_elsewhere(f"sqlite:///{data_dir}/x.sqlite").returncode != 0
    second.close()
    assert open_elsewhere(f"sqlite:///{data_dir}/x.sqlite").returncode == 0
    assert issubclass(FolderInUse, UnsafeDatabase)


def test_sqlite_is_durable_at_every_commit(data_dir: Path) -> None:
    database = Database.open(f"sqlite:///{data_dir}/library.sqlite", "library")
    with database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    database.close()


def test_a_writer_inside_a_writer_is_an_error_instead_of_a_wait_for_ever(data_dir: Path) -> None:
    database = Database.open(f"sqlite:///{data_dir}/library.sqlite", "library")
    with database.begin(), pytest.raises(RuntimeError, match="pass its connection on"), database.begin():
        pass
    with database.begin():
        pass
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/x"])
def test_a_url_that_cannot_keep_a_log_is_refused(url: str) -> None:
    with pytest.raises(UnsafeDatabase):
        Database.open(url, "library")


def test_a_service_name_that_is_no_identifier_is_refused(data_dir: Path) -> None:
    with pytest.raises(UnsafeDatabase, match="service name"):
        Database.open(f"sqlite:///{data_dir}/x.sqlite", "library; drop")


def test_migration_makes_the_tables_of_other_layers_too_and_may_run_again(database: Database) -> None:
    theirs = MetaData()
    Table("checkpoint_of_others", theirs, Column("position", Integer, primary_key=True))
    for _ in range(2):
        database.migrate(extra=[theirs])
    with database.begin() as tx:
        tx.execute(text("INSERT INTO checkpoint_of_others VALUES (1)"))
        tx.execute(text("UPDATE checkpoint_of_others SET position = 2"))


def test_migration_gives_an_older_log_what_finds_its_notes_without_a_scan(library: Library) -> None:
    database = library.log.database
    with database.begin() as tx:
        library.log.note(tx, "daybook.tried", {}, key="somebody")
        tx.execute(text("DROP INDEX log_notes"))
    database.migrate()
    with database.read() as connection:
        assert "log_notes" in {index["name"] for index in inspect(connection).get_indexes("log")}
        notes = select(schema.LOG.c.type).where(schema.IS_NOTE)
        assert connection.execute(notes).scalars().all() == ["note:daybook.tried"]


def test_a_failed_transaction_leaves_nothing_and_a_read_sees_one_moment(database: Database) -> None:
    theirs = MetaData()
    table = Table("rows_of_others", theirs, Column("n", Integer, primary_key=True))
    database.migrate(extra=[theirs])
    with pytest.raises(ZeroDivisionError), database.begin() as tx:
        tx.execute(table.insert().values(n=1))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(table.select()).all() == []

        def write() -> None:
            with database.begin() as tx:
                tx.execute(table.insert().values(n=2))

        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert connection.execute(table.select()).all() == []


def _waits_for_the_disk(tx: Connection) -> bool:
    if tx.dialect.name == "sqlite":
        return tx.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
    return tx.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_only_what_can_be_worked_out_again_is_committed_without_waiting_for_the_disk(database: Database) -> None:
    for derived in (False, True, True, False):  # connections are used again
        with database.begin(derived=derived) as tx:
            assert _waits_for_the_disk(tx) is not derived


def test_nothing_is_appended_without_waiting_for_the_disk(library: Library) -> None:
    database = library.log.database
    with pytest.raises(RuntimeError, match="derived"), database.begin(derived=True) as tx:
        library.log.note(tx, "daybook.tried", {}, key="somebody")
    assert library.log.head() == 0
    with database.begin(derived=True) as tx:
        tx.execute(text("SELECT 1"))


@pytest.mark.processes
def test_the_services_role_may_read_and_write_other_tables(postgres_url: str, postgres_role: PostgresRole) -> None:
    theirs = MetaData()
    table = Table("checkpoint_of_others", theirs, Column("position", Integer, primary_key=True))
    owner = Database.open(postgres_url, "library")
    owner.migrate(service_role=postgres_role.name, extra=[theirs])
    service = Database.open(postgres_role.url, "library")
    with service.begin() as tx:
        tx.execute(table.insert().values(position=1))
        tx.execute(table.update().values(position=2))
        tx.execute(table.delete())
    service.close()
    owner.close()


@pytest.mark.processes
def test_a_connection_left_in_the_middle_of_a_statement_is_not_used_again(postgres_url: str) -> None:
    database = Database.open(postgres_url, "library")
    assert database.direct is not None
    with database.direct.connection() as abandoned:
        abandoned.pgconn.send_query(b"SELECT pg_sleep(1)")  # as when a green thread is killed while it waits
    with database.direct.connection() as next_one:
        assert next_one.execute("SELECT 1").fetchone() == (1,)
    database.close()


@pytest.mark.processes
def test_postgres_connections_are_durable_and_bounded_in_their_waits(postgres_url: str) -> None:
    database = Database.open(postgres_url, "library")
    assert database.direct is not None
    settings = ("synchronous_commit", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with database.engine.connect() as one, database.direct.connection() as two:
        for setting in settings:
            for value in (
                one.execute(text(f"SHOW {setting}")).scalar_one(),
                two.execute(f"SHOW {setting}".encode()).fetchall()[0][0],
            ):
                assert value not in ("off", "0"), setting
    database.close()


@pytest.mark.processes
def test_connections_that_broke_at_rest_are_replaced_unnoticed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RESTED_SECONDS", 0.0)
    database, other = (Database.open(postgres_url, name) for name in ("library", "archive"))
    with database.read() as one, database.read() as two:
        mine = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in (one, two)]
    with other.begin() as tx:
        for backend in mine:
            tx.execute(text("SELECT pg_terminate_backend(:backend, 10000)"), {"backend": backend})
    for _ in mine:
        with database.read() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) not in mine
    database.close()
    other.close()
