"""The AsyncAPI 3 document of everything Daybook sends and takes over RabbitMQ, made from the registered schemas."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from events.contract import samples
from events.contract.canonical import loads
from events.contract.envelope import MEDIA_TYPE, PARTITIONS
from events.contract.registry import PublishedType, all_published

ASYNCAPI = "3.0.0"
DOCUMENT_VERSION = "1.0.0"

Json = dict[str, Any]

_KINDS: tuple[tuple[type[fields.Field[Any]], Json], ...] = (
    (fields.UUID, {"type": "string", "format": "uuid"}),
    (fields.DateTime, {"type": "string", "format": "date-time"}),
    (fields.Date, {"type": "string", "format": "date"}),
    (fields.Boolean, {"type": "boolean"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Float, {"type": "number"}),
    (fields.String, {"type": "string"}),
)


def document() -> Json:
    """The whole document, ready for JSON."""
    published = all_published()
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Daybook",
            "version": DOCUMENT_VERSION,
            "description": (
                "Published events of an intensive outpatient program's services, and its exchange of messages with "
                "hospitals. Events of one source and key arrive in order; each may arrive more than once. A consumer "
                "that misses a number pulls it from the feed (GET /{service}/feed/{partition}?after={sequence})."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": {
            "events": _events_channel(published),
            "hospitalIn": _hospital_channel(
                "hospital.in", "Messages of hospital systems, kept before they are answered."
            ),
            "hospitalOut": _hospital_channel("hospital.out", "Messages for hospital systems, in order per patient."),
        },
        "operations": _operations(published),
        "components": {
            "messages": {
                **{_id(entry): _event_message(entry) for entry in published},
                "HospitalMessage": _hospital_message(),
            },
            "schemas": {
                "CloudEvent": _envelope(),
                **{_id(entry): json_schema(entry.schema()) for entry in published},
            },
        },
    }


def json_schema(schema: Schema) -> Json:
    """The JSON Schema of a marshmallow schema's data. Raises ``TypeError`` for a kind of field without a JSON form."""
    described: Json = {
        "type": "object",
        "required": sorted(name for name, field in schema.fields.items() if field.required),
        "properties": {name: _field(field) for name, field in schema.fields.items()},
    }
    if schema.__doc__ and type(schema).__doc__ is not Schema.__doc__:
        described["description"] = " ".join(schema.__doc__.split())
    return described


def _field(field: fields.Field[Any]) -> Json:
    described = _kind(field)
    if field.allow_none:
        described["type"] = [described["type"], "null"]
    if field.metadata.get("description"):
        described["description"] = field.metadata["description"]
    return described


def _kind(field: fields.Field[Any]) -> Json:
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner)}
    if isinstance(field, fields.Nested):
        return json_schema(field.schema)
    for kind, described in _KINDS:
        if isinstance(field, kind):
            return {**described, **_limits(field)}
    raise TypeError(f"a published field of kind {type(field).__name__} has no JSON Schema here")


def _limits(field: fields.Field[Any]) -> Json:
    limits: Json = {}
    for one in field.validators:
        if isinstance(one, validate.OneOf):
            limits["enum"] = [*one.choices, *([None] if field.allow_none else [])]
        elif isinstance(one, validate.Range):
            limits |= {name: bound for name, bound in (("minimum", one.min), ("maximum", one.max)) if bound is not None}
        elif isinstance(one, validate.Regexp):
            limits["pattern"] = one.regex.pattern
    return limits


def _id(entry: PublishedType) -> str:
    """Names of components may hold letters, digits, dot, hyphen and underscore only, as event types do."""
    return entry.type


def _events_channel(published: Iterable[PublishedType]) -> Json:
    return {
        "address": "{source}.{partition}",
        "title": "Published events",
        "description": (
            "Topic exchange daybook.events. The routing key is the source's service and the partition in two digits, "
            "for example attendance.07. Queues: {consumer}.inbox.{q}, durable quorum queues, bound to the partitions p "
            "with p mod Q = q."
        ),
        "parameters": {
            "source": {
                "description": "The service that tells",
                "enum": sorted({entry.service for entry in published}),
            },
            "partition": {
                "description": f"crc32 of the event's key modulo {PARTITIONS}: 00 to {PARTITIONS - 1}",
                "examples": ["07"],
            },
        },
        "messages": {_id(entry): {"$ref": f"#/components/messages/{_id(entry)}"} for entry in published},
        "bindings": {"amqp": _exchange("daybook.events", "topic")},
    }


