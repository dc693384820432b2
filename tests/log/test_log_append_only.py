"""The database itself refuses to change what was appended, tried as the service's own role and as a foreign program."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from events.log.database import Database
from events.log.recorder import CommandRow, Recorder
from events.log.recorder_postgres import PostgresRecorder
from events.log.recorder_sqlite import SQLiteRecorder
from tests.conftest import PostgresRole

CHANGES = [
    "UPDATE {}log SET state = ''",
    "UPDATE {}log SET position = position + 1",
    "DELETE FROM {}log",
    "DELETE FROM {}log WHERE position = 1",
    "DELETE FROM {}command",
    "UPDATE {}command SET answer = ''",
    "UPDATE {}log_generation SET generation = 9",
    "DELETE FROM {}ledger",
    "UPDATE {}ledger SET leaf = ''",
]


def fill(recorder: Recorder) -> None:
    stream = uuid4()
    for version in (1, 2):
        recorder.append(
            [StoredEvent(stream, version, "library.x", b"{}")], CommandRow(uuid4(), b"hash", b"{}"), version
        )


@pytest.fixture
def lite(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the file, without any of our settings."""
    file = data_dir / "library.sqlite"
    database = Database.open(f"sqlite:///{file}", "library")
    database.migrate()
    fill(SQLiteRecorder(database))
    connection = sqlite3.connect(file)
    connection.execute("INSERT INTO log_generation VALUES (1, 'x', 1, 0)")
    connection.execute("INSERT INTO ledger VALUES (1, 0, 'a', 'b', 0)")
    connection.execute("INSERT INTO log_settled VALUES (1, 50)")
    connection.commit()
    yield connection
    connection.close()
    database.close()


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        "INSERT OR REPLACE INTO log SELECT position, stream, version, recorded_at, type, 'forged' FROM log",
        "INSERT OR REPLACE INTO log SELECT position + 7, stream, version, recorded_at, type, 'forged' FROM log",
        "REPLACE INTO command SELECT id, payload_hash, 'forged', position FROM command",
        "REPLACE INTO ledger SELECT position + 7, predecessor, 'forged', chain, recorded_max FROM ledger",
        "INSERT INTO log SELECT * FROM log WHERE true ON CONFLICT (position) DO UPDATE SET state = 'forged'",
        "INSERT INTO log VALUES (-1, 'other', 1, 99, 'x', 'below what readers have passed')",
        "INSERT INTO log VALUES (9, 'other', 1, 50, 'x', 'recorded at an instant that is settled')",
        "UPDATE log_settled SET instant = 49",
        "DELETE FROM log_settled",
        "REPLACE INTO log_settled VALUES (1, 49)",
    ],
)
def test_sqlite_refuses(lite: sqlite3.Connection, change: str) -> None:
    before = lite.execute("SELECT * FROM log").fetchall()
    with pytest.raises(sqlite3.IntegrityError):
        lite.execute(change.format(""))
    lite.rollback()
    assert lite.execute("SELECT * FROM log").fetchall() == before


def test_sqlite_never_uses_a_position_again(lite: sqlite3.Connection) -> None:
    (sql,) = lite.execute("SELECT sql FROM sqlite_master WHERE name = 'log'").fetchone()
    assert "AUTOINCREMENT" in sql


@pytest.mark.processes
class TestPostgresRefuses:
    @pytest.fixture
    def service(self, postgres_url: str, postgres_role: PostgresRole) -> Iterator[PostgresRole]:
        owner = Database.open(postgres_url, "library")
        owner.migrate(service_role=postgres_role.name)
        fill(PostgresRecorder(owner))
        owner.close()
        yield postgres_role

    @pytest.mark.parametrize("change", [*CHANGES, "TRUNCATE {}log", "TRUNCATE {}ledger"])
    def test_the_services_role(self, service: PostgresRole, change: str) -> None:
        with psycopg.connect(service.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change.format("library.").encode())

    @pytest.mark.parametrize("change", [*CHANGES, "TRUNCATE {}log", "TRUNCATE {}ledger"])
    def test_the_owner_too(self, service: PostgresRole, postgres_url: str, change: str) -> None:
        with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change.format("library.").encode())

    @pytest.mark.parametrize(
        "change",
        [
            "ALTER TABLE library.log DISABLE TRIGGER ALL",
            "DROP TRIGGER log_takes_mark ON library.log",
            "CREATE OR REPLACE FUNCTION library.daybook_mark() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NULL; END'",
            "ALTER SEQUENCE library.log_position_seq CACHE 10",
            "SELECT setval('library.log_position_seq', 1)",
            "SELECT setval('library.log_settled_seq', 1)",
            "DROP TABLE library.log",
        ],
    )
    def test_the_services_role_cannot_take_the_guards_away(self, service: PostgresRole, change: str) -> None:
        with psycopg.connect(service.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change.encode())

    def test_the_services_role_can_do_its_work(self, service: PostgresRole) -> None:
        database = Database.open(service.url, "library")
        recorder = PostgresRecorder(database)
        fill(recorder)
        recorder.append([StoredEvent(uuid4(), v, "library.x", b"{}") for v in (1, 2)], None, 0)
        assert len(recorder.records(0, 10)) == recorder.head() == 6
        database.close()
