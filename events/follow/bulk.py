"""Writing many rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Double,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    bindparam,
)
from sqlalchemy.types import TypeEngine

from events.contract.canonical import dumps
from events.follow.values import Id, Instant, Json
from events.follow.view import Key, Version, View

COPY_FROM = 64
"""From this many rows on PostgreSQL's COPY beats a batch of INSERTs."""

_POSTGRES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Instant, "timestamptz"),
    (Json, "text"),
    (Id, "text"),
    (String, "text"),
    (Boolean, "bool"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Double, "float8"),
    (Date, "date"),
    (Uuid, "uuid"),
    (LargeBinary, "bytea"),
)
"""In which binary form PostgreSQL takes the values of a column."""


def insert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows; each has all columns of the first."""
    if not rows:
        return
    if _copies(tx, rows):
        names = tuple(rows[0])
        _copy(tx, table, names, ([row[name] for name in names] for row in rows))
    else:
        tx.execute(table.insert(), list(rows))


def insert_versions(tx: Connection, view: View, table: Table, versions: Sequence[Version]) -> None:
    """Adds whole row versions."""
    if not versions:
        return
    if _copies(tx, versions):
        _copy(tx, table, view.stored_columns, versions)
    else:
        tx.execute(table.insert(), [dict(zip(view.stored_columns, version, strict=True)) for version in versions])


def _copies(tx: Connection, rows: Sequence[Any]) -> bool:
    return tx.dialect.name == "postgresql" and len(rows) >= COPY_FROM


def _copy(tx: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    quote = tx.dialect.identifier_preparer.quote
    types = [table.c[name].type for name in names]
    json = [place for place, type_ in enumerate(types) if isinstance(type_, Json)]
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT BINARY)"
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_form(type_) for type_ in types])
        write = copy.write_row
        for row in rows if not json else (_with_text(row, json) for row in rows):
            write(row)


def _form(type_: TypeEngine[Any]) -> str:
    return next(form for kind, form in _POSTGRES if isinstance(type_, kind))


def _with_text(row: Sequence[Any], json: Sequence[int]) -> Sequence[Any]:
    """The row with its JSON values as they are stored."""
    values = list(row)
    for place in json:
        if values[place] is not None:
            values[place] = dumps(values[place]).decode()
    return values


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
