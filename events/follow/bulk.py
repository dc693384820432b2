"""Writing many rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
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
    Update,
    Uuid,
    bindparam,
    func,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeEngine

from events.contract.canonical import dumps
from events.follow.values import Id, Instant, Json
from events.follow.view import Key, Version, View

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
"""In which binary form PostgreSQL takes the values of a column. The driver cuts an int4 that is out of range without a
word: integers of views are int8, and checked before; other tables' own are small."""


def insert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows; each has all columns of the first."""
    if not rows:
        return
    if tx.dialect.name == "postgresql":
        names = tuple(rows[0])
        _copy(tx, table, names, ([row[name] for name in names] for row in rows))
    else:
        tx.execute(table.insert(), list(rows))


def insert_versions(tx: Connection, view: View, table: Table, versions: Sequence[Version]) -> None:
    """Adds whole row versions."""
    if not versions:
        return
    if tx.dialect.name == "postgresql":
        _copy(tx, table, view.stored_columns, versions)
    else:
        tx.execute(table.insert(), [dict(zip(view.stored_columns, version, strict=True)) for version in versions])


def _copy(tx: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    quote = tx.dialect.identifier_preparer.quote
    types = [table.c[name].type for name in names]
    json = [place for place, type_ in enumerate(types) if isinstance(type_, Json)]
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT BINARY)"
    driver: Any = tx.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_form(type_) for type_ in types])
            write = copy.write_row
            for row in rows if not json else (_with_text(row, json) for row in rows):
                write(row)
    except psycopg.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error
    except (psycopg.DataError, OverflowError) as error:
        raise DataError(statement, None, error) from error


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
    names = ("ends", "starts", *(f"key_{name}" for name in view.key))
    rows = [(ends, starts, *key) for key, starts, ends in closed]
    if tx.dialect.name == "postgresql":
        tx.execute(_closing(view, table), dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
        return
    statement = table.update().values(valid_to=bindparam("ends")).where(table.c.valid_from == bindparam("starts"))
    for name in view.key:
        statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
    tx.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


@lru_cache(maxsize=256)
def _closing(view: View, table: Table) -> Update:
    """For PostgreSQL: one statement however many rows."""
    types = {"ends": BigInteger(), "starts": BigInteger(), **{f"key_{name}": table.c[name].type for name in view.key}}
    arrays = [bindparam(name, type_=postgresql.ARRAY(type_)) for name, type_ in types.items()]
    ended = func.unnest(*arrays).table_valued(*types).render_derived(name="ended")
    same = [table.c[name] == ended.c[f"key_{name}"] for name in view.key]
    return table.update().values(valid_to=ended.c.ends).where(table.c.valid_from == ended.c.starts, *same)
