"""What could not be handled: who is asked to look, and the ways on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.exc import IntegrityError

from events.follow.held import DISCARDED, RELEASED
from events.follow.tables import HELD
from events.log.database import Database
from events.log.errors import DaybookError
from events.log.log import EventLog

ATTEMPTS = 5


class NotParked(DaybookError, LookupError):
    """Nothing is parked under this id: it was never, or it has been released or discarded."""

    def __init__(self, parked_id: str):
        super().__init__(f"nothing is parked as {parked_id!r}; `daybook parked list` shows what is")


@dataclass(frozen=True)
class Parked:
    """An event that a follower could not handle, and how much waits behind it. Holds no data of the event."""

    id: str
    follower: str
    position: int
    key: str
    type: str
    error: str
    handler: str
    parked_at: datetime
    waiting: int


class Parking:
    """What is parked in one service. Release and discard are records of the log; the follower acts on reading them."""

    def __init__(self, database: Database, log: EventLog):
        self._database = database
        self._log = log

    def list(self) -> Sequence[Parked]:
        """Everything that is parked, by follower and position."""
        with self._database.read() as connection:
            return [self._parked(row) for row in connection.execute(self._query()).mappings()]

    def show(self, parked_id: str) -> Parked:
        """One parked event. Raises ``NotParked``."""
        follower, _, position = parked_id.rpartition(":")
        if not position.isdigit():
            raise NotParked(parked_id)
        query = self._query().where(HELD.c.follower == follower, HELD.c.position == int(position))
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotParked(parked_id)
        return self._parked(row)

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
        data = {"follower": parked.follower, "event": parked.position}
        for attempt in range(ATTEMPTS):
            try:
                with self._database.begin() as tx:
                    return self._log.note(tx, type_, data, key=parked.key)
            except IntegrityError:  # another note of the same key came in between
                if attempt + 1 == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    @staticmethod
    def _query() -> Select[Any]:
        behind = HELD.alias()
        waiting = (
            select(func.count())
            .select_from(behind)
            .where(behind.c.follower == HELD.c.follower, behind.c.key == HELD.c.key, behind.c.error.is_(None))
            .scalar_subquery()
        )
        query = select(HELD, waiting.label("waiting")).where(HELD.c.error.is_not(None))
        return query.order_by(HELD.c.follower, HELD.c.position)

    @staticmethod
    def _parked(held: RowMapping) -> Parked:
        return Parked(
            id=f"{held['follower']}:{held['position']}",
            follower=held["follower"],
            position=held["position"],
            key=held["key"],
            type=held["type"],
            error=held["error"],
            handler=held["handler"],
            parked_at=held["parked_at"],
            waiting=held["waiting"],
        )
