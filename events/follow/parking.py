"""What could not be handled: who is asked to look, and the ways on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from events.follow.held import DISCARDED, RELEASED
from events.follow.tables import DONE, FIRED, HELD, PARKED
from events.log.database import Database
from events.log.errors import DaybookError
from events.log.log import EventLog

ATTEMPTS = 5
"""How often a note is tried when another one of the same key comes in between."""


class NotParked(DaybookError, LookupError):
    """Nothing is parked under this id: it was never, or it has been released or discarded."""

    def __init__(self, parked_id: str):
        super().__init__(f"nothing is parked as {parked_id!r}; `daybook parked list` shows what is")


@dataclass(frozen=True)
class Parked:
    """An event that a follower could not handle, or a deadline that could not fire, and how much waits behind it.

    ``type`` is the event's type or the deadline's command, ``error`` an exception's class. Holds no data of the event.
    """

    id: str
    follower: str
    position: int
    key: str
    type: str
    error: str
    handler: str
    parked_at: datetime
    waiting: int
    deadline: str | None = None
    due_at: datetime | None = None


class Parking:
    """What is parked in one service. Release and discard are records of the log; the follower acts on reading them."""

    def __init__(self, database: Database, log: EventLog):
        self._database = database
        self._log = log

    def list(self) -> Sequence[Parked]:
        """Everything that is parked, by follower and position."""
        with self._database.read() as connection:
            events = [_event(row) for row in connection.execute(_events()).mappings()]
            fired = select(FIRED).where(FIRED.c.state == PARKED).order_by(FIRED.c.deadlines, FIRED.c.position)
            return [*events, *(_deadline(row) for row in connection.execute(fired).mappings())]

    def show(self, parked_id: str) -> Parked:
        """One parked event. Raises ``NotParked``."""
        for parked in self.list():
            if parked.id == parked_id:
                return parked
        raise NotParked(parked_id)

    def retry(self, parked_id: str) -> int:
        """Has the event and all that waits behind it handled, in order, as of now; the position of the release.

        What fails again is parked again. Raises ``NotParked``.
        """
        return self._note(RELEASED, self.show(parked_id))

    def discard(self, parked_id: str) -> int:
        """Gives the event up for this follower, for good, and goes on with what waits behind it.

        Raises ``NotParked``.
        """
        return self._note(DISCARDED, self.show(parked_id))

    def _note(self, type_: str, parked: Parked) -> int:
        data: dict[str, Any] = {"follower": parked.follower, "event": parked.position}
        if parked.deadline is not None:
            data |= {"deadline": parked.deadline, "due_at": parked.due_at}
        for attempt in range(ATTEMPTS):
            try:
                with self._database.begin() as tx:
                    if parked.deadline is not None:
                        _settle_deadline(tx, parked, fire_again=type_ == RELEASED)
                    return self._log.note(tx, type_, data, key=parked.key)
            except IntegrityError:
                if attempt + 1 == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")


def _events() -> Select[Any]:
    behind = HELD.alias()
    waiting = (
        select(func.count())
        .select_from(behind)
        .where(behind.c.follower == HELD.c.follower, behind.c.key == HELD.c.key, behind.c.error.is_(None))
        .scalar_subquery()
    )
    query = select(HELD, waiting.label("waiting")).where(HELD.c.error.is_not(None))
    return query.order_by(HELD.c.follower, HELD.c.position)


def _event(row: RowMapping) -> Parked:
    return Parked(id=f"{row['follower']}:{row['position']}", **row)


def _deadline(row: RowMapping) -> Parked:
    follower = f"deadlines:{row['deadlines']}"
    return Parked(
        id=f"{follower}:{row['position']}:{row['id']}",
        follower=follower,
        position=row["position"],
        key=row["key"],
        type=row["command"],
        error=row["error"],
        handler=row["deadlines"],
        parked_at=row["fired_at"],
        waiting=0,
        deadline=row["id"],
        due_at=row["due_at"],
    )


def _settle_deadline(tx: Connection, parked: Parked, *, fire_again: bool) -> None:
    """Firing reads no log, so what the record says is done here, in the record's transaction."""
    mine = (
        (FIRED.c.deadlines == parked.handler) & (FIRED.c.id == parked.deadline) & (FIRED.c.due_at == parked.due_at)
    ) & (FIRED.c.state == PARKED)
    changed = tx.execute(delete(FIRED).where(mine) if fire_again else update(FIRED).where(mine).values(state=DONE))
    if changed.rowcount != 1:
        raise NotParked(parked.id)
