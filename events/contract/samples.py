"""One sample per published type: the same bytes whenever it is made, for examples in documents and for golden files."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from marshmallow import Schema, fields, validate

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent, partition_of
from events.contract.registry import PublishedType

_NAMES = UUID("4b2d1f0a-5c0e-5f6c-8a77-2d1f5a0c9e01")
_INSTANT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
_SEALED = "sealed:1:0000:c2FtcGxl"


def event(entry: PublishedType) -> CloudEvent:
    """A whole event of this type, with every field present."""
    given = data(entry)
    key = str(given[entry.key])
    return CloudEvent(
        id=uuid5(_NAMES, entry.type),
        source=f"/daybook/{entry.service}",
        generation=1,
        partition=partition_of(key),
        sequence=7,
        type=entry.type,
        key=key,
        occurred_at=_INSTANT,
        recorded_at=_INSTANT,
        correlation_id=str(uuid5(_NAMES, "correlation")),
        causation_id=str(uuid5(_NAMES, "causation")),
        actor="person:0d9b",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data=given,
    )


def data(entry: PublishedType) -> dict[str, Any]:
    """The data of the sample as JSON values."""
    made: dict[str, Any] = loads(dumps(_object(entry.schema())))
    return made


def _object(schema: Schema) -> dict[str, Any]:
    return {name: _value(name, field) for name, field in schema.fields.items()}


def _value(name: str, field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.List):
        return [_value(name, field.inner)]
    if isinstance(field, fields.Nested):
        return _object(field.schema)
    if field.metadata.get("sealed"):
        return _SEALED
    for one in field.validators:
        if isinstance(one, validate.OneOf):
            return next(iter(one.choices))
    by_kind: tuple[tuple[type[fields.Field[Any]], Any], ...] = (
        (fields.UUID, uuid5(_NAMES, name)),
        (fields.DateTime, _INSTANT),
        (fields.Date, date(2026, 3, 2)),
        (fields.Boolean, True),
        (fields.Integer, 3),
        (fields.Float, 1.5),
        (fields.String, f"a {name}".replace("_", " ")),
    )
    for kind, value in by_kind:
        if isinstance(field, kind):
            return value
    raise TypeError(f"a published field of kind {type(field).__name__} has no sample here")
