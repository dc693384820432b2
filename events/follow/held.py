"""What one follower holds back, key by key, and the records of the log from which anyone can work it out again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from events.contract.canonical import loads
from events.follow import bulk
from events.follow.tables import HELD
from events.log.event import Event
from events.log.reading import NOTE
from events.log.schema import IS_NOTE, LOG

PARKED = "daybook.event_parked"
RELEASED = "daybook.parked_event_released"
DISCARDED = "daybook.parked_event_discarded"
NOTES = frozenset({PARKED, RELEASED, DISCARDED})
"""The records of parking. ``follower``: who; ``event``: the position of the event that could not be handled; on PARKED
``attempt``: the position at which it was tried, its own at first, that of the release later."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed: nothing about the event but where it stands, nothing of the error but its class."""

    position: int
    attempt: int
    key: str
    type: str
    error: str
    handler: str

    def note(self, follower: str) -> dict[str, Any]:
        return {
            "follower": follower,
            "event": self.position,
            "attempt": self.attempt,
            "type": self.type,
            "error": self.error,
            "handler": self.handler,
        }


def recorded(connection: Connection, follower: str, after: int = 0) -> dict[tuple[int, int], Failure]:
    """The attempts after a position that failed for a follower, by (attempt, position of the event).

    Read straight from the stored rows: the record stands later in the log than the attempt, perhaps still behind an
    append that is not finished, but it was committed together with the checkpoint that passed the attempt.
    """
    parked = (IS_NOTE, LOG.c.type == NOTE + PARKED, LOG.c.position > after)
    query = select(LOG.c.state).where(*parked).order_by(LOG.c.position)
    failures: dict[tuple[int, int], Failure] = {}
    for (state,) in connection.execute(query):
        stored = loads(state)
        data = stored["data"]
        if data["follower"] == follower and data["attempt"] > after:
            failures[data["attempt"], data["event"]] = Failure(
                data["event"], data["attempt"], stored["meta"]["key"], data["type"], data["error"], data["handler"]
            )
    return failures


class HeldBack:
    """Per key the positions held back, the failed one first. Changes are saved in the follower's transaction."""

    def __init__(self, follower: str):
        self.follower = follower
        self._keys: dict[str, list[int]] = {}
        self._added: dict[int, dict[str, Any]] = {}
        self._gone: set[int] = set()

    def load(self, connection: Connection) -> None:
        query = select(HELD.c.key, HELD.c.position).where(HELD.c.follower == self.follower).order_by(HELD.c.position)
        for key, position in connection.execute(query):
            self._keys.setdefault(key, []).append(position)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        """How many keys are held back."""
        return len(self._keys)

    def queue(self, key: str) -> list[int]:
        """The positions held back for a key, in order."""
        return list(self._keys.get(key, ()))

    def park(self, failure: Failure, at: datetime) -> None:
        """The event failed: its key is held back from it on."""
        queue = self._keys.setdefault(failure.key, [])
        if failure.position not in queue:
            queue.insert(0, failure.position)
        self._put(failure, error=failure.error, handler=failure.handler, parked_at=at)

    def wait_behind(self, event: Event) -> None:
        """The event comes after one that failed."""
        self._keys[event.key].append(event.position)
        self._put(event, error=None, handler=None, parked_at=None)

    def let_go(self, key: str, position: int) -> None:
        """The first of the key's queue was handled or discarded."""
        queue = self._keys[key]
        queue.remove(position)
        if not queue:
            del self._keys[key]
        self._added.pop(position, None)
        self._gone.add(position)

    def _put(self, event: Event | Failure, **how: Any) -> None:
        self._gone.add(event.position)
        row = {"follower": self.follower, "position": event.position, "key": event.key, "type": event.type}
        self._added[event.position] = row | how

    def save(self, tx: Connection) -> None:
        if self._gone:
            tx.execute(delete(HELD).where(HELD.c.follower == self.follower, HELD.c.position.in_(sorted(self._gone))))
        if self._added:
            bulk.insert(tx, HELD, list(self._added.values()))
        self._gone.clear()
        self._added.clear()


def forget(tx: Connection, followers: Iterable[str]) -> None:
    """Removes what followers that no longer exist held back."""
    tx.execute(delete(HELD).where(HELD.c.follower.in_(list(followers))))
