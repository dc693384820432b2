"""Views: tables that keep every version of their rows, so that the past answers as fast as the present."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Index, MetaData, Table, UnaryExpression, text
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.types import NullType

from events.follow.shaping import Shape, shape
from events.follow.values import settled

OPEN = 2**63 - 1
"""``valid_to`` of a version that still holds."""

VALID_FROM, VALID_TO = "valid_from", "valid_to"

Key = tuple[Any, ...]
Row = dict[str, Any]
"""Its columns in the order in which the view declares them."""

Version = tuple[Any, ...]
"""The values of a row, then from which position on it holds, and at which it ended or ``OPEN``."""


@dataclass(frozen=True, eq=False)
class View:
    """One table of row versions. A version holds at the positions ``valid_from <= position < valid_to``.

    ``table`` and ``c`` are for conditions in queries; the two position columns belong to the machinery.
    """

    name: str
    table: Table
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    normal: Mapping[str, Callable[[Any], Any]]
    required: frozenset[str]
    row: Shape = field(repr=False)
    """Makes a whole row in its stored form of given values; columns left out are null.

    Raises ``ValueError`` for an unknown column or a missing value, ``TypeError`` for a value of another kind."""
    _key_normal: tuple[Callable[[Any], Any], ...] = field(repr=False)

    @property
    def c(self) -> ReadOnlyColumnCollection[str, Column[Any]]:
        return self.table.c

    def key_of(self, row: Mapping[str, Any]) -> Key:
        return tuple([row[name] for name in self.key])

    def key_from(self, parts: tuple[Any, ...]) -> Key:
        """A key given by its parts, in its stored form. Raises ``TypeError`` when a part is missing or too many."""
        if len(parts) != len(self.key):
            raise TypeError(f"view {self.name} has the key {self.key}: {len(parts)} parts were given")
        if len(parts) == 1:  # most keys, and asked for with every event
            return (self._key_normal[0](parts[0]),)
        return tuple([normal(part) for normal, part in zip(self._key_normal, parts, strict=True)])

    def changed(self, row: Row, values: Mapping[str, Any]) -> Row:
        """The row with other values in some columns. Raises as ``row`` does."""
        new = row.copy()
        for name, value in values.items():
            if name not in self.normal:
                raise ValueError(f"view {self.name} has no column {name}")
            if value is None and name in self.required:
                raise ValueError(f"view {self.name}: {name} has no value")
            new[name] = None if value is None else self.normal[name](value)
        return new

    @property
    def stored_columns(self) -> tuple[str, ...]:
        """What a ``Version`` has values of."""
        return (*self.columns, VALID_FROM, VALID_TO)

    def physical(self, name: str | None = None) -> Table:
        """The same table under another name, for a build beside the live one."""
        return self.table.to_metadata(MetaData(), name=name or self.name)

    def create(self, tx: Connection, table: Table, *, keyed: bool = True) -> None:
        """Creates a ``physical`` table; ``keyed``: with its primary key, which may also come later.

        SQLite makes a key only together with its table.
        """
        if keyed or tx.dialect.name == "sqlite":
            table.create(tx)
            return
        columns = [Column(c.name, c.type, nullable=c.nullable, autoincrement=False) for c in table.columns]
        Table(table.name, MetaData(), *columns).create(tx)

    def add_key(self, tx: Connection, table: Table) -> None:
        """Gives a table that was created without it its primary key: made at once it costs a fifth of what it costs
        row by row."""
        if tx.dialect.name != "sqlite":
            quote = tx.dialect.identifier_preparer.quote
            parts = ", ".join(quote(column.name) for column in table.primary_key.columns)
            tx.execute(text(f"ALTER TABLE {quote(table.name)} ADD PRIMARY KEY ({parts})"))

    def index(self, tx: Connection, table: Table, build: int) -> None:
        """Makes the indexes of a ``physical`` table; their names carry the build, since they outlive a renaming."""
        for number, names in enumerate(((), *self.indexes)):
            columns = [table.c[name] for name in (names if VALID_TO in names else (*names, VALID_TO))]
            Index(f"{self.name}_{number}_b{build}", *columns).create(tx)


def unsearched(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """The same, but SQLite uses no index of it: a sign before a column takes that way from it
    (https://www.sqlite.org/optoverview.html, section 2.1). Other databases know how many rows an index spares them."""
    return UnaryExpression(column, operator=_SIGN) if dialect == "sqlite" else column


_SIGN: custom_op[Any] = custom_op("+")


def view(name: str, *columns: Column[Any], key: tuple[str, ...], indexes: Iterable[str | tuple[str, ...]] = ()) -> View:
    """Declares a view: its columns, its key and by what else it is looked up.

    An index ends with ``valid_to``, so rows found by equal values are found without their former versions, however many
    those are. Of columns that are asked for a range only the last can be found so: where it shall be such a column,
    ``valid_to`` is named before it. ``valid_from`` may be named too.

    Raises ``ValueError`` when key or indexes name columns that it has not, ``TypeError`` for a column type whose values
    are not the same in every database.
    """
    names = tuple(column.name for column in columns)
    groups = tuple((group,) if isinstance(group, str) else tuple(group) for group in indexes)
    unknown = {part for group in (key, *groups) for part in group} - {*names, VALID_FROM, VALID_TO}
    if unknown or not key:
        raise ValueError(f"view {name}: key and indexes name its columns; it has no {sorted(unknown) or 'key'}")
    parts: list[Column[Any]] = []
    normal: dict[str, Callable[[Any], Any]] = {}
    for column in columns:
        if isinstance(column.type, NullType):
            raise TypeError(f"view {name}: column {column.name} has no type")
        exact, normal[column.name] = settled(column.type)
        required = column.name in key or not column.nullable
        parts.append(
            Column(column.name, exact, primary_key=column.name in key, nullable=not required, autoincrement=False)
        )
    table = Table(
        name,
        MetaData(),
        *(part for part_name in key for part in parts if part.name == part_name),
        Column(VALID_FROM, BigInteger, primary_key=True, autoincrement=False),
        *(part for part in parts if part.name not in key),
        Column(VALID_TO, BigInteger, nullable=False),
    )
    needed = frozenset(part.name for part in parts if not part.nullable)
    key_normal = tuple(normal[part] for part in key)
    row = shape(name, normal, needed)
    return View(name, table, tuple(key), groups, names, normal, needed, row, key_normal)
