"""How far a follower came. Every write is compare-and-set in the data's transaction: who lost the right to write finds
out there, and nothing of what it did stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from events.follow.tables import CHECKPOINT
from events.log.errors import DaybookError


class LostLease(DaybookError):
    """Another copy has taken over this work. Roll back, forget what is cached, and let go of the lease."""

    def __init__(self, name: str):
        super().__init__(f"{name} is done by another copy now")
        self.name = name


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last position passed, and the right to write the next (``fence``)."""

    name: str
    position: int
    fence: int
    version: int
    build: int


def add_missing(tx: Connection, table: Table, **values: Any) -> bool:
    """Inserts a row unless its key exists; whether it was inserted."""
    insert = postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)
    statement = insert.values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.execute(statement).one_or_none() is not None


def find(tx: Connection, name: str, *, lock: bool = False) -> Checkpoint | None:
    """The checkpoint as it is stored; ``lock`` keeps others from moving it until the transaction ends."""
    query = select(CHECKPOINT).where(CHECKPOINT.c.name == name)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else Checkpoint(*row)


def get(tx: Connection, name: str, *, lock: bool = False) -> Checkpoint:
    """The same where there must be one. Raises ``LostLease`` when it is gone."""
    found = find(tx, name, lock=lock)
    if found is None:
        raise LostLease(name)
    return found


def add(tx: Connection, name: str, *, position: int = 0, version: int = 1) -> bool:
    """Creates a checkpoint unless there is one; whether it was created. Waits for another copy that is creating it."""
    return add_missing(tx, CHECKPOINT, name=name, position=position, fence=0, version=version, build=1)


def take(tx: Connection, name: str) -> Checkpoint:
    """Takes over: from here on whoever had this checkpoint can no longer write. ``LostLease`` when it is gone."""
    statement = (
        update(CHECKPOINT)
        .where(CHECKPOINT.c.name == name)
        .values(fence=CHECKPOINT.c.fence + 1)
        .returning(*CHECKPOINT.c)
    )
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise LostLease(name)
    return Checkpoint(*row)


def advance(tx: Connection, held: Checkpoint, position: int) -> Checkpoint:
    """Moves on. Raises ``LostLease`` when the stored checkpoint is not the one held."""
    return put(tx, held, replace(held, position=position))


def advance_all(tx: Connection, moves: Sequence[tuple[Checkpoint, int]]) -> list[Checkpoint]:
    """As ``advance`` for several at once, in one round trip."""
    rows = [
        {"held_name": held.name, "held_position": held.position, "held_fence": held.fence, "moved_to": position}
        for held, position in moves
    ]
    if tx.dialect.name == "postgresql":
        changed = tx.execute(_ADVANCE_ALL, {name: [row[name] for row in rows] for name in rows[0]}).rowcount
    else:
        changed = tx.execute(_ADVANCE, rows).rowcount
    moved = [replace(held, position=position) for held, position in moves]
    if changed != len(moves):
        for checkpoint in moved:
            if find(tx, checkpoint.name) != checkpoint:
                raise LostLease(checkpoint.name)
        raise LostLease(" or ".join(held.name for held, _ in moves))
    return moved


def put(tx: Connection, held: Checkpoint, new: Checkpoint) -> Checkpoint:
    """Replaces the checkpoint held by a new one. Raises ``LostLease`` when it is not the stored one any more."""
    changed = tx.execute(
        update(CHECKPOINT)
        .where(
            CHECKPOINT.c.name == held.name,
            CHECKPOINT.c.position == held.position,
            CHECKPOINT.c.fence == held.fence,
        )
        .values(position=new.position, fence=new.fence, version=new.version, build=new.build)
    )
    if changed.rowcount != 1:
        raise LostLease(held.name)
    return new


def drop(tx: Connection, name: str) -> None:
    """Forgets a follower."""
    tx.execute(delete(CHECKPOINT).where(CHECKPOINT.c.name == name))


_ADVANCE = (
    update(CHECKPOINT)
    .where(
        CHECKPOINT.c.name == bindparam("held_name"),
        CHECKPOINT.c.position == bindparam("held_position"),
        CHECKPOINT.c.fence == bindparam("held_fence"),
    )
    .values(position=bindparam("moved_to"))
)

_ADVANCE_ALL = text(
    """
    UPDATE follow_checkpoint AS mark SET position = moved.moved_to
    FROM unnest(
        CAST(:held_name AS text[]), CAST(:held_position AS bigint[]), CAST(:held_fence AS bigint[]),
        CAST(:moved_to AS bigint[])
    ) AS moved (name, position, fence, moved_to)
    WHERE mark.name = moved.name AND mark.position = moved.position AND mark.fence = moved.fence
    """
)
