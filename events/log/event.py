"""What every reader of a log sees: one record, own or received, decoded and brought forward.

Named tuples, since they are made by the hundred thousand and a frozen dataclass takes ten times as long to make.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.log.identity import Identity


class Origin(NamedTuple):
    """Where a received event has its identity."""

    source: str
    generation: int
    partition: int
    sequence: int
    event_id: UUID


class Event(NamedTuple):
    """One record of the log.

    ``data`` holds JSON values (ids and instants as strings); sealed values are still sealed. ``origin`` is set on
    received records only. ``id`` of an own record is uuid5 of log id, generation and position; of a received one, its
    sender's.
    """

    position: int
    stream: UUID
    version: int
    recorded_at: datetime
    type: str
    data: Mapping[str, Any]
    key: str
    occurred_at: datetime
    actor: str
    correlation_id: str
    causation_id: str | None
    command: str | None
    known_at: Mapping[str, int]
    traceparent: str | None
    origin: Origin | None
    named: UUID | Identity
    """The id, or the identity of the log that gives it one. Few readers ask, so ids are made when asked for."""

    @property
    def id(self) -> UUID:
        return self.named.event_id(self.position) if isinstance(self.named, Identity) else self.named

    @property
    def command_id(self) -> UUID | None:
        return UUID(self.command) if self.command else None


class Record(NamedTuple):
    """One row of the log as it is stored: what the ledger hashes and readers decode."""

    position: int
    stream: UUID
    version: int
    recorded_at: int
    """Microseconds since 1970-01-01 UTC."""
    type: str
    state: bytes
