"""Stored records as events; one that cannot be decoded is handed on as such: it parks its key and stops nobody."""

from collections.abc import Iterable, Iterator
from typing import Any

from events.contract.canonical import loads
from events.log.clock import from_microseconds
from events.log.event import Event, Record
from events.log.log import EventLog
from events.log.reading import NOTE, RECEIVED


class Unreadable(Event):
    """Stands for a record whose bytes this program cannot bring forward to an event. It has no data."""

    error: Exception


def decoded(log: EventLog, records: Iterable[Record]) -> Iterator[Event]:
    """The events of some records, in order, each when it is asked for: one that is handled and let go costs the garbage
    collector nothing."""
    decode = log.decode
    for record in records:
        try:
            yield decode(record)
        except Exception as error:  # malformed bytes, a type not registered, an upcaster with a bug
            yield _stand_in(record, error)  # parked where wanted


def _stand_in(record: Record, error: Exception) -> Unreadable:
    stand_in = Unreadable(
        position=record.position,
        stream=record.stream,
        version=record.version,
        recorded_at=from_microseconds(record.recorded_at),
        type=record.type.removeprefix(RECEIVED).removeprefix(NOTE),
        data={},
        key=_key(record),
        occurred_at=from_microseconds(record.recorded_at),
        actor="",
        correlation_id="",
        causation_id=None,
        command=None,
        known_at={},
        traceparent=None,
        origin=None,
        named=record.stream,
    )
    stand_in.error = error
    return stand_in


def _key(record: Record) -> str:
    """The event's key where the bytes still tell it, else its stream, which is in order too."""
    try:
        stored: Any = loads(record.state)
        key = stored["subject"] if record.type.startswith(RECEIVED) else stored["meta"]["key"]
    except (ValueError, KeyError, TypeError):
        return str(record.stream)
    return key if isinstance(key, str) else str(record.stream)
