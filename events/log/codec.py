"""Typed fields ↔ JSON values, by their annotations.

Instants are ISO 8601 in UTC with ``Z``, dates and local times ISO 8601, durations seconds, decimals strings, enums
their values, sets sorted lists, bytes base64. A value comes back equal; a zone other than UTC does not come back, by
convention.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import cattrs
from cattrs.cols import is_frozenset, is_set
from cattrs.strategies import configure_union_passthrough

from events.contract.canonical import dumps


def _instant_to_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _text_to_instant(value: Any, _: Any) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant


def _build() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(UUID, lambda value, _: value if isinstance(value, UUID) else UUID(value))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    converter.register_unstructure_hook(datetime, _instant_to_text)
    converter.register_structure_hook(datetime, _text_to_instant)
    converter.register_unstructure_hook(time, time.isoformat)
    converter.register_structure_hook(time, lambda value, _: time.fromisoformat(value))
    converter.register_unstructure_hook(timedelta, timedelta.total_seconds)
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    converter.register_structure_hook(bytes, lambda value, _: base64.b64decode(value, validate=True))
    configure_union_passthrough(str | int | float | bool | None, converter)
    for is_some_set in (is_set, is_frozenset):
        converter.register_unstructure_hook_func(
            is_some_set, lambda values: sorted((converter.unstructure(v) for v in values), key=dumps)
        )
    return converter


_converter = _build()


def to_json(value: Any, annotation: Any) -> Any:
    """The JSON value of a typed one. Raises ``TypeError`` or ``ValueError`` for what has no exact form."""
    return _converter.unstructure(value, unstructure_as=annotation)


def from_json(value: Any, annotation: Any) -> Any:
    """The typed value. Raises whatever the type raises for a value that does not fit."""
    return _converter.structure(value, annotation)


def plain(value: object) -> Any:
    """JSON values of a dataclass or mapping without annotations to go by, such as a command."""
    return {k: plain(v) for k, v in value.items()} if isinstance(value, Mapping) else _converter.unstructure(value)
