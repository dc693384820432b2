"""The follower that keeps one projection's rows."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, Table, text

from events.follow import checkpoint, held
from events.follow.checkpoint import Checkpoint
from events.follow.follower import Clock, Follower, wall_clock
from events.follow.projection import Projection
from events.follow.rows import Rows
from events.follow.tail import Tail
from events.follow.view import View
from events.log.database import Database
from events.log.errors import DaybookError
from events.log.event import Event
from events.log.log import EventLog


class Superseded(DaybookError):
    """The stored rows are of a newer version of the projection than this program has. Upgrade this copy."""

    def __init__(self, projection: str, stored: int, known: int):
        super().__init__(f"projection {projection} is stored in version {stored}, this program has {known}: upgrade it")


def identity(projection: type[Projection] | Projection) -> str:
    """Who parks: one version of one projection."""
    return f"{projection.name}@{projection.version}"


def beside(projection: type[Projection] | Projection, suffix: str) -> dict[View, Table]:
    """The projection's tables under names of their own, for a build beside the live ones."""
    return {view: view.physical(f"{view.name}__{suffix}") for view in projection.views}


def create(tx: Connection, tables: Mapping[View, Table], build: int, *, indexed: bool = True) -> None:
    """Creates empty tables in place of any leftovers of these names; ``indexed``: with their keys and indexes."""
    remove(tx, [table.name for table in tables.values()])
    for view, table in tables.items():
        view.create(tx, table, keyed=indexed)
        if indexed:
            view.index(tx, table, build)


def remove(tx: Connection, names: list[str]) -> None:
    quote = tx.dialect.identifier_preparer.quote
    for name in names:
        tx.execute(text(f"DROP TABLE IF EXISTS {quote(name)}"))


def swap(tx: Connection, live: Checkpoint, built: Mapping[View, Table], version: int, old: list[str]) -> Checkpoint:
    """Puts built tables in the place of the live ones, whose writers lose their right to write.

    ``live`` is the live checkpoint, locked in this transaction, at the position up to which was built.
    """
    quote = tx.dialect.identifier_preparer.quote
    remove(tx, old)
    for view, table in built.items():
        tx.execute(text(f"ALTER TABLE {quote(table.name)} RENAME TO {quote(view.name)}"))
    new = replace(live, fence=live.fence + 1, version=version, build=live.build + 1)
    return checkpoint.put(tx, live, new)


class ProjectionFollower(Follower):
    """Folds a log into a projection's live tables, or into new ones when the projection's version has grown."""

    def __init__(
        self,
        projection: Projection,
        database: Database,
        log: EventLog,
        *,
        tail: Tail | None = None,
        clock: Clock = wall_clock,
    ):
        super().__init__(identity(projection), database, log, tail=tail, clock=clock)
        self.projection = projection
        self.rows = Rows(database, {})
        self._building = False

    @property
    def building(self) -> bool:
        """Whether a new version is being built beside the live one."""
        return self._building

    def wants(self, event: Event) -> bool:
        return event.type in self.projection.handlers

    def handler(self, event: Event) -> str:
        return f"{self.projection.name}.{self.projection.handlers.get(event.type, event.type)}"

    def handle(self, event: Event, at: int) -> None:
        self.rows.at(at)
        self.projection.handle(event, self.rows)

    def keep(self) -> None:
        self.rows.keep()

    def undo(self) -> None:
        self.rows.undo()

    def save(self, tx: Connection) -> None:
        self.rows.flush(tx)

    def take(self, tx: Connection) -> Checkpoint:
        projection = self.projection
        # Whoever gets the row in makes the tables; another copy waits for that transaction at this very statement.
        if checkpoint.add(tx, projection.name, version=projection.version):
            create(tx, {view: view.physical() for view in projection.views}, 1)
        live = checkpoint.get(tx, projection.name, lock=True)
        if live.version > projection.version:
            raise Superseded(projection.name, live.version, projection.version)
        self._building = live.version < projection.version
        if not self._building:
            return checkpoint.take(tx, projection.name)
        if checkpoint.add(tx, self.name, version=projection.version):
            create(tx, self.tables, live.build + 1)
        return checkpoint.take(tx, self.name)

    @property
    def tables(self) -> Mapping[View, Table]:
        views = self.projection.views
        return beside(self.projection, str(self.projection.version)) if self._building else {v: v.table for v in views}

    def open(self) -> None:
        super().open()
        self.rows = Rows(self.database, self.tables)
        self.rows.load()

    def read(self) -> list[Event]:
        events = super().read()
        if self._building and not events:
            self._take_over()
            return super().read()
        return events

    def _take_over(self) -> None:
        """The new version has caught up: it becomes the live one."""
        with self.database.begin() as tx:
            live = checkpoint.get(tx, self.projection.name, lock=True)
            if self._checkpoint is None:
                raise checkpoint.LostLease(self.name)
            checkpoint.advance(tx, self._checkpoint, self.position)  # still ours
            if live.position > self.position:
                return  # the old version is ahead by what has just been appended
            live = _moved_up(tx, live, self.position)
            swap(tx, live, self.tables, self.projection.version, [view.name for view in self.projection.views])
            checkpoint.drop(tx, self.name)
            held.forget(tx, [f"{self.projection.name}@{version}" for version in range(1, self.projection.version)])
        self.open()


def _moved_up(tx: Connection, live: Checkpoint, position: int) -> Checkpoint:
    """Moves the locked live checkpoint of a version that nobody feeds any more up to where its successor stands."""
    return live if live.position == position else checkpoint.advance(tx, live, position)
