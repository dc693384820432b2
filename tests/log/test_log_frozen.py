"""A process that freezes in a transaction loses it, and its locks with it, wherever in the transaction it froze."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text
from sqlalchemy.exc import DBAPIError

from events.log import postgres
from events.log.database import Database

pytestmark = pytest.mark.processes

metadata = MetaData()
KEPT = Table("kept", metadata, Column("number", Integer, primary_key=True), Column("value", Integer))
MORE = text("UPDATE kept SET value = value + 1 FROM pg_sleep(0.01) WHERE number = :wanted")
"""Slow enough for its answer not to be there at once."""
ROWS = [{"wanted": number} for number in range(1, 5)]


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database.open(postgres_url, "attendance")
    made.migrate(extra=[metadata])
    with made.begin() as tx:
        tx.execute(KEPT.insert(), [{"number": number, "value": 0} for number in range(1, 5)])
    yield made
    made.close()


@pytest.fixture
def freezing(database: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """As another process has it, which loses a transaction after a second of silence."""
    monkeypatch.setattr(postgres, "IDLE_SECONDS", 1)
    made = Database.open(postgres_url, "attendance")
    yield made
    made.close()


def after_one(tx: Connection) -> None:
    tx.execute(MORE, ROWS[0])


def after_many(tx: Connection) -> None:
    tx.execute(MORE, ROWS)


@pytest.mark.parametrize("last", [after_one, after_many, lambda tx: (after_many(tx), after_one(tx))])
def test_a_transaction_that_froze_before_its_commit_is_taken_away(
    database: Database, freezing: Database, last: Callable[[Connection], object]
) -> None:
    with pytest.raises(DBAPIError), freezing.begin() as frozen:
        last(frozen)
        another_writes(database)
    assert values(database) == [10, 0, 0, 0]


def test_a_transaction_that_froze_between_two_of_many_rows_is_taken_away(
    database: Database, freezing: Database
) -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        yield (2,)
        another_writes(database)
        yield (3,)

    with pytest.raises((DBAPIError, psycopg.Error)), freezing.begin() as tx:
        driver = tx.connection.driver_connection
        assert driver is not None
        driver.cursor().executemany("UPDATE kept SET value = value + 1 WHERE number = %s", rows())
    assert values(database) == [10, 0, 0, 0]


def test_many_rows_count_as_one_execution(database: Database) -> None:
    with database.begin() as tx:
        assert tx.execute(MORE, ROWS).rowcount == 4
        assert tx.execute(MORE, [{"wanted": 4}, {"wanted": 5}]).rowcount == 1
        assert tx.execute(MORE, ROWS[0]).rowcount == 1
    assert values(database) == [2, 1, 1, 2]


def another_writes(database: Database) -> None:
    """Gets the lock of the row that the frozen transaction has written, as soon as that one is gone."""
    with database.begin() as tx:
        tx.execute(text("UPDATE kept SET value = value + 10 WHERE number = 1"))


def values(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(KEPT.select().with_only_columns(KEPT.c.value).order_by(KEPT.c.number)))
