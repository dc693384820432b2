"""The envelope of a published event: CloudEvents 1.0 in its JSON format, structured mode."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from events.contract.canonical import dumps, loads

PARTITIONS = 64
"""A constant of the format: a key's partition never changes, so order per key survives any scaling."""

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


class UnreadableMessage(ValueError):
    """The bytes are no CloudEvent of Daybook's; the message says which attribute is wrong, never its value."""


def partition_of(key: str) -> int:
    """The partition (0…63) of an event key."""
    return zlib.crc32(key.encode()) % PARTITIONS


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One published event. (source, generation, partition, sequence) is its identity for receivers; ``sequence`` counts
    from 1 without gaps in its partition."""

    id: UUID
    source: str
    generation: int
    partition: int
    sequence: int
    type: str
    key: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str
    causation_id: str | None
    actor: str
    traceparent: str | None
    data: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """Canonical JSON; attributes without a value are left out, as the format asks."""
        attributes: dict[str, object] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.key,
            "time": self.occurred_at,
            "datacontenttype": "application/json",
            "generation": self.generation,
            "partition": self.partition,
            "sequence": self.sequence,
            "recordedat": self.recorded_at,
            "correlationid": self.correlation_id,
            "actor": self.actor,
            "data": self.data,
        }
        if self.causation_id is not None:
            attributes["causationid"] = self.causation_id
        if self.traceparent is not None:
            attributes["traceparent"] = self.traceparent
        return dumps(attributes)

    @classmethod
    def from_bytes(cls, body: bytes | memoryview) -> Self:
        """Reads an envelope. Raises ``UnreadableMessage`` naming the attribute that is missing or wrong."""
        try:
            attributes = loads(body)
        except ValueError:
            raise UnreadableMessage("not JSON") from None
        if not isinstance(attributes, dict):
            raise UnreadableMessage("not a JSON object")
        if attributes.get("specversion") != "1.0":
            raise UnreadableMessage("specversion is not 1.0")
        return cls(
            id=_read(attributes, "id", UUID),
            source=_text(attributes, "source"),
            generation=_count(attributes, "generation"),
            partition=_count(attributes, "partition"),
            sequence=_count(attributes, "sequence"),
            type=_text(attributes, "type"),
            key=_text(attributes, "subject"),
            occurred_at=_read(attributes, "time", _instant),
            recorded_at=_read(attributes, "recordedat", _instant),
            correlation_id=_text(attributes, "correlationid"),
            causation_id=attributes.get("causationid"),
            actor=_text(attributes, "actor"),
            traceparent=attributes.get("traceparent"),
            data=_read(attributes, "data", _object),
        )


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("no time zone")
    return instant


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _read(attributes: Mapping[str, Any], name: str, read: Any) -> Any:
    try:
        return read(attributes[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise UnreadableMessage(f"{name} is missing or malformed") from None


def _text(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableMessage(f"{name} is missing or malformed")
    return value


def _count(attributes: Mapping[str, Any], name: str) -> int:
    value = attributes.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnreadableMessage(f"{name} is missing or malformed")
    return value
