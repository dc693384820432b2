"""What a person has to look at in the transport: messages nobody can read, and partitions that were halted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from events.log.clock import from_microseconds
from events.log.database import Database
from events.log.errors import DaybookError
from events.log.log import EventLog
from events.transport import marks
from events.transport.marks import Place
from events.transport.tables import UNREADABLE

UNREADABLE_PARKED = "daybook.unreadable_message_parked"
UNREADABLE_DISCARDED = "daybook.unreadable_message_discarded"
"""Records of the log; data: ``hash``, and when parked ``queue`` and ``reason``. Never the message itself."""


class NoSuchMessage(DaybookError, LookupError):
    """No unreadable message is parked under this hash."""


class NotHalted(DaybookError, LookupError):
    """Nothing holds up this partition of a source: it never did, or it was resumed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no CloudEvent of Daybook's. ``size`` in bytes."""

    hash: str
    queue: str
    routing_key: str
    reason: str
    received_at: datetime
    size: int


class Oversight:
    """Lists what stands still in one service's inbox, and lets it go on."""

    def __init__(self, database: Database, log: EventLog):
        self._database = database
        self._log = log

    def unreadable(self) -> Sequence[Unreadable]:
        """What is parked raw, oldest first."""
        size = func.length(UNREADABLE.c.body).label("size")
        query = select(UNREADABLE, size).order_by(UNREADABLE.c.received_at, UNREADABLE.c.hash)
        with self._database.read() as connection:
            return [
                Unreadable(
                    row.hash, row.queue, row.routing_key, row.reason, from_microseconds(row.received_at), row.size
                )
                for row in connection.execute(query)
            ]

    def body(self, hash_: str) -> bytes:
        """The message, byte for byte. Raises ``NoSuchMessage``."""
        with self._database.read() as connection:
            found: bytes | None = connection.scalar(select(UNREADABLE.c.body).where(UNREADABLE.c.hash == hash_))
        if found is None:
            raise NoSuchMessage(f"no unreadable message is parked as {hash_}")
        return found

    def discard(self, hash_: str) -> int:
        """Gives a message up for good; the position of the record that says so. Raises ``NoSuchMessage``."""
        with self._database.begin() as tx:
            if tx.execute(delete(UNREADABLE).where(UNREADABLE.c.hash == hash_)).rowcount != 1:
                raise NoSuchMessage(f"no unreadable message is parked as {hash_}")
            return self._log.note(tx, UNREADABLE_DISCARDED, {"hash": hash_}, key=hash_)

    def halted(self) -> dict[Place, str]:
        """The partitions from which nothing is taken, and why."""
        with self._database.read() as connection:
            return {place: mark.halted for place, mark in marks.load(connection).items() if mark.halted}

    def resume(self, place: Place) -> None:
        """Lets a halted partition go on from its checkpoint; a running inbox notices at its next comparison.

        Where the cause is not mended it halts there again. Raises ``NotHalted``.
        """
        with self._database.begin() as tx:
            if not marks.resume(tx, place):
                raise NotHalted(f"{place} is not halted")
