"""The one loop that reads a log: a batch after the checkpoint, handled, written together with the new checkpoint."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from eventsourcing.persistence import InterfaceError as StoreInterfaceError
from eventsourcing.persistence import OperationalError as StoreOperationalError
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.follow import checkpoint, held
from events.follow.checkpoint import Checkpoint, LostLease
from events.follow.decoding import Unreadable, decoded
from events.follow.held import Failure, HeldBack
from events.follow.tail import Tail
from events.log.database import Database
from events.log.errors import Busy, Conflict, DaybookError, OutcomeUnknown
from events.log.event import Event
from events.log.log import EventLog

logger = logging.getLogger(__name__)

TRANSIENT = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    StoreOperationalError,
    StoreInterfaceError,
    Busy,
    Conflict,
    OutcomeUnknown,
    LostLease,
)
"""Not the event's fault: the batch is tried again later instead of parking anything."""

Clock = Callable[[], datetime]


def transient(error: Exception) -> bool:
    """Whether the database, and not what was done, is at fault: then it is worth trying again."""
    return isinstance(error, TRANSIENT) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Unwritable(DaybookError):
    """The database refused what a batch would write. It is tried again event by event, to find the one at fault."""


class Follower(ABC):
    """One reader of one log. Subclasses say which events they want and what to do with one.

    A batch goes through ``process`` (outside any transaction), ``flush`` (inside), then ``committed`` or ``forget``.
    An event whose handling raises is parked together with all later events of its key; the others go on.
    """

    batch = 500
    """Events read at a time."""

    def __init__(
        self, name: str, database: Database, log: EventLog, *, tail: Tail | None = None, clock: Clock = wall_clock
    ):
        self.name = name
        self.database = database
        self.log = log
        self.clock = clock
        self.mine: Callable[[], bool] = lambda: True
        """Whether this copy still holds the lease; asked before effects that no checkpoint guards."""
        self._tail = tail or Tail(log)
        self._checkpoint: Checkpoint | None = None
        self._held = HeldBack(name)
        self._recorded: dict[tuple[int, int], Failure] = {}
        self._notes: list[Failure] = []
        self._passed = 0
        self._one_by_one_until = 0
        self._refused: Failure | None = None

    # what subclasses say

    @abstractmethod
    def wants(self, event: Event) -> bool:
        """Whether this follower handles the event at all."""

    @abstractmethod
    def handle(self, event: Event, at: int) -> None:
        """Handles one event. ``at``: the position as of which it takes effect, its own or that of its release."""

    def handler(self, event: Event) -> str:
        """What to name as the handler when it fails."""
        return type(self).__name__

    def keep(self) -> None:  # noqa: B027  # nothing to do unless something is buffered
        """The event was handled."""

    def undo(self) -> None:  # noqa: B027  # nothing to do unless something is buffered
        """The event failed: what it did to buffered state is taken back."""

    def save(self, tx: Connection) -> None:  # noqa: B027  # nothing to do unless something is buffered
        """Writes what the batch did, in the transaction that moves the checkpoint."""

    def tells(self) -> bool:
        """Whether ``write`` is about to write what could not be worked out again: notes, what others will be told."""
        return bool(self._notes)

    def full(self) -> bool:
        """Whether to end the batch at the event just passed."""
        return False

    def take(self, tx: Connection) -> Checkpoint:
        """Takes over the checkpoint, creating it where it is missing."""
        checkpoint.add(tx, self.name)
        return checkpoint.take(tx, self.name)

    # the loop

    @property
    def position(self) -> int:
        """The last position passed."""
        return self._checkpoint.position if self._checkpoint else 0

    @property
    def parked_keys(self) -> int:
        return len(self._held)

    def step(self) -> int:
        """One batch; the number of events passed, 0 when there was none.

        Raises ``LostLease`` when another copy has taken over, and whatever the database raises; either way nothing of
        the batch stays, and the next step starts from what is stored.
        """
        return step_together(self.database, [self])

    def read(self) -> list[Event]:
        """The next batch, after taking over the checkpoint if that has not been done yet."""
        if self._checkpoint is None:
            self.open()
        return self._tail.read(self.position, 1 if self.position < self._one_by_one_until else self.batch)

    def open(self) -> None:
        """Takes over and reads what is held back."""
        with self.database.begin() as tx:
            taken = self.take(tx)
        with self.database.read() as connection:
            self._held = HeldBack(self.name)
            self._held.load(connection)
            self._recorded |= held.recorded(connection, self.name, taken.position)
        self._checkpoint = taken
        self._passed = taken.position

    def process(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.type in held.NOTES:
                if event.type != held.PARKED and event.data.get("follower") == self.name:
                    self._resume(event)
            elif self.wants(event):
                if event.key in self._held:
                    self._held.wait_behind(event)
                else:
                    self._attempt(event, event.position)
            self._passed = event.position
            if self.full():
                break

    def flush(self, tx: Connection) -> Checkpoint:
        """Writes the batch and moves the checkpoint; it counts once ``committed`` is told."""
        (moved,) = checkpoint.advance_all(tx, [self.move])
        self.write(tx)
        return moved

    @property
    def move(self) -> tuple[Checkpoint, int]:
        """The checkpoint held, and how far the processed batch goes."""
        if self._checkpoint is None:
            raise RuntimeError(f"{self.name}: read before flush")
        return self._checkpoint, self._passed

    def write(self, tx: Connection) -> None:
        """Writes what the batch did, but the checkpoint. Raises ``Unwritable`` when the database refuses it."""
        try:
            self.save(tx)
            self._held.save(tx)
        except (IntegrityError, DataError, UnicodeError) as error:
            self._look_closer(error)
            raise Unwritable(f"{self.name}: the database refused a batch ({type(error).__name__})") from None
        for failure in self._notes:
            self.log.note(tx, held.PARKED, failure.note(self.name), key=failure.key)

    def committed(self, moved: Checkpoint) -> None:
        self._checkpoint = moved
        self._notes.clear()

    def forget(self) -> None:
        """Drops everything cached; the next step starts from what is stored."""
        self._checkpoint = None
        self._notes.clear()

    # one event

    def _attempt(self, event: Event, at: int) -> bool:
        if self._recorded and (failed := self._recorded.get((at, event.position))) is not None:
            self._park(failed)
            return False
        refused = self._refused
        if refused is not None and (refused.attempt, refused.position) == (at, event.position):
            self._notes.append(refused)
            self._park(refused)
            return False
        try:
            if isinstance(event, Unreadable):
                raise event.error
            self.handle(event, at)
        except Exception as error:  # a handler's own: that is what parking is for
            if transient(error):
                raise
            self._fail(event, at, error)
            return False
        self.keep()
        return True

    def _fail(self, event: Event, at: int, error: Exception) -> None:
        self.undo()
        failure = Failure(event.position, at, event.key, event.type, type(error).__name__, self.handler(event))
        self.refuse(failure, error)
        self._notes.append(failure)
        self._park(failure)

    def refuse(self, failure: Failure, error: Exception) -> None:
        """Called before a failure is parked; a rebuild raises here, since it may not add to history."""
        logger.warning(
            "%s parked %s at position %d: %s in %s",
            self.name, failure.type, failure.position, failure.error, failure.handler,
        )  # fmt: skip

    def _park(self, failure: Failure) -> None:
        self._held.park(failure, self.clock())

    def _resume(self, record: Event) -> None:
        """A release or discard: handles what is held back for the key, in order, as of this record."""
        first: int = record.data["event"]
        queue = self._held.queue(record.key)
        if not queue or queue[0] != first:
            return  # already released, or discarded by somebody else
        if record.type == held.DISCARDED:
            self._held.let_go(record.key, queue.pop(0))
        for position in queue:
            event = self._at(position)
            if not self._attempt(event, record.position):
                return
            self._held.let_go(record.key, position)

    def _at(self, position: int) -> Event:
        (event,) = decoded(self.log, self.log.records(position - 1, 1, position))
        return event

    def _look_closer(self, error: Exception) -> None:
        """After a refused batch: one event at a time; a refused event alone is the one at fault."""
        start = self.position
        if self._one_by_one_until <= start:
            self._one_by_one_until = self._passed
            return
        (event,) = decoded(self.log, self.log.records(start, 1))
        if event.type in held.NOTES:
            event = self._at(event.data["event"])
        self._refused = Failure(
            event.position, self._passed, event.key, event.type, type(error).__name__, self.handler(event)
        )
        self.refuse(self._refused, error)


@contextmanager
def _forgetting(followers: Sequence[Follower]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for follower in followers:
            follower.forget()
        raise


def step_together(database: Database, followers: Sequence[Follower]) -> int:
    """One batch of each follower, all in one transaction: one durable write at most, however many there are.

    The number of events passed by the one that passed most. Nobody's batch stays when one fails.
    """
    with _forgetting(followers):
        busy = [(follower, events) for follower in followers if (events := follower.read())]
        if not busy:
            return 0
        for follower, events in busy:
            follower.process(events)
        with database.begin(derived=not any(follower.tells() for follower, _ in busy)) as tx:
            moved = checkpoint.advance_all(tx, [follower.move for follower, _ in busy])
            for follower, _ in busy:
                follower.write(tx)
        for (follower, _), checkpoint_ in zip(busy, moved, strict=True):
            follower.committed(checkpoint_)
    return max(len(events) for _, events in busy)
