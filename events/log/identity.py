"""Which log this is, and which generation of it: positions used again after a restore are never mistaken for earlier
ones."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, func, select

from events.log.clock import to_microseconds
from events.log.database import Database
from events.log.schema import GENERATION, LOG

RECEIVED_STREAMS = UUID("6f1c1f2e-0a53-5d0e-9c0b-64a1f0f6b7a1")
"""Name space of the streams that hold received records; fixed for ever."""


@dataclass(frozen=True)
class Identity:
    """The log's id, and from which position on each of its generations counts."""

    log_id: UUID
    first_positions: tuple[int, ...]
    """Of generation 1, 2, …"""

    @property
    def generation(self) -> int:
        """The current one."""
        return len(self.first_positions)

    def generation_of(self, position: int) -> int:
        """The generation in which a position was recorded."""
        return bisect_right(self.first_positions, position)

    def event_id(self, position: int) -> UUID:
        """The id of an own record: uuid5 of log id, generation and position."""
        return uuid5(self.log_id, f"{self.generation_of(position)}/{position}")


@lru_cache(maxsize=4096)  # few places, asked for with every event
def received_stream(source: str, generation: int, partition: int) -> UUID:
    """The stream that holds what came from one partition of a source; its versions are the source's sequence
    numbers."""
    return uuid5(RECEIVED_STREAMS, f"{source}/{generation}/{partition}")


def load(database: Database, now: datetime) -> Identity:
    """The log's identity; the first who asks gives a new log its id and generation 1."""
    with database.read() as connection:
        identity = load_from(connection)
    if identity is None:
        with database.begin() as tx:
            _append(tx, uuid4(), 1, 1, now)
            identity = load_from(tx)
    if identity is None:
        raise AssertionError("a log that was just given an identity has none")
    return identity


def mint_generation(database: Database, now: datetime) -> int:
    """Starts the next generation. Run it once after a database was restored to an earlier moment, before any service
    starts on it: processes that are already running would go on in the old one."""
    load(database, now)
    with database.begin() as tx:
        known = load_from(tx)
        if known is None:
            raise AssertionError("a loaded identity is gone")
        head = tx.scalar(select(func.coalesce(func.max(LOG.c.position), 0))) or 0
        _append(tx, known.log_id, known.generation + 1, head + 1, now)
        return known.generation + 1


def load_from(connection: Connection) -> Identity | None:
    """The identity as this connection sees it; None for a log that has none yet."""
    rows = connection.execute(select(GENERATION).order_by(GENERATION.c.generation)).all()
    if not rows:
        return None
    return Identity(rows[-1].log_id, tuple(row.first_position for row in rows))


def _append(tx: Connection, log_id: UUID, generation: int, first: int, now: datetime) -> None:
    values = {
        "generation": generation,
        "log_id": log_id,
        "first_position": first,
        "minted_at": to_microseconds(now),
    }
    if tx.dialect.name == "sqlite":
        tx.execute(GENERATION.insert().values(values))
        return
    from sqlalchemy.dialects.postgresql import insert

    tx.execute(insert(GENERATION).values(values).on_conflict_do_nothing())
