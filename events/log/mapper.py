"""Domain event ↔ stored bytes: canonical JSON ``{"data": …, "meta": …, "v": class version}``.

``data`` holds the event's own fields, personal ones sealed; ``meta`` what is known about it: when it occurred, who
acted, on which command, knowing what. Neither holds a Python path.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Mapper, StoredEvent

from events.contract.canonical import dumps, loads
from events.log import codec
from events.log.commands import Context
from events.log.errors import UnreadableEvent
from events.log.types import EventType, TypeRegistry
from events.log.vault import ERASED, Vault


class DaybookMapper(Mapper[UUID]):
    """The library's mapper interface over the closed registry; sealing is part of storing."""

    def __init__(self, registry: TypeRegistry, vault: Vault):
        self.registry = registry
        self.vault = vault

    def to_stored_event(self, domain_event: Any, context: Context | None = None) -> StoredEvent:
        """Seals, encodes and names an event. Raises ``UnregisteredType``, and ``TypeError`` or ``ValueError`` for a
        field that has no exact JSON form."""
        entry = self.registry.of(domain_event)
        data = {
            name: codec.to_json(getattr(domain_event, name), annotation) for name, annotation in entry.fields.items()
        }
        key = str(getattr(domain_event, entry.key))
        if entry.subject is not None:
            subject = str(getattr(domain_event, entry.subject))
            for name in entry.personal:
                if data[name] is not None:
                    data[name] = self.vault.seal(subject, data[name], context=entry.place(name))
        meta = _meta(codec.to_json(domain_event.timestamp, datetime), key, context)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=entry.name,
            state=dumps({"data": data, "meta": meta, "v": entry.class_version}),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Decodes, brings forward, opens and types an event. A value whose key is destroyed becomes ``ERASED``.

        Raises ``UnregisteredType``, ``UnreadableEvent`` and ``BadSeal``.
        """
        entry = self.registry.named(stored_event.topic)
        data, meta = self.decode(entry, stored_event.state)
        state: dict[str, Any] = {}
        for name, annotation in entry.fields.items():
            state[name] = self._field(entry, name, annotation, data, stored_event)
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        state["timestamp"] = datetime.fromisoformat(meta["at"])
        if entry.creates:
            state["originator_topic"] = entry.aggregate.TOPIC  # type: ignore[attr-defined]  # the registry saw to it
        event: Any = object.__new__(entry.cls)
        object.__setattr__(event, "__dict__", state)  # frozen; and the past is not validated by today's rules
        return event

    def decode(self, entry: EventType, state: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data, brought forward and still sealed, and meta. Raises ``UnreadableEvent``."""
        try:
            stored = loads(state)
            data, meta, version = stored["data"], stored["meta"], stored["v"]
        except (ValueError, KeyError, TypeError):
            raise UnreadableEvent(f"stored bytes of a {entry.name} are not data, meta and version in JSON") from None
        if version > entry.class_version:
            raise UnreadableEvent(
                f"a {entry.name} was stored by class version {version}, this program knows {entry.class_version}\n"
                "hint: upgrade this program"
            )
        return data if version == entry.class_version else entry.upcast(data, version), meta

    def _field(self, entry: EventType, name: str, annotation: Any, data: Mapping[str, Any], stored: StoredEvent) -> Any:
        if name not in data:
            if name in entry.defaults:
                return entry.defaults[name]()
            raise UnreadableEvent(f"{_place(entry, stored)} has no {name}; give it an upcaster or a default")
        value = data[name]
        if name in entry.personal and value is not None:
            value = self.vault.open(value, subject=_subject(entry, data, stored), context=entry.personal[name])
            if value is ERASED:
                return value
        try:
            return codec.from_json(value, annotation)
        except Exception as error:  # whatever a type raises for a value that does not fit
            raise UnreadableEvent(f"{name} of {_place(entry, stored)} does not fit: {type(error).__name__}") from None


def _subject(entry: EventType, data: Mapping[str, Any], stored: StoredEvent) -> str:
    """Under whose key the event's personal fields are."""
    field = entry.subject
    return str(stored.originator_id) if field is None or field == "originator_id" else str(data[field])


def _place(entry: EventType, stored: StoredEvent) -> str:
    return f"{entry.name} {stored.originator_id} version {stored.originator_version}"


def _meta(at: str, key: str, context: Context | None) -> dict[str, Any]:
    meta: dict[str, Any] = {"at": at, "key": key}
    if context is None:
        return meta
    meta |= {"actor": context.actor, "command": str(context.command_id), "correlation": context.correlation_id}
    if context.causation_id is not None:
        meta["causation"] = context.causation_id
    if context.known_at:
        meta["known_at"] = dict(context.known_at)
    if context.traceparent is not None:
        meta["traceparent"] = context.traceparent
    return meta
