"""Comparing two tables of one view, every version of every row, inside the database."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, String, Table, case, cast, except_, literal, select

from events.follow.view import OPEN, View


@dataclass(frozen=True)
class Difference:
    """The first row version that is not the same in both: the view, the key, since when it holds, and the columns that
    differ (``row`` where only one of them has it). No values but the key."""

    view: str
    key: tuple[Any, ...]
    valid_from: int
    columns: tuple[str, ...]


def first_difference(connection: Connection, view: View, built: Table, position: int) -> Difference | None:
    """Compares the live table with a built one as of a position that both have passed; later changes do not count."""
    live = _versions(view.physical(), position)
    other = _versions(built, position)
    order = [*view.key, "valid_from"]
    found: list[RowMapping] = []
    for left, right in ((live, other), (other, live)):
        rows = except_(left, right).subquery()
        keys = [rows.c[name] for name in order]
        query = select(*keys).order_by(*keys).limit(1)
        found += connection.execute(query).mappings().all()
    if not found:
        return None
    first = min(found, key=lambda row: tuple(row[name] for name in order))
    key = tuple(first[name] for name in view.key)
    sides = [_one(connection, side, view, first) for side in (live, other)]
    if sides[0] is None or sides[1] is None:
        return Difference(view.name, key, first["valid_from"], ("row",))
    columns = tuple(name for name in sides[0] if sides[0][name] != sides[1][name])
    return Difference(view.name, key, first["valid_from"], columns)


def _versions(table: Table, position: int) -> Select[Any]:
    """What the table held when the position had just been passed."""
    ends = case((table.c.valid_to > position, literal(OPEN, table.c.valid_to.type)), else_=table.c.valid_to)
    columns = [column for column in table.columns if column.name != "valid_to"]
    return select(*columns, ends.label("valid_to")).where(table.c.valid_from <= position)


def _one(connection: Connection, versions: Select[Any], view: View, like: RowMapping) -> RowMapping | None:
    # As text: what somebody has put into a live row need not be a value of its column.
    rows = versions.subquery()
    query = select(*(cast(column, String).label(column.name) for column in rows.columns))
    for name in (*view.key, "valid_from"):
        query = query.where(rows.c[name] == like[name])
    return connection.execute(query).mappings().one_or_none()
