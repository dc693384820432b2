"""The inbox's checkpoints: the last number received of every place, moved by compare-and-set only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.exc import IntegrityError

from events.contract.envelope import CloudEvent
from events.follow.checkpoint import LostLease, add_missing
from events.log.identity import received_stream
from events.log.schema import LOG
from events.transport.tables import RECEIVED


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One ordered stream of numbers."""

    source: str
    generation: int
    partition: int

    @classmethod
    def of(cls, event: CloudEvent) -> "Place":
        return cls(event.source, event.generation, event.partition)

    def __str__(self) -> str:
        return f"partition {self.partition} of {self.source}, generation {self.generation}"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a place was received. ``halted``: why nothing more is taken from it; ``stored``: it has a row."""

    sequence: int = 0
    event_id: UUID | None = None
    halted: str | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing more is to be taken from a place that was received up to ``after``."""

    place: Place
    after: int
    reason: str


def load(connection: Connection) -> dict[Place, Mark]:
    """All checkpoints."""
    return {
        Place(row.source, row.generation, row.partition): Mark(row.sequence, row.event_id, row.halted, True)
        for row in connection.execute(select(RECEIVED))
    }


def move(tx: Connection, before: Mapping[Place, Mark], after: Mapping[Place, Mark]) -> None:
    """Compare-and-set of checkpoints.

    Raises ``LostLease`` when one is not what it was ``before``, or is halted: nothing of the transaction may stay then.
    """
    moved, new = [], []
    for place, mark in sorted(after.items()):
        was = before.get(place) or Mark()
        values = {"after": mark.sequence, "with_id": mark.event_id}
        if was.stored:
            moved.append({**_bound(place), "before": was.sequence, **values})
        else:
            new.append({**_columns(place), "sequence": mark.sequence, "event_id": mark.event_id})
    if moved and _moved(tx, moved) != len(moved):
        raise LostLease("inbox")
    if new:
        try:
            tx.execute(RECEIVED.insert(), new)
        except IntegrityError:
            raise LostLease("inbox") from None


def halt_at(tx: Connection, halt: Halt) -> None:
    """Halts a place. Raises ``LostLease`` when it is not where it was when the reason was seen."""
    add_missing(tx, RECEIVED, **_columns(halt.place), sequence=0)
    mark = update(RECEIVED).filter_by(**_columns(halt.place), sequence=halt.after)
    if tx.execute(mark.where(RECEIVED.c.halted.is_(None)).values(halted=halt.reason)).rowcount != 1:
        raise LostLease("inbox")


def halt(tx: Connection, place: Place, reason: str) -> None:
    """Halts a place, wherever it is."""
    add_missing(tx, RECEIVED, **_columns(place), sequence=0)
    tx.execute(update(RECEIVED).filter_by(**_columns(place)).values(halted=reason))


def resume(tx: Connection, place: Place) -> bool:
    """Lets a place go on from its checkpoint; whether it was halted."""
    halted = update(RECEIVED).filter_by(**_columns(place)).where(RECEIVED.c.halted.is_not(None))
    return tx.execute(halted.values(halted=None)).rowcount == 1


def known_id(connection: Connection, place: Place, sequence: int) -> UUID | None:
    """The id of the event that the log has under a number; None where that number's type was not kept."""
    stream = received_stream(place.source, place.generation, place.partition)
    state = connection.scalar(select(LOG.c.state).where(LOG.c.stream == stream, LOG.c.version == sequence))
    return None if state is None else CloudEvent.from_bytes(state).id


def _columns(place: Place) -> dict[str, Any]:
    return {"source": place.source, "generation": place.generation, "partition": place.partition}


def _bound(place: Place) -> dict[str, Any]:
    return {f"at_{name}": value for name, value in _columns(place).items()}


def _moved(tx: Connection, rows: list[dict[str, Any]]) -> int:
    if tx.dialect.name != "postgresql":
        return tx.execute(_MOVE, rows).rowcount
    # one statement however many rows; as many statements would each cost a round through the driver
    return tx.execute(_MOVE_ALL, {name: [row[name] for row in rows] for name in rows[0]}).rowcount


_MOVE = (
    update(RECEIVED)
    .where(
        RECEIVED.c.source == bindparam("at_source"),
        RECEIVED.c.generation == bindparam("at_generation"),
        RECEIVED.c.partition == bindparam("at_partition"),
        RECEIVED.c.sequence == bindparam("before"),
        RECEIVED.c.halted.is_(None),
    )
    .values(sequence=bindparam("after"), event_id=bindparam("with_id"))
)

_MOVE_ALL = text(
    """
    UPDATE inbox_checkpoint AS mark SET sequence = moved.after, event_id = moved.with_id
    FROM unnest(
        CAST(:at_source AS varchar[]), CAST(:at_generation AS int[]), CAST(:at_partition AS int[]),
        CAST(:before AS bigint[]), CAST(:after AS bigint[]), CAST(:with_id AS uuid[])
    ) AS moved (at_source, at_generation, at_partition, before, after, with_id)
    WHERE mark.source = moved.at_source AND mark.generation = moved.at_generation
      AND mark.partition = moved.at_partition AND mark.sequence = moved.before AND mark.halted IS NULL
    """
)
