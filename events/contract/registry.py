"""Every published event type, by name and version. A type once published stays; a change that is not an added optional
field is a new version."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from marshmallow import Schema

MODULES = (
    "attendance",
    "enrollment",
    "enrollment_dues",
    "enrollment_places",
    "interop",
    "medication_review",
    "scheduling",
)
"""Beside this one; importing them registers what they publish."""


class UnknownPublishedType(LookupError):
    """No schema of this name and version is registered."""


@dataclass(frozen=True)
class PublishedType:
    """One published event type. ``key`` is the data field whose value decides partition and order."""

    name: str
    version: int
    schema: type[Schema]
    key: str

    @property
    def type(self) -> str:
        """The CloudEvents type, for example ``enrollment.participant_admitted.v1``."""
        return f"{self.name}.v{self.version}"

    @property
    def service(self) -> str:
        """The service that publishes it."""
        return self.name.partition(".")[0]


_TYPES: dict[str, PublishedType] = {}


def published(name: str, *, version: int = 1, key: str = "participant_id") -> Callable[[type[Schema]], type[Schema]]:
    """Registers a schema as the data of a published event type. Raises ``ValueError`` if the type exists already."""

    def register(schema: type[Schema]) -> type[Schema]:
        entry = PublishedType(name, version, schema, key)
        if entry.type in _TYPES:
            raise ValueError(f"published type {entry.type} is registered twice")
        _TYPES[entry.type] = entry
        return schema

    return register


def _load_all() -> None:
    for name in MODULES:
        import_module(f"events.contract.{name}")


def published_type(type_: str) -> PublishedType:
    """The registered type. Raises ``UnknownPublishedType``."""
    _load_all()
    try:
        return _TYPES[type_]
    except KeyError:
        raise UnknownPublishedType(type_) from None


def all_published() -> list[PublishedType]:
    """All registered types by name and version."""
    _load_all()
    return [_TYPES[type_] for type_ in sorted(_TYPES)]
