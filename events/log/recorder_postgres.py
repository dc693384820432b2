"""The log on PostgreSQL: an append is one round trip, and readers stay behind the low-water mark.

See ``docs/adr/0001-how-appends-keep-order.md``. Triggers of the database take the mark, so nobody can append without
it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import OperationalError, StoredEvent
from psycopg.errors import DeadlockDetected, UniqueViolation
from psycopg.rows import args_row

from events.log.database import Database
from events.log.errors import NotSettledYet
from events.log.event import Record
from events.log.recorder import CommandKnown, CommandRow, Recorder, Remembered, StreamConflict, utc_now

SETTLING_PAUSE = 0.005
"""Seconds between looks at appends that are waited for."""

_ONE = (
    "INSERT INTO log (stream, version, recorded_at, type, state) "
    "VALUES (%s::uuid, %s::bigint, %s::bigint, %s::text, %s::bytea) RETURNING position"
)
# daybook_draw() runs after the statement's trigger took the mark, and draws positions that no other append's lie
# between.
_MANY = (
    "INSERT INTO log (position, stream, version, recorded_at, type, state) "
    "SELECT drawn, stream, version, %s::bigint, type, state FROM ROWS FROM (daybook_draw(%s::int), unnest(%b::uuid[]), "
    "unnest(%b::bigint[]), unnest(%b::text[]), unnest(%b::bytea[])) AS rows (drawn, stream, version, type, state) "
    "RETURNING position"
)
_COMMAND = "INSERT INTO command (id, payload_hash, answer, position) "
_COMMAND_AFTER = f"{_COMMAND} SELECT %s::uuid, %s::bytea, %s::bytea, max(position) FROM appended"  # noqa: S608  # constants
_ONE_COMMANDED = " ".join(("WITH appended AS (", _ONE, ")", _COMMAND_AFTER, "RETURNING position"))
_MANY_COMMANDED = " ".join(
    (
        "WITH appended AS (",
        _MANY,
        "), answered AS (",
        _COMMAND_AFTER,
        ") SELECT position FROM appended ORDER BY position",
    )
)
_RECORDS = (
    "SELECT position, stream, version, recorded_at, type, state FROM log "
    "WHERE position > %s::bigint AND position <= %s::bigint ORDER BY position LIMIT %s::bigint"
)
_RECORDS_OF_TYPES = _RECORDS.replace("ORDER BY", "AND type = ANY(%s::text[]) ORDER BY")
_HEAD = "SELECT coalesce(max(position), 0) FROM log WHERE position <= %s::bigint"
_STREAM = (
    "SELECT stream, version, type, state FROM log "
    "WHERE stream = %s::uuid AND version > %s::bigint AND version <= %s::bigint ORDER BY version LIMIT %s::bigint"
)
_STREAMS = "SELECT stream, version, type, state FROM log WHERE stream = ANY(%b::uuid[]) ORDER BY stream, version"
_STREAM_BACKWARDS = _STREAM.replace("ORDER BY version", "ORDER BY version DESC")
_SETTLE = "SELECT daybook_settle(%s::bigint)"
_DRAWN = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM log_position_seq"
_UNDECIDED = "SELECT daybook_behind(%s::bigint) IS NOT NULL"
_NO_LIMIT = 2**63 - 1


class PostgresRecorder(Recorder):
    """Appends and reads one PostgreSQL log."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now):
        super().__init__(clock)
        if database.direct is None:
            raise TypeError("this database is not PostgreSQL")
        self._direct = database.direct

    def append(self, events: Sequence[StoredEvent], command: CommandRow | None, recorded_at: int) -> list[int]:
        tail: tuple[Any, ...] = () if command is None else (command.id, command.payload_hash, command.answer)
        if len(events) == 1:
            event = events[0]
            parameters = (event.originator_id, event.originator_version, recorded_at, event.topic, event.state, *tail)
            rows = self._run(_ONE if command is None else _ONE_COMMANDED, parameters)
        else:
            parameters = (
                recorded_at,
                len(events),
                [e.originator_id for e in events],
                [e.originator_version for e in events],
                [e.topic for e in events],
                [e.state for e in events],
                *tail,
            )
            rows = self._run(_MANY if command is None else _MANY_COMMANDED, parameters)
        return [row[0] for row in rows]

    def remember(self, command: CommandRow, position: int) -> None:
        self._run(
            _COMMAND + "VALUES (%s::uuid, %s::bytea, %s::bytea, %s::bigint) RETURNING position",
            (command.id, command.payload_hash, command.answer, position),
        )

    def remembered(self, command_id: UUID) -> Remembered | None:
        rows = self._run("SELECT payload_hash, answer, position FROM command WHERE id = %s::uuid", (command_id,))
        return Remembered(*rows[0]) if rows else None

    def head(self) -> int:
        return self.head_above(0)

    def head_above(self, after: int) -> int:
        with self._connection() as connection:
            mark = _low_water(connection)
            if mark <= after:  # nobody has drawn a position since: one round trip tells
                return after
            return max(after, int(_rows(connection, _HEAD, (mark,))[0][0]))

    def records(
        self, after: int, limit: int, upto: int | None = None, types: Sequence[str] | None = None
    ) -> list[Record]:
        with self._connection() as connection:
            mark = _low_water(connection)
            last = mark if upto is None else min(mark, upto)
            # A statement of its own, with a snapshot taken after the mark: everything up to it is decided and visible.
            statement, wanted = (_RECORDS, ()) if types is None else (_RECORDS_OF_TYPES, (list(types),))
            with connection.cursor(binary=True, row_factory=args_row(Record)) as cursor:
                return cursor.execute(statement.encode(), (after, last, *wanted, limit), prepare=True).fetchall()

    def settle(self, instant: int, patience: float) -> int:
        self._run(_SETTLE, (instant,))
        deadline = time.monotonic() + patience
        # Whatever was stamped before had drawn its position before.
        drawn = int(self._run(_DRAWN, ())[0][0])
        while self._run(_UNDECIDED, (drawn,))[0][0]:
            if time.monotonic() >= deadline:
                raise NotSettledYet(patience)
            time.sleep(SETTLING_PAUSE)
        return drawn

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        rows = self._run(
            _STREAM_BACKWARDS if desc else _STREAM,
            (originator_id, -1 if gt is None else gt, _NO_LIMIT if lte is None else lte, limit),
        )
        return [StoredEvent(*row) for row in rows]

    def select_streams(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        return [StoredEvent(*row) for row in self._run(_STREAMS, (list(streams),))]

    def _run(self, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            return _rows(connection, statement, parameters)

    @contextmanager
    def _connection(self) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        try:
            with self._direct.connection() as connection:
                yield connection
        except UniqueViolation as error:
            known = error.diag.constraint_name == "command_pkey"
            raise (CommandKnown if known else StreamConflict)(str(error.diag.message_primary)) from None
        except DeadlockDetected:  # two appends took versions of the same streams in opposite order
            raise StreamConflict("another append holds these streams") from None
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise OperationalError(type(error).__name__) from error


def _low_water(connection: "psycopg.Connection[tuple[Any, ...]]") -> int:
    return int(_rows(connection, "SELECT daybook_low_water()", ())[0][0])


def _rows(
    connection: "psycopg.Connection[tuple[Any, ...]]", statement: str, parameters: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    return connection.execute(statement.encode(), parameters, prepare=True, binary=True).fetchall()
