"""Answers from views: always as of one position, the present being the least that the views asked have reached."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Executable, Row, Select, bindparam, func, select
from sqlalchemy.sql.operators import desc_op

from events.follow import together
from events.follow.tables import CHECKPOINT
from events.follow.view import View, unsearched
from events.log.database import Database
from events.log.errors import DaybookError, NotYetKnown
from events.log.log import EventLog

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.05
"""Seconds between looks at the checkpoints while waiting for a view."""


class NotThereYet(DaybookError):
    """The views have not reached the position in time. Nothing is lost: ask again."""

    def __init__(self, wanted: int, reached: int, seconds: float):
        super().__init__(f"the view is at position {reached}; it did not reach {wanted} in {seconds:g} s: ask again")
        self.wanted = wanted
        self.reached = reached


class ViewNotBuilt(DaybookError):
    """The named projection is not kept here (yet), or not in the version that this program reads."""


class Snapshot:
    """The views as of ``position``. Row versions make this the same whenever it is asked."""

    def __init__(self, database: Database, position: int, log: EventLog):
        self._database = database
        self.position = position
        self._log = log

    @property
    def stamp(self) -> Mapping[str, Any]:
        """What every answer carries."""
        return {"service": self._log.service, "generation": self._log.generation, "position": self.position}

    def one(self, view: View, *key: Any) -> Mapping[str, Any] | None:
        """The row with this key, or None."""
        parts = {f"key_{name}": part for name, part in zip(view.key, view.key_from(key), strict=True)}
        found = self._rows(_last_version(view), parts)
        if not found or found[0].valid_to <= self.position:
            return None
        return dict(zip(view.columns, found[0][:-1], strict=True))

    def many(
        self, view: View, *conditions: ColumnElement[bool], order_by: Sequence[Any] | Any = (), limit: int | None = None
    ) -> list[Mapping[str, Any]]:
        """The rows that fulfil all conditions, in the order asked for and then by key."""
        wanted = order_by if isinstance(order_by, list | tuple) else (order_by,)
        order = [*wanted, *(view.c[name] for name in view.key)]
        if limit is None:  # else SQLite reads all versions that ever were, in this order, to be spared sorting a few
            order = [_sorted_when_found(column, self._database.dialect) for column in order]
        query = together.valid(view).where(*conditions).order_by(*order)
        rows = self._rows(query if limit is None else query.limit(limit))
        return [dict(zip(view.columns, row, strict=True)) for row in rows]

    def about(
        self, whose: str, ids: Sequence[str], views: Mapping[View, Sequence[str]]
    ) -> dict[View, list[Mapping[str, Any]]]:
        """Of each view the rows whose column ``whose`` holds one of the ids, ordered by the columns given and then by
        key. The same as ``many`` for each of them, in one round trip to PostgreSQL."""
        if self._database.dialect != "postgresql":
            return {
                view: self.many(view, view.c[whose].in_(ids), order_by=[view.c[name] for name in order])
                for view, order in views.items()
            }
        asked = together.orders(views)
        (found,) = self._rows(together.question(whose, asked), {together.IDS: list(ids)})
        return together.answer(asked, found)

    def count(self, view: View, *conditions: ColumnElement[bool]) -> int:
        """How many rows fulfil all conditions."""
        ((found,),) = self._rows(together.valid(view).where(*conditions).with_only_columns(func.count()))
        return int(found)

    def _rows(self, query: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        # Each statement by itself: versions valid at a position do not change, and a statement that sees the newest
        # catalogue never reads, by an older snapshot, a table that a rebuild has just put in place.
        with self._database.look() as connection:
            return connection.execute(query, {together.POSITION: self.position, **(parameters or {})}).all()


@cache
def _last_version(view: View) -> Select[Any]:
    """The version of one row that began last before the position, found by the primary key however long the history is:
    the only one that can hold at the position. When it ended comes last."""
    columns = [view.c[name] for name in view.columns]
    query = select(*columns, view.c.valid_to).where(view.c.valid_from <= bindparam(together.POSITION))
    query = query.where(*(view.c[name] == bindparam(f"key_{name}") for name in view.key))
    return query.order_by(view.c.valid_from.desc()).limit(1)


def _sorted_when_found(column: Any, dialect: str) -> ColumnElement[Any]:
    """A column to order by, or one with a direction."""
    if isinstance(column, Column):
        return unsearched(column, dialect)
    return unsearched(column.element, dialect).desc() if column.modifier is desc_op else column


_CHECKPOINTS = select(CHECKPOINT.c.name, CHECKPOINT.c.position, CHECKPOINT.c.version).where(
    CHECKPOINT.c.name.in_(bindparam("names", expanding=True))
)


class Reader:
    """Gives snapshots of one service's views.

    ``versions``: the versions of projections that this program reads; views in another version are not served.
    """

    def __init__(
        self,
        database: Database,
        log: EventLog,
        *,
        versions: Mapping[str, int] | None = None,
    ):
        self._database = database
        self._log = log
        self._versions = versions or {}

    def at(
        self,
        projections: Sequence[str],
        *,
        as_of: int | datetime | None = None,
        after: int | None = None,
        timeout: float = 5,
    ) -> Snapshot:
        """The named projections as of the present, a position or an instant.

        ``after`` waits until the present has reached a position, ``as_of`` until the views have. Raises ``NotYetKnown``
        for the future; after ``timeout`` seconds ``NotThereYet``, ``NotSettledYet`` where appends that may belong to an
        instant do not end, or ``ViewNotBuilt`` where there is no such view yet.
        """
        until = time.monotonic() + timeout
        wanted = self._wanted(as_of, until)
        reached = self._reach(projections, max(wanted or 0, after or 0), timeout, until)
        return Snapshot(self._database, reached if wanted is None else wanted, self._log)

    def _wanted(self, as_of: int | datetime | None, until: float) -> int | None:
        if as_of is None:
            return None
        if isinstance(as_of, datetime):
            if as_of.tzinfo is None:
                raise NotYetKnown("an instant needs a time zone, such as 2026-03-01T00:00:00Z")
            return self._log.position_at(as_of, max(0.0, until - time.monotonic()))
        if as_of < 0:
            raise NotYetKnown("positions start at 1; as of 0 nothing had happened")
        if as_of > self._log.head() and self._log.wait(as_of - 1, max(0.0, until - time.monotonic())) < as_of:
            raise NotYetKnown(f"this log has no position {as_of} yet: its head is {self._log.head()}")
        return as_of

    def _reach(self, projections: Sequence[str], wanted: int, timeout: float, until: float) -> int:
        pause = FIRST_PAUSE
        while True:
            left = until - time.monotonic()
            try:
                reached = self._position(projections)
            except ViewNotBuilt:
                if left <= 0:
                    raise
            else:
                if reached >= wanted:
                    return reached
                if left <= 0:
                    raise NotThereYet(wanted, reached, timeout)
            time.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _position(self, projections: Sequence[str]) -> int:
        if not projections:
            raise ViewNotBuilt("name the projections that the answer rests on")
        with self._database.look() as connection:
            rows = connection.execute(_CHECKPOINTS, {"names": list(projections)}).all()
        for name in set(projections) - {row.name for row in rows}:
            raise ViewNotBuilt(f"no projection {name} is kept in {self._log.service} yet: does its follower run?")
        for row in rows:
            if self._versions.get(row.name, row.version) != row.version:
                raise ViewNotBuilt(f"projection {row.name} is being built anew: ask again when it has caught up")
        return min((row.position for row in rows), default=0)
