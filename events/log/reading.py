"""Stored rows → the events that readers see.

Events are made by the hundred thousand, so their fields are given in order: naming them doubles what an event costs.
"""

from datetime import datetime

from events.contract.canonical import loads
from events.contract.envelope import CloudEvent, UnreadableMessage
from events.log.clock import from_microseconds
from events.log.errors import UnreadableEvent
from events.log.event import Event, Origin, Record
from events.log.identity import Identity
from events.log.mapper import DaybookMapper

RECEIVED = "received:"
NOTE = "note:"
"""Prefixes of stored types. No registered name can start like this, since a colon is not allowed in one."""


def decode(record: Record, mapper: DaybookMapper, identity: Identity) -> Event:
    """Raises ``UnreadableEvent`` and ``UnregisteredType``."""
    position, stream, version, recorded_at, type_, state = record
    if type_.startswith(RECEIVED):
        return _received(record)
    if type_.startswith(NOTE):
        type_, stored = type_.removeprefix(NOTE), loads(state)
        data, meta = stored["data"], stored["meta"]
    else:
        data, meta = mapper.decode(mapper.registry.named(type_), state)
    told = meta.get
    known_at = told("known_at")
    return Event(
        position,
        stream,
        version,
        from_microseconds(recorded_at),
        type_,
        data,
        meta["key"],
        datetime.fromisoformat(meta["at"]),
        told("actor", ""),
        told("correlation", ""),
        told("causation"),
        told("command"),
        known_at if isinstance(known_at, dict) else {},
        told("traceparent"),
        None,
        identity,
    )


def _received(record: Record) -> Event:
    try:
        told = CloudEvent.from_bytes(record.state)
    except UnreadableMessage as error:
        raise UnreadableEvent(f"received record at position {record.position}: {error}") from None
    return Event(
        record.position,
        record.stream,
        record.version,
        from_microseconds(record.recorded_at),
        told.type,
        told.data,
        told.key,
        told.occurred_at,
        told.actor,
        told.correlation_id,
        told.causation_id,
        None,
        {},
        told.traceparent,
        Origin(told.source, told.generation, told.partition, told.sequence, told.id),
        told.id,
    )
