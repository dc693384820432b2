"""How far every follower of a service is, read from its database: the same from whichever process one asks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from events.follow.tables import CHECKPOINT, FIRED, HELD
from events.log import ledger
from events.log.clock import from_microseconds
from events.log.database import Database
from events.log.log import EventLog
from events.log.schema import LOG


@dataclass(frozen=True)
class Standing:
    """One follower. ``lag``: positions not passed yet; ``lag_seconds``: the age of the first record among them, 0 when
    there is none; ``parked``: events it could not handle, ``held``: events that wait behind those."""

    name: str
    position: int
    lag: int
    lag_seconds: float
    parked: int
    held: int


def standings(database: Database, log: EventLog, now: datetime) -> list[Standing]:
    """All followers of a service by name, the ledger's sealing among them. ``now`` by the clock that stamps records."""
    head = log.head()
    with database.read() as connection:
        checkpoints = connection.execute(select(CHECKPOINT).order_by(CHECKPOINT.c.name)).all()
        places = {row.name: row.position for row in checkpoints}
        versions = {row.name: row.version for row in checkpoints}
        parked, held = _held(connection)
        places["ledger"] = ledger.tail(connection).position
        found = []
        for name, position in places.items():
            # A live projection's checkpoint is named after it; what it holds back belongs to its version.
            owner = name if name in parked else f"{name}@{versions.get(name)}"
            found.append(
                Standing(
                    name=name,
                    position=position,
                    lag=max(0, head - position),
                    lag_seconds=_age(connection, position, now) if position < head else 0.0,
                    parked=parked.get(owner, 0),
                    held=held.get(owner, 0),
                )
            )
        failed = select(FIRED.c.deadlines, func.count()).where(FIRED.c.state == "parked").group_by(FIRED.c.deadlines)
        for deadlines, count in connection.execute(failed):
            found.append(Standing(f"deadlines:{deadlines}", head, 0, 0.0, count, 0))
    return found


def _age(connection: Connection, position: int, now: datetime) -> float:
    first = select(LOG.c.recorded_at).where(LOG.c.position > position).order_by(LOG.c.position).limit(1)
    recorded_at = connection.scalar(first)
    return 0.0 if recorded_at is None else max(0.0, (now - from_microseconds(recorded_at)).total_seconds())


def _held(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    query = select(HELD.c.follower, func.count(HELD.c.error), func.count()).group_by(HELD.c.follower)
    rows = connection.execute(query).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] - row[1] for row in rows}
