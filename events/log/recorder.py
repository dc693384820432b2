"""What the two recorders share: rows in and out, the command's row, and which constraint refused."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    NotSupportedError,
    StoredEvent,
    Subscription,
)

from events.log.clock import to_microseconds
from events.log.event import Record


class StreamConflict(IntegrityError):
    """Another append has taken this version of the stream."""


class CommandKnown(IntegrityError):
    """A command of this id has an answer."""


@dataclass(frozen=True, slots=True)
class CommandRow:
    """The command's row, inserted in the append's own statement or transaction."""

    id: UUID
    payload_hash: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class Remembered:
    """A command's stored answer."""

    payload_hash: bytes
    answer: bytes
    position: int


def utc_now() -> datetime:
    return datetime.now(UTC)


class Recorder(ApplicationRecorder):
    """The library's recorder interface, and what the log needs beyond it."""

    def __init__(self, clock: Callable[[], datetime] = utc_now):
        self._clock = clock

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Appends the events in one transaction and returns their positions; None for no events.

        ``command``: a ``CommandRow`` to insert with them. Raises ``StreamConflict`` or ``CommandKnown``, both the
        library's ``IntegrityError``; the library's ``OperationalError`` means that the outcome is unknown.
        """
        if not stored_events:
            return None
        command: CommandRow | None = kwargs.get("command")
        return self.append(stored_events, command, to_microseconds(self._clock()))

    @abstractmethod
    def append(self, events: Sequence[StoredEvent], command: CommandRow | None, recorded_at: int) -> list[int]:
        """As ``insert_events``, for at least one event."""

    @abstractmethod
    def remember(self, command: CommandRow, position: int) -> None:
        """Stores the answer of a command that appended nothing. Raises ``CommandKnown``."""

    @abstractmethod
    def remembered(self, command_id: UUID) -> Remembered | None:
        """The stored answer of a command."""

    @abstractmethod
    def select_streams(self, streams: Sequence[UUID]) -> Sequence[StoredEvent]:
        """The events of many streams, each stream's in order."""

    @abstractmethod
    def head(self) -> int:
        """The last position that readers may pass; 0 for an empty log."""

    def head_above(self, after: int) -> int:
        """The head where it is above ``after``, else ``after``: all that a waiter asks."""
        return max(self.head(), after)

    @abstractmethod
    def records(
        self, after: int, limit: int, upto: int | None = None, types: Sequence[str] | None = None
    ) -> list[Record]:
        """Rows in position order, as far as it is safe; ``types``: only those stored under one of these names."""

    @abstractmethod
    def settle(self, instant: int, patience: float) -> int:
        """From now on nothing is recorded at or before an instant (microseconds); a position up to which everything is
        decided, above which nothing is recorded by then.

        Raises ``NotSettledYet`` or ``Busy`` when what was under way does not end within ``patience`` seconds.
        """

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Not offered: the log is followed in batches with checkpoints."""
        raise NotSupportedError("follow the log with EventLog.read and EventLog.wait instead of a subscription")

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        return [
            Notification(
                originator_id=r.stream, originator_version=r.version, topic=r.type, state=r.state, id=r.position
            )
            for r in self.records(after, limit, stop, topics or None)
        ]

    def max_notification_id(self) -> int | None:
        return self.head() or None
