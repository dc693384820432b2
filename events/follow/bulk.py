"""Writing many row versions at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam

from events.follow.view import Key, View

COPY_FROM = 64
"""From this many rows on PostgreSQL's COPY beats a batch of INSERTs."""


def insert(tx: Connection, table: Table, versions: Sequence[Mapping[str, Any]]) -> None:
    """Adds whole versions, position columns included."""
    if not versions:
        return
    if tx.dialect.name == "postgresql" and len(versions) >= COPY_FROM:
        _copy(tx, table, versions)
    else:
        tx.execute(table.insert(), list(versions))


def _copy(tx: Connection, table: Table, versions: Sequence[Mapping[str, Any]]) -> None:
    quote = tx.dialect.identifier_preparer.quote
    names = [column.name for column in table.columns]
    binds = [(name, _bind(tx, column.type)) for name, column in zip(names, table.columns, strict=True)]
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for version in versions:
            copy.write_row([version[name] if bind is None else bind(version[name]) for name, bind in binds])


def _bind(tx: Connection, type_: Any) -> Any:
    """How SQLAlchemy would hand a value of this type to the driver; None where it hands it as it is."""
    return type_.dialect_impl(tx.dialect).bind_processor(tx.dialect)


def close(tx: Connection, view: View, table: Table, closed: Sequence[tuple[Key, int, int]]) -> None:
    """Ends stored versions: (key, valid_from, position at which they end)."""
    if not closed:
        return
    statement = table.update().values(valid_to=bindparam("ends"))
    for name in view.key:
        statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
    statement = statement.where(table.c.valid_from == bindparam("starts"))
    tx.execute(
        statement,
        [
            {"starts": starts, "ends": ends, **{f"key_{n}": part for n, part in zip(view.key, key, strict=True)}}
            for key, starts, ends in closed
        ],
    )