def _hospital_channel(name: str, description: str) -> Json:
    return {
        "address": name,
        "title": name,
        "description": f"{description} Persistent, confirmed; what cannot be taken is dead-lettered to {name}.parked.",
        "messages": {"HospitalMessage": {"$ref": "#/components/messages/HospitalMessage"}},
        "bindings": {"amqp": _exchange(name, "topic")},
    }


def _exchange(name: str, kind: str) -> Json:
    exchange = {"name": name, "type": kind, "durable": True, "autoDelete": False, "vhost": "/"}
    return {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}


def _operations(published: Iterable[PublishedType]) -> Json:
    operations: Json = {}
    for entry in published:
        operation = operations.setdefault(
            f"{entry.service}.tells",
            {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": f"What {entry.service} publishes",
                "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
                "messages": [],
            },
        )
        operation["messages"].append({"$ref": f"#/channels/events/messages/{_id(entry)}"})
    for name, action, channel in (("takes", "receive", "hospitalIn"), ("sends", "send", "hospitalOut")):
        operations[f"interop.{name}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": f"What the hospital gateway {name}",
            "messages": [{"$ref": f"#/channels/{channel}/messages/HospitalMessage"}],
        }
    return operations


def _event_message(entry: PublishedType) -> Json:
    example = loads(samples.event(entry).to_bytes())
    return {
        "name": entry.type,
        "title": entry.schema.__name__,
        "summary": f"Key: {entry.key}",
        "contentType": MEDIA_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": entry.type},
                        "source": {"const": f"/daybook/{entry.service}"},
                        "data": {"$ref": f"#/components/schemas/{_id(entry)}"},
                    },
                },
            ]
        },
        "examples": [{"name": entry.type, "payload": example}],
    }


def _envelope() -> Json:
    text, instant = {"type": "string"}, {"type": "string", "format": "date-time"}
    properties: Mapping[str, Json] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {**text, "description": "/daybook/{service}"},
        "type": {**text, "description": "{service}.{event}.v{version}"},
        "subject": {**text, "description": "The event's key"},
        "time": {**instant, "description": "When it happened"},
        "recordedat": {**instant, "description": "When the source recorded it"},
        "datacontenttype": {"const": "application/json"},
        "generation": {
            "type": "integer",
            "minimum": 1,
            "description": "Of the source's log; a restore begins the next",
        },
        "partition": {"type": "integer", "minimum": 0, "maximum": PARTITIONS - 1},
        "sequence": {"type": "integer", "minimum": 1, "description": "Without gaps in (generation, partition)"},
        "correlationid": {**text, "description": "The conversation it belongs to"},
        "causationid": {**text, "description": "The command or event that caused it"},
        "actor": {**text, "description": "Who decided"},
        "traceparent": {**text, "description": "W3C trace context"},
        "data": {"type": "object"},
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0 as JSON, structured mode. (source, generation, partition, sequence) is unique.",
        "required": [name for name in properties if name not in ("causationid", "traceparent")],
        "properties": dict(properties),
    }


def _hospital_message() -> Json:
    return {
        "name": "HospitalMessage",
        "title": "A hospital's message",
        "summary": "HL7 v2 in ER7, byte for byte, or a FHIR R4 resource as JSON",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": ["message_type", "control_id", "charset", "sha256"],
            "properties": {
                "message_type": {"type": "string", "description": "ADT^A01, or a FHIR resource type such as Bundle"},
                "control_id": {"type": "string", "description": "MSH-10, or the Bundle's identifier"},
                "charset": {"type": "string", "description": "Character set of the body as an IANA name"},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the body"},
            },
        },
        "payload": {"type": "string", "format": "binary"},
        "bindings": {"amqp": {"bindingVersion": "0.3.0"}},
    }
