"""The closed registry: stable name ↔ class. A Python path never reaches the disk, and nothing is ever imported by
name."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast, get_type_hints

from eventsourcing.domain import Aggregate, CanInitAggregate, CanMutateAggregate
from eventsourcing.utils import register_topic

from events.log.errors import BadRegistration, UnregisteredType

ENVELOPE_FIELDS = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})
"""What every domain event has; stored beside its data, not in it."""

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

EventClass = type[CanMutateAggregate[Any]]


@dataclasses.dataclass(frozen=True)
class EventType:
    """One registered event class and how it is stored."""

    name: str
    cls: EventClass
    aggregate: type[Aggregate]
    class_version: int
    fields: Mapping[str, Any]
    """Data field → its annotated type."""
    defaults: Mapping[str, Callable[[], Any]]
    """What a field that older events lack is read as."""
    personal: Mapping[str, frozenset[str]]
    """Field that is sealed → the places that its seals may name: the field itself, and what it was called before."""
    subject: str | None
    key: str

    def place(self, field: str) -> str:
        """What a seal in this field names as its place."""
        return f"{self.name}.{field}"

    @property
    def creates(self) -> bool:
        return issubclass(self.cls, CanInitAggregate)

    def upcast(self, state: dict[str, Any], version: int) -> dict[str, Any]:
        """Brings data of an older class version forward, step by step.

        ``upcast_vX_vY`` gets the data as stored, JSON values, and changes it in place; so followers see it upcast too.
        """
        for old in range(version, self.class_version):
            getattr(self.cls, f"upcast_v{old}_v{old + 1}")(state)
        return state


class TypeRegistry:
    """All classes whose events one service stores.

    Raises ``BadRegistration`` for a class without a ``TOPIC`` of its own, a name used twice, a name outside the
    service, a name that is a Python path, and for ``PERSONAL``, ``SUBJECT`` or ``KEY`` that name no field, or
    ``FORMERLY`` that names no personal one.
    """

    def __init__(self, service: str, aggregates: Iterable[type[Aggregate]]):
        self.service = service
        self._aggregates: dict[str, type[Aggregate]] = {}
        self._by_name: dict[str, EventType] = {}
        self._by_class: dict[type, EventType] = {}
        for aggregate in aggregates:
            self._register_aggregate(aggregate)

    def of(self, event: object) -> EventType:
        """The type of a domain event. Raises ``UnregisteredType``."""
        try:
            return self._by_class[type(event)]
        except KeyError:
            raise UnregisteredType(
                f"{type(event).__qualname__} is not registered for {self.service}; "
                "add its aggregate to the service's definition"
            ) from None

    def named(self, name: str) -> EventType:
        """The type of a stored name. Raises ``UnregisteredType``."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnregisteredType(f"no event type {name!r} is registered for {self.service}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._by_name.values())

    def knows(self, aggregate: type) -> bool:
        """Whether this very class was registered."""
        return aggregate in self._aggregates.values()

    def _register_aggregate(self, cls: type[Aggregate]) -> None:
        name = self._own_name(cls)
        if name in self._aggregates or name in self._by_name:
            raise BadRegistration(f"the name {name!r} of {cls.__qualname__} is taken")
        self._aggregates[name] = cls
        register_topic(name, cls)
        for attribute in vars(cls).values():
            if isinstance(attribute, type) and issubclass(attribute, CanMutateAggregate):
                if attribute.__name__ == "Event":
                    continue
                self._register_event(attribute, cls)

    def _register_event(self, cls: EventClass, aggregate: type[Aggregate]) -> None:
        name = self._own_name(cls)
        if name in self._aggregates or name in self._by_name:
            raise BadRegistration(f"the name {name!r} of {cls.__qualname__} is taken")
        fields = _data_fields(cls)
        personal = tuple(getattr(cls, "PERSONAL", ()))
        formerly: Mapping[str, tuple[str, ...]] = getattr(cls, "FORMERLY", {})
        subject = getattr(cls, "SUBJECT", "participant_id") if personal else None
        key = getattr(cls, "KEY", "participant_id" if "participant_id" in fields else "originator_id")
        for role, field in [("KEY", key), ("SUBJECT", subject), *(("PERSONAL", p) for p in personal)]:
            if field is not None and field not in fields and (field != "originator_id" or role == "PERSONAL"):
                raise BadRegistration(f"{role} of {name} names {field!r}, which is no field of it")
        if not formerly.keys() <= set(personal):
            raise BadRegistration(f"FORMERLY of {name} names {sorted(formerly.keys() - set(personal))}, not personal")
        if subject in personal or key in personal:
            raise BadRegistration(f"KEY and SUBJECT of {name} must not be personal: they are stored in plain text")
        version = getattr(cls, "class_version", 1)
        for old in range(1, version):
            if not hasattr(cls, f"upcast_v{old}_v{old + 1}"):
                raise BadRegistration(f"{name} is of version {version} and has no upcast_v{old}_v{old + 1}")
        defaults = {f.name: _default(f) for f in _dataclass_fields(cls) if f.name in fields and _has_default(f)}
        places = {p: frozenset(f"{name}.{field}" for field in (p, *formerly.get(p, ()))) for p in personal}
        entry = EventType(name, cls, aggregate, version, fields, defaults, places, subject, key)
        self._by_name[name] = entry
        self._by_class[cls] = entry

    def _own_name(self, cls: type) -> str:
        # An @event method makes a subclass of the same name: that subclass shares the TOPIC written on its parent.
        declaring = next((c for c in cls.__mro__ if "TOPIC" in vars(c)), None)
        if declaring is None or declaring.__name__ != cls.__name__:
            raise BadRegistration(f"{cls.__module__}:{cls.__qualname__} needs a TOPIC of its own")
        name = declaring.__dict__["TOPIC"]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise BadRegistration(f"TOPIC {name!r} of {cls.__qualname__} is not dotted lower-case words")
        if not name.startswith(f"{self.service}."):
            raise BadRegistration(f"TOPIC {name!r} of {cls.__qualname__} must start with '{self.service}.'")
        if name.startswith(f"{cls.__module__}."):
            raise BadRegistration(
                f"TOPIC {name!r} of {cls.__qualname__} is a Python path; give it a name that outlives moves"
            )
        return name


def _dataclass_fields(cls: EventClass) -> tuple["dataclasses.Field[Any]", ...]:
    return dataclasses.fields(cast(Any, cls))  # the library's metaclass makes every event a dataclass


def _data_fields(cls: EventClass) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in _dataclass_fields(cls) if f.name not in ENVELOPE_FIELDS}


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _default(field: "dataclasses.Field[Any]") -> Callable[[], Any]:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory
    return lambda: field.default
