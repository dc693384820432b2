"""Building a projection anew beside the live one, comparing row by row, and putting it in the live one's place.

The live follower goes on meanwhile, in whichever process it runs, and finds out by its checkpoint that it was replaced.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from events.follow import checkpoint, held
from events.follow.checkpoint import Checkpoint, LostLease
from events.follow.comparing import Difference, first_difference
from events.follow.decoding import decoded
from events.follow.held import Failure, HeldBack
from events.follow.meanwhile import meanwhile
from events.follow.projecting import ProjectionFollower, beside, create, remove, swap
from events.follow.projection import Projection
from events.follow.rows import Rows, Taken
from events.follow.view import View
from events.log.database import Database
from events.log.errors import DaybookError
from events.log.event import Record
from events.log.log import EventLog
from events.log.reading import NOTE, RECEIVED

SUFFIX = "rebuild"

Progress = Callable[[int, float], None]
"""Called after each batch with the events so far and events per second."""


class RebuildFailed(DaybookError):
    """The projection cannot be built from the log as it was built live. The live one is untouched."""


@dataclass(frozen=True)
class RebuildResult:
    """``events``: how many of the log's the projection wants. ``identical``: whether every row version of the live
    tables up to ``position`` was built again to the byte, and no other. ``seconds`` is the building, tables and indexes
    complete; ``compare_seconds`` the comparison after it."""

    projection: str
    events: int
    seconds: float
    compare_seconds: float
    identical: bool
    position: int
    difference: Difference | None


def rebuild(
    database: Database,
    log: EventLog,
    projection: Projection,
    *,
    replace_live: bool = True,
    progress: Progress | None = None,
) -> RebuildResult:
    """Builds a projection from the first event, compares and, unless told not to, puts the new rows in place, whether
    they differ or not.

    May be interrupted at any time: the live rows stay as they are, and the next rebuild clears away what was left.
    Raises ``RebuildFailed``; ``LostLease`` when another rebuild of the same projection was started meanwhile.
    """
    started = time.monotonic()
    builder = _Builder(projection, database, log, progress or (lambda events, rate: None))
    builder.open()
    try:
        while builder.live().position > builder.position:
            builder.build_to(builder.live().position)
        builder.finish()
        built_at = time.monotonic()
        difference = None
        with database.read() as connection:
            for view, built in builder.tables.items():
                difference = difference or first_difference(connection, view, built, builder.position)
        builder.refuse_if_lost()
        compared_at, position = time.monotonic(), builder.position
        if replace_live:
            builder.put_in_place()
    except DBAPIError:
        builder.refuse_if_lost()  # its tables are gone, or another's
        raise
    finally:
        builder.clear()
    return RebuildResult(
        projection=projection.name,
        events=builder.events,
        seconds=built_at - started,
        compare_seconds=compared_at - built_at,
        identical=difference is None,
        position=position,
        difference=difference,
    )


class _Builder(ProjectionFollower):
    """Folds into tables of its own. It adds nothing to history: an event that was parked live is parked here where the
    log says so, and any other failure ends the rebuild."""

    batch = 5_000

    def __init__(self, projection: Projection, database: Database, log: EventLog, progress: Progress):
        super().__init__(projection, database, log)
        self.events = 0
        self._keyed = False
        self._started = time.monotonic()
        self._progress = progress
        types = projection.handlers
        self._wanted = (
            *types,
            *(RECEIVED + type_ for type_ in types),
            *(NOTE + type_ for type_ in (*types, *held.NOTES)),
        )

    @property
    def tables(self) -> Mapping[View, Table]:
        return beside(self.projection, SUFFIX)

    def live(self) -> Checkpoint:
        """How far the live projection is. Raises ``RebuildFailed`` when it is of another version or not there."""
        with self.database.read() as connection:
            found = checkpoint.find(connection, self.projection.name)
        if found is None:
            raise RebuildFailed(f"projection {self.projection.name} has never been built here: start its service once")
        if found.version != self.projection.version:
            raise RebuildFailed(
                f"projection {self.projection.name} is stored in version {found.version}, this program has "
                f"{self.projection.version}: the running service builds a new version by itself"
            )
        return found

    def open(self) -> None:
        """Starts anew, whatever an earlier rebuild left behind."""
        build = self.live().build + 1
        name = f"{self.projection.name}@{SUFFIX}"
        with self.database.begin() as tx:
            checkpoint.add(tx, name)
            taken = checkpoint.take(tx, name)
            self._checkpoint = checkpoint.put(tx, taken, replace(taken, position=0))
            create(tx, self.tables, build, indexed=False)
        self._held = HeldBack(self.name)
        self.rows = Rows(self.database, self.tables, defer=True)
        self.rows.load()

    def refuse(self, failure: Failure, error: Exception) -> None:
        raise RebuildFailed(
            f"{failure.handler} could not handle {failure.type} at position {failure.position} ({failure.error}), and "
            "could when it was live: the handler was changed without a new version, or depends on more than the log"
        ) from error

    def build_to(self, position: int) -> None:
        """Goes on up to a position that the live projection has passed.

        While one batch is folded the next is read, and the one before is written, each in a thread: most of their time
        is the database's.
        """
        with self.database.read() as connection:
            self._recorded = held.recorded(connection, self.name)
        coming = meanwhile(SUFFIX, partial(self._records, self._passed, position))
        writing: Future[None] = Future()
        writing.set_result(None)
        try:
            while self._passed < position:
                records = coming.result()
                coming = meanwhile(SUFFIX, partial(self._records, self._reached(records, position), position))
                self._fold(records, position)
                writing.result()
                writing = meanwhile(SUFFIX, partial(self._write, self.rows.taken(), self._passed))
                if not self.rows.remembers_all:
                    writing.result()  # what is not remembered is looked up there, by key
                    with self.database.begin(derived=True) as tx:
                        self._add_keys(tx)
                self.events += len(records)
                self._progress(self.events, self.events / max(time.monotonic() - self._started, 1e-6))
            writing.result()
        finally:
            writing.exception()  # nothing is written any more when this returns

    def finish(self) -> None:
        """Writes what was kept back, and makes keys and indexes."""
        build = self.live().build + 1
        with self.database.begin() as tx:
            self._hold(tx)
            self.rows.finish(tx)
            self._add_keys(tx)
            for view, table in self.tables.items():
                view.index(tx, table, build)

    def _add_keys(self, tx: Connection) -> None:
        if not self._keyed:
            for view, table in self.tables.items():
                view.add_key(tx, table)
            self._keyed = True

    def put_in_place(self) -> None:
        """Catches up with the live projection while that one has to wait, and takes its place."""
        self.build_to(self.live().position)
        with self.database.begin() as tx, self.rows.within(tx):
            live = checkpoint.get(tx, self.projection.name, lock=True)
            self._recorded = held.recorded(tx, self.name)
            while self._passed < live.position:
                self._fold(self._records(self._passed, live.position), live.position)
            checkpoint.advance(tx, self.held_checkpoint, self._passed)
            self.rows.flush(tx)
            swap(tx, live, self.tables, live.version, [view.name for view in self.projection.views])

    def refuse_if_lost(self) -> None:
        """Raises ``LostLease`` when another rebuild has begun since, and has taken the tables."""
        with self.database.begin() as tx:
            self._hold(tx)

    def _hold(self, tx: Connection) -> None:
        """As ``refuse_if_lost``, and lets none begin until the transaction ends."""
        mine = self.held_checkpoint
        if checkpoint.get(tx, mine.name, lock=True).fence != mine.fence:
            raise LostLease(mine.name)

    def clear(self) -> None:
        """Takes away what is left of the build, unless another rebuild has begun since. The checkpoint stays, so that
        no later rebuild has the fence of an earlier one that still believes in it."""
        if self._checkpoint is None:
            return
        with self.database.begin() as tx:
            left = checkpoint.find(tx, self._checkpoint.name, lock=True)
            if left is not None and left.fence == self._checkpoint.fence:
                remove(tx, [table.name for table in self.tables.values()])

    def _records(self, after: int, position: int) -> list[Record]:
        return self.log.records(after, self.batch, position, self._wanted) if after < position else []

    def _fold(self, records: list[Record], position: int) -> None:
        self.process(decoded(self.log, records))
        self._passed = self._reached(records, position)

    def _reached(self, records: list[Record], position: int) -> int:
        """How far a batch goes: to its last record, or all the way when there are no more."""
        return records[-1].position if len(records) == self.batch else position

    def _write(self, taken: Taken, passed: int) -> None:
        """Writes one batch and moves the checkpoint."""
        with self.database.begin(derived=True) as tx:
            moved = checkpoint.advance(tx, self.held_checkpoint, passed)
            taken.write(tx)
        self.committed(moved)

    @property
    def held_checkpoint(self) -> Checkpoint:
        if self._checkpoint is None:
            raise RuntimeError("open before building")
        return self._checkpoint
