"""Firing deadlines: by the injected clock, once each, whatever restarts and however many copies there are."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import RowMapping, Select, and_, bindparam, exists, func, select, union_all

from events.follow import checkpoint, held
from events.follow.deadline import Deadlines
from events.follow.follower import TRANSIENT, Clock
from events.follow.reaction import COMMANDS, Dispatch
from events.follow.tables import DONE, FIRED, PARKED
from events.follow.view import OPEN, unsearched
from events.log.commands import Context
from events.log.database import Database
from events.log.log import EventLog

logger = logging.getLogger(__name__)

BATCH = 100

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_PARKED = select(exists().where(FIRED.c.deadlines == bindparam("deadlines"), FIRED.c.state == PARKED))


@dataclass(frozen=True, slots=True)
class _Done:
    """All that was due at ``until`` of what was set up to ``position`` has fired, as a ``build`` of the view has it.

    It stays so for good: what has fired never fires again, and what is set later has a later position. So what stands
    though it has fired is passed over once and not at every look.
    """

    build: int = 0
    position: int = 0
    until: datetime = _BEGINNING


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Nothing was due at a position; the next deadline known is ``until``."""

    position: int
    until: datetime | None
    look_at: float

    def holds(self, position: int, now: datetime) -> bool:
        due = self.until is not None and now >= self.until
        return not due and (position == self.position or time.monotonic() < self.look_at)


def _due(deadlines: Deadlines, dialect: str) -> Select[Any]:
    """Asks for what is due ``now`` and has neither fired nor is held back, ``most`` rows, the oldest first; only for
    what was not due ``until`` then, or was not set up to ``position``."""
    table = deadlines.view.table
    type_ = table.c.due_at.type
    until, now = bindparam("until", type_=type_), bindparam("now", type_=type_)
    stands = select(table).where(table.c.valid_to == OPEN)
    due_since = stands.where(table.c.due_at > until, table.c.due_at <= now)
    due_at = unsearched(table.c.due_at, dialect)  # few were set lately, and many may have been due before
    set_since = stands.where(table.c.valid_from > bindparam("position"), due_at <= until, due_at <= now)
    asked = union_all(due_since, set_since).subquery()
    same = and_(FIRED.c.deadlines == deadlines.name, FIRED.c.id == asked.c.id, FIRED.c.due_at == asked.c.due_at)
    behind = and_(FIRED.c.deadlines == deadlines.name, FIRED.c.state == PARKED, FIRED.c.key == asked.c.key)
    return (
        select(asked)
        .where(~exists().where(same), ~exists().where(behind))
        .order_by(asked.c.due_at, asked.c.id)
        .limit(bindparam("most"))
    )


def command_id(deadline_id: str, due_at: datetime) -> UUID:
    """The same for the same deadline at the same time, whoever fires it."""
    return uuid5(COMMANDS, f"deadline|{deadline_id}|{due_at.isoformat()}")


class Firing:
    """Issues the commands of deadlines that are due. What has fired is remembered outside the projection, so neither a
    rebuild nor a restart fires again; the command id settles the rest.

    A command that fails is parked: later deadlines of its key wait, all others go on.
    """

    batch = BATCH

    def __init__(self, deadlines: Deadlines, database: Database, log: EventLog, dispatch: Dispatch, clock: Clock):
        self.name = f"deadlines:{deadlines.name}"
        self.deadlines = deadlines
        self._database = database
        self._log = log
        self._dispatch = dispatch
        self._clock = clock
        self._fresh_at: int | None = None
        self.patience = 0.0
        """Seconds after which new events make it look again for deadlines that were due when they were set."""
        self._quiet: _Quiet | None = None
        self._done = _Done()
        self._due = _due(deadlines, database.dialect)
        table = deadlines.view.table
        self._next = select(func.min(table.c.due_at)).where(
            table.c.valid_to == OPEN, table.c.due_at > bindparam("now", type_=table.c.due_at.type)
        )
        self.mine: Callable[[], bool] = lambda: True
        """Whether this copy still holds the lease; asked before each command."""

    def step(self) -> int:
        """Fires what is due; how many did. Nothing fires on a view that has not seen what was in the log before."""
        if self._fresh_at is None:
            self._fresh_at = self._log.head()
        with self._database.read() as connection:
            live = checkpoint.find(connection, self.deadlines.name)
        if live is None or live.version != self.deadlines.version or live.position < self._fresh_at:
            return 0
        self._fresh_at = None
        now = self._clock()
        if self._quiet is not None and self._quiet.holds(live.position, now):
            return 0
        if self._done.build != live.build:
            self._done = _Done(live.build)
        due, parked = self._look(now, BATCH)
        self._quiet = None if due else _Quiet(live.position, self._next_after(now), time.monotonic() + self.patience)
        if not due and not parked:
            self._done = _Done(live.build, live.position, now)
        stuck: set[str] = set()
        for row in due:
            if not self.mine():
                raise checkpoint.LostLease(self.name)
            if row["key"] not in stuck and not self._fire(row):
                stuck.add(row["key"])
        return len(due)

    def due(self, now: datetime, limit: int = BATCH) -> Sequence[RowMapping]:
        """What is due and has neither fired nor is held back, the oldest first."""
        return self._look(now, limit)[0]

    def _look(self, now: datetime, limit: int) -> tuple[Sequence[RowMapping], bool]:
        """What is due, and whether anything is held back, at one moment."""
        asked = {"now": now, "until": self._done.until, "position": self._done.position, "most": limit}
        with self._database.read() as connection:
            due = connection.execute(self._due, asked).mappings().all()
            return due, bool(connection.execute(_PARKED, {"deadlines": self.deadlines.name}).scalar())

    def _next_after(self, now: datetime) -> datetime | None:
        with self._database.read() as connection:
            found: datetime | None = connection.execute(self._next, {"now": now}).scalar_one()
        return found

    def _fire(self, row: RowMapping) -> bool:
        try:
            command = self.deadlines.command_from(row)
            self._dispatch(command, self._context(row))
        except self.deadlines.nothing_to_do:
            self._remember(row, None)
        except TRANSIENT:
            raise
        except Exception as error:  # a command's own refusal: that is what parking is for
            self._remember(row, error)
            return False
        else:
            self._remember(row, None)
        return True

    def _remember(self, row: RowMapping, error: Exception | None) -> None:
        state: dict[str, Any] = {"state": DONE}
        with self._database.begin(derived=error is None) as tx:
            if error is not None:
                note = {
                    "follower": self.name,
                    "event": row["valid_from"],
                    "attempt": row["valid_from"],
                    "deadline": row["id"],
                    "due_at": row["due_at"],
                    "type": row["command"],
                    "error": type(error).__name__,
                    "handler": self.deadlines.name,
                }
                self._log.note(tx, held.PARKED, note, key=row["key"])
                state = {"state": PARKED, "error": type(error).__name__}
                logger.warning("%s parked %s: %s", self.name, row["command"], type(error).__name__)
            checkpoint.add_missing(
                tx,
                FIRED,
                deadlines=self.deadlines.name,
                id=row["id"],
                due_at=row["due_at"],
                key=row["key"],
                command=row["command"],
                position=row["valid_from"],
                fired_at=self._clock(),
                **state,
            )

    def _context(self, row: RowMapping) -> Context:
        return Context(
            command_id=command_id(row["id"], row["due_at"]),
            at=self._clock(),
            actor=f"system:{self.deadlines.name}",
            roles=frozenset({"system"}),
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
        )
