"""The log on SQLite: one writer at a time, so positions appear in order."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from events.log.database import APPENDED, Database
from events.log.event import Record
from events.log.instants import settled, stamp
from events.log.recorder import CommandKnown, CommandRow, Recorder, Remembered, StreamConflict, utc_now

_INSERT = "INSERT INTO log (stream, version, recorded_at, type, state) VALUES (?, ?, ?, ?, ?) RETURNING position"
_STREAM = (
    "SELECT version, type, state FROM log WHERE stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?"
)
_STREAM_BACKWARDS = _STREAM.replace("ORDER BY version", "ORDER BY version DESC")
_INSERT_COMMAND = "INSERT INTO command (id, payload_hash, answer, position) VALUES (?, ?, ?, ?)"


class SQLiteRecorder(Recorder):
    """Appends and reads one SQLite log."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now):
        super().__init__(clock)
        self._database = database

    def append(self, events: Sequence[StoredEvent], command: CommandRow | None, recorded_at: int) -> list[int]:
        with _translated(), self._database.begin() as tx:
            tx.info[APPENDED] = True
            recorded_at = stamp(tx, recorded_at)
            positions = [
                tx.exec_driver_sql(
                    _INSERT, (_hex(e.originator_id), e.originator_version, recorded_at, e.topic, e.state)
                ).scalar_one()
                for e in events
            ]
            if command is not None:
                _insert_command(tx, command, positions[-1])
        return positions

    def remember(self, command: CommandRow, position: int) -> None:
        with _translated(), self._database.begin() as tx:
            _insert_command(tx, command, position)

    def remembered(self, command_id: UUID) -> Remembered | None:
        rows = self._rows("SELECT payload_hash, answer, position FROM command WHERE id = ?", (command_id.hex,))
        return Remembered(*rows[0]) if rows else None

    def head(self) -> int:
        return int(self._rows("SELECT coalesce(max(position), 0) FROM log", ())[0][0])

    def records(
        self, after: int, limit: int, upto: int | None = None, types: Sequence[str] | None = None
    ) -> list[Record]:
        wanted = "" if types is None else f"AND type IN ({', '.join('?' * len(types))}) "
        rows = self._rows(
            "SELECT position, stream, version, recorded_at, type, state FROM log "  # noqa: S608  # question marks only
            f"WHERE position > ? AND position <= ? {wanted}ORDER BY position LIMIT ?",
            (after, upto if upto is not None else 2**63 - 1, *(types or ()), limit),
        )
        return [Record(p, UUID(stream), v, at, type_, state) for p, stream, v, at, type_, state in rows]

    def settle(self, instant: int, patience: float) -> int:
        with _translated():
            with self._database.read() as connection:
                over = settled(connection)
            if over is None or over < instant:
                with self._database.begin(patience=patience) as tx:
                    _settle(tx, instant)
        return self.head()  # appends take turns: none of them is half done

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        rows = self._rows(
            _STREAM_BACKWARDS if desc else _STREAM,
            (
                _hex(originator_id),
                -1 if gt is None else gt,
                2**63 - 1 if lte is None else lte,
                -1 if limit is None else limit,
            ),
        )
        stream = _uuid(originator_id)
        return [StoredEvent(stream, version, type_, state) for version, type_, state in rows]

    def select_streams(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        rows = self._rows(
            "SELECT stream, version, type, state FROM log "  # noqa: S608  # question marks only
            f"WHERE stream IN ({', '.join('?' * len(streams))}) ORDER BY stream, version",
            tuple(stream.hex for stream in streams),
        )
        return [StoredEvent(UUID(stream), version, type_, state) for stream, version, type_, state in rows]

    def _rows(self, statement: str, parameters: tuple[Any, ...]) -> Sequence[Any]:
        # Straight through the driver: one statement is a consistent read of its own, and commands ask for many.
        with _translated(), closing(self._database.engine.raw_connection()) as pooled:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            return driver.execute(statement, parameters).fetchall()


def _settle(tx: Connection, instant: int) -> None:
    over = settled(tx)
    if over is None:
        tx.exec_driver_sql("INSERT INTO log_settled (id, instant) VALUES (1, ?)", (instant,))
    elif over < instant:
        tx.exec_driver_sql("UPDATE log_settled SET instant = ?", (instant,))


def _insert_command(tx: Connection, command: CommandRow, position: int) -> None:
    tx.exec_driver_sql(_INSERT_COMMAND, (command.id.hex, command.payload_hash, command.answer, position))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        if isinstance(cause, sqlite3.IntegrityError):
            known = "command" in str(cause)
            raise (CommandKnown if known else StreamConflict)(str(cause)) from None
        if isinstance(cause, sqlite3.OperationalError):
            raise OperationalError(str(cause)) from None
        raise IntegrityError(str(cause)) from None
    except sqlite3.OperationalError as error:
        raise OperationalError(str(error)) from None


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _hex(value: UUID | str) -> str:
    return _uuid(value).hex
