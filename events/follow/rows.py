"""The current rows of a projection while events are folded into them: read through, written behind by the batch."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from events.follow import bulk
from events.follow.values import plain
from events.follow.view import OPEN, Key, Row, Version, View
from events.log.database import Database

LOAD_UP_TO = 20_000
"""A view with no more current rows than this is held whole, so that nothing has to be looked up in the database."""

HOLD_UP_TO = 250_000
"""Beyond this many rows of one view the memory of the older half is given back after the batch: those seldom change."""


_SAME: Any = object()
"""No other row than the current one."""


class _Current:
    """The current version of one row: since when it holds, whether it is stored. No row: known to be absent.

    ``before_event`` and ``before_position``: the row before it was changed by the event being handled, and before the
    position being handled.
    """

    __slots__ = ("before_event", "before_position", "changed", "held", "key", "row", "since", "stored")

    def __init__(self, held: "_Held", key: Key, row: Row | None, since: int, stored: bool):
        self.held = held
        self.key = key
        self.row = row
        self.since = since
        self.stored = stored
        self.changed = False  # since the current versions were last stored
        self.before_event: Row | None = _SAME
        self.before_position: Row | None = _SAME

    def replace(self, row: Row | None) -> None:
        if self.held.by:
            self.held.file(self.key, self.row, row)
        self.row = row


class _Held:
    """What is known of one view: current rows, versions that ended in this batch, and look-ups by other columns."""

    def __init__(self, view: View, table: Table):
        self.view = view
        self.table = table
        self.known: dict[Key, _Current] = {}
        self.complete = False  # every current row is known or away
        self.away: set[int] = set()  # hashes of the keys of rows that were known once
        self.changed: list[_Current] = []
        self.ended: list[Version] = []
        self.closed: list[tuple[Key, int, int]] = []
        self.by: dict[tuple[str, ...], dict[Key, set[Key]]] = {}
        self.json = tuple(name for name, normal in view.normal.items() if normal is plain)

    def out(self, row: Row) -> Row:
        """A copy for a handler to change as it likes."""
        copy = row.copy()
        for name in self.json:
            if copy[name] is not None:
                copy[name] = plain(copy[name])
        return copy

    def file(self, key: Key, old: Row | None, new: Row | None) -> None:
        """Moves a row to its place in the look-ups."""
        for names, keys in self.by.items():
            if old is not None:
                keys[tuple(old[name] for name in names)].discard(key)
            if new is not None:
                keys.setdefault(tuple(new[name] for name in names), set()).add(key)

    def remember(self, version: RowMapping) -> Key:
        """Takes a stored current version from the database, unless something newer is known."""
        row = {name: version[name] for name in self.view.columns}
        key = self.view.key_of(row)
        if key not in self.known:
            self.known[key] = _Current(self, key, row, version["valid_from"], True)
        return key

    @property
    def remembers_all(self) -> bool:
        return self.complete and not self.away

    def may_be_stored(self, key: Key) -> bool:
        """Whether a row that is not known may be in the database."""
        return not self.complete or hash(key) in self.away

    def give_back(self) -> None:
        """Forgets the older half of the rows, all of which are stored."""
        for key in list(islice(self.known, (len(self.known) + 1) // 2)):
            if self.known.pop(key).row is not None:
                self.away.add(hash(key))
        self.by.clear()


@dataclass(frozen=True)
class Taken:
    """The changes of a batch: per view the versions that ended, by key, and the new ones."""

    parts: list[tuple[View, Table, list[tuple[Key, int, int]], list[Version]]]

    def write(self, tx: Connection) -> None:
        for view, table, closed, ended in self.parts:
            bulk.close(tx, view, table, closed)
            bulk.insert_versions(tx, view, table, ended)


class Rows:
    """What a projection's handlers read and write. Every change holds from the position being handled.

    Changes of one row at one position are one version, and a row put back as it was writes nothing, so the versions are
    a function of the log alone, however it was cut into batches.
    """

    def __init__(self, database: Database, tables: Mapping[View, Table], *, defer: bool = False):
        """``defer``: current versions are kept back until ``finish``; only a build from empty tables may ask for it."""
        self._database = database
        self._views = {view: _Held(view, table) for view, table in tables.items()}
        self._defer = defer
        self._tx: Connection | None = None
        self._position = 0
        self._of_event: list[_Current] = []
        self._of_position: list[_Current] = []

    # for handlers

    def get(self, view: View, *key: Any) -> Row | None:
        """The current row, or None."""
        held = self._held(view)
        current = self._current(held, view.key_from(key))
        return None if current.row is None else held.out(current.row)

    def put(self, view: View, row: Mapping[str, Any]) -> None:
        """Makes this the current row; columns left out are null."""
        whole = view.row(row)
        self._set(self._held(view), view.key_of(whole), whole)

    def change(self, view: View, *key: Any, **values: Any) -> None:
        """Changes some columns of the current row. Raises ``KeyError`` where there is none."""
        held = self._held(view)
        row = self._current(held, view.key_from(key)).row
        if row is None:
            raise KeyError(f"view {view.name} has no row of this key to change")
        changed = view.changed(row, values)
        self._set(held, view.key_of(changed), changed)

    def delete(self, view: View, *key: Any) -> None:
        """Ends the current row; nothing happens where there is none."""
        self._set(self._held(view), view.key_from(key), None)

    def find(self, view: View, **equals: Any) -> list[Row]:
        """The current rows with these values, ordered by key."""
        held = self._held(view)
        names = tuple(sorted(equals))
        wanted = tuple(None if equals[n] is None else view.normal[n](equals[n]) for n in names)
        keys: Iterable[Key]
        if held.remembers_all:
            keys = self._index(held, names).get(wanted, ())
        else:
            keys = {*self._fetch(held, names, wanted), *(current.key for current in held.changed)}
        found = []
        for key in keys:
            row = held.known[key].row
            if row is not None and tuple(row[name] for name in names) == wanted:
                found.append((key, row))
        return [held.out(row) for _, row in sorted(found, key=lambda pair: pair[0])]

    # for followers

    def load(self) -> None:
        """Reads the current rows of small views, so that a row not known is known to be absent."""
        with self._database.read() as connection:
            for held in self._views.values():
                table = held.table
                found = connection.execute(select(table).where(table.c.valid_to == OPEN).limit(LOAD_UP_TO + 1))
                versions = found.mappings().all()
                held.complete = len(versions) <= LOAD_UP_TO
                for version in versions if held.complete else ():
                    held.remember(version)

    @contextmanager
    def within(self, tx: Connection) -> Iterator[None]:
        """What has to be looked up is looked up in ``tx``: who holds a connection asks for no second one."""
        self._tx = tx
        try:
            yield
        finally:
            self._tx = None

    def at(self, position: int) -> None:
        """Changes from here on hold from ``position``, which never goes down."""
        if position != self._position:
            self._settle()
            self._position = position

    def keep(self) -> None:
        """The event was handled: its changes stay."""
        for current in self._of_event:
            if current.before_position is _SAME:
                current.before_position = current.before_event
                self._of_position.append(current)
            current.before_event = _SAME
        self._of_event.clear()

    def undo(self) -> None:
        """The event failed: as if it had not been touched."""
        for current in self._of_event:
            current.replace(current.before_event)
            current.before_event = _SAME
        self._of_event.clear()

    @property
    def remembers_all(self) -> bool:
        """Whether nothing has to be looked up in the database, so that folding may go on while a batch is written."""
        return all(held.remembers_all for held in self._views.values())

    def flush(self, tx: Connection) -> None:
        """Writes what changed since the last time. After a rollback throw this object away."""
        self.taken().write(tx)

    def taken(self) -> "Taken":
        """What changed since the last time, for the caller to write. Where that fails throw this object away."""
        self._settle()
        parts = []
        for held in self._views.values():
            full = len(held.known) > HOLD_UP_TO
            if not self._defer or full:
                self._store_current(held)
            parts.append((held.view, held.table, held.closed, held.ended))
            held.closed, held.ended = [], []
            if full:
                held.give_back()
        return Taken(parts)

    def finish(self, tx: Connection) -> None:
        """Ends deferral: everything that holds is in the tables afterwards."""
        self._defer = False
        self.flush(tx)

    def _settle(self) -> None:
        """Turns what happened at one position into versions."""
        position = self._position
        for current in self._of_position:
            before, current.before_position = current.before_position, _SAME
            if before == current.row:
                continue
            if before is not None and current.stored:
                current.held.closed.append((current.key, current.since, position))
            elif before is not None:
                current.held.ended.append((*before.values(), current.since, position))
            current.since = position
            current.stored = False
        self._of_position.clear()

    @staticmethod
    def _store_current(held: _Held) -> None:
        for current in held.changed:
            current.changed = False
            if current.row is not None and not current.stored:
                held.ended.append((*current.row.values(), current.since, OPEN))
                current.stored = True
        held.changed.clear()

    def _held(self, view: View) -> _Held:
        try:
            return self._views[view]
        except KeyError:
            raise LookupError(f"view {view.name} is not among the projection's views") from None

    def _set(self, held: _Held, key: Key, row: Row | None) -> None:
        current = self._current(held, key)
        if current.row == row:
            return
        if current.before_event is _SAME:
            current.before_event = current.row
            self._of_event.append(current)
        if not current.changed:
            current.changed = True
            held.changed.append(current)
        current.replace(row)

    def _current(self, held: _Held, key: Key) -> _Current:
        current = held.known.get(key)
        if current is None:
            if held.may_be_stored(key):
                self._fetch(held, held.view.key, key)
            current = held.known.get(key)
            if current is None:
                current = held.known[key] = _Current(held, key, None, 0, False)
        return current

    def _fetch(self, held: _Held, names: tuple[str, ...], values: tuple[Any, ...]) -> list[Key]:
        table = held.table
        query = select(table).where(table.c.valid_to == OPEN)
        for name, value in zip(names, values, strict=True):
            query = query.where(table.c[name] == value if value is not None else table.c[name].is_(None))
        with self._database.look() if self._tx is None else nullcontext(self._tx) as connection:
            return [held.remember(version) for version in connection.execute(query).mappings()]

    @staticmethod
    def _index(held: _Held, names: tuple[str, ...]) -> dict[Key, set[Key]]:
        index = held.by.get(names)
        if index is None:
            index = held.by[names] = {}
            for key, current in held.known.items():
                if current.row is not None:
                    index.setdefault(tuple(current.row[name] for name in names), set()).add(key)
        return index
