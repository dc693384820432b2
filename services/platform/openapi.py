"""The OpenAPI 3.1 document of a service, from its shell's marks and schemas: what is documented is what is served."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields, missing, validate

from services.platform.definition import ServiceDefinition
from services.platform.web import Route, routes

_KINDS: tuple[tuple[type[fields.Field[Any]], dict[str, Any]], ...] = (
    (fields.UUID, {"type": "string", "format": "uuid"}),
    (fields.AwareDateTime, {"type": "string", "format": "date-time"}),
    (fields.DateTime, {"type": "string", "format": "date-time"}),
    (fields.Date, {"type": "string", "format": "date"}),
    (fields.Time, {"type": "string", "format": "time"}),
    (fields.Email, {"type": "string", "format": "email"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Boolean, {"type": "boolean"}),
    (fields.Decimal, {"type": ["string", "number"]}),
    (fields.Float, {"type": "number"}),
    (fields.String, {"type": "string"}),
)

_CONVERTERS: Mapping[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer"},
}

_POSITION = {
    "type": "object",
    "required": ["service", "generation", "position"],
    "properties": {
        "service": {"type": "string"},
        "generation": {"type": "integer"},
        "position": {"type": "integer"},
    },
}

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "correlation_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "correlation_id": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


def document(definition: ServiceDefinition) -> dict[str, Any]:
    """The whole document; equal definitions give equal documents."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes(definition.shell):
        paths.setdefault(route.template, {})[route.http_method.lower()] = _operation(route)
    title = definition.name.replace("_", " ").capitalize()
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Daybook {title}", "version": "1", "description": _doc(definition.shell)},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                **{
                    name: {"type": "apiKey", "in": "query", "name": name, "description": "Opens one address alone"}
                    for name in sorted({route.capability for route in routes(definition.shell) if route.capability})
                },
            },
            "schemas": {"Position": _POSITION, "Problem": _PROBLEM},
        },
        "security": [{"token": []}],
    }


def json_schema(schema: Schema, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """A marshmallow schema as JSON Schema, as it loads."""
    left = set(leave_out)
    properties, required = {}, []
    for name, field in schema.load_fields.items():
        key = field.data_key or name
        if key in left:
            continue
        properties[key] = _field(field)
        if field.required:
            required.append(key)
    described: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": schema.unknown != "raise",
    }
    if required:
        described["required"] = sorted(required)
    return described


def _doc(cls: type) -> str:
    return (cls.__doc__ or cls.__name__).strip()


def _operation(route: Route) -> dict[str, Any]:
    schema = route.schema() if route.schema is not None else None
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Roles: {', '.join(sorted(route.roles))}.",
        "parameters": [*_path_parameters(route, schema), *_other_parameters(route, schema)],
        "responses": {
            str(route.status): _answer(route),
            "default": {
                "description": "Refused, as RFC 9457 problem details",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if route.kind == "command" and schema is not None:
        body = json_schema(schema, route.path_fields)
        if body["properties"]:
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if route.capability:
        operation["security"] = [{"token": []}, {route.capability: []}]
        operation["responses"]["304"] = {"description": "The version that If-None-Match names is the present one"}
    return operation


def _answer(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "object", "additionalProperties": True}
    described["properties"] = {"position": {"$ref": "#/components/schemas/Position"}}
    described["required"] = ["position"]
    if route.kind == "command":
        described["properties"]["command_id"] = {"type": "string", "format": "uuid"}
        described["required"] = ["command_id", "position"]
    if route.answers != "application/json":
        described = {"type": "string"}
    what = "Decided and stored" if route.kind == "command" else "The answer, as of its position"
    return {"description": what, "content": {route.answers: {"schema": described}}}


def _path_parameters(route: Route, schema: Schema | None) -> list[dict[str, Any]]:
    known = schema.load_fields if schema is not None else {}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _CONVERTERS.get(converter) or (_field(known[name]) if name in known else {"type": "string"}),
        }
        for name, converter in route.path_fields.items()
    ]


def _other_parameters(route: Route, schema: Schema | None) -> list[dict[str, Any]]:
    if route.kind == "command":
        return [
            _header("Daybook-Command-Id", "Makes a repeat answer the same; made by the service when left away", "uuid"),
            _header("Daybook-Known-At", "Positions that the decision rests on: enrollment=12,scheduling=9"),
        ]
    parameters = [
        {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}
        for name, description in (
            ("as_of", "A position, an instant, or a vector of positions: what was known then"),
            ("after", "Waits, bounded, until the view has reached this position"),
        )
    ]
    if schema is not None:
        described = json_schema(schema, route.path_fields)
        parameters += [
            {"name": name, "in": "query", "required": name in described.get("required", ()), "schema": one}
            for name, one in described["properties"].items()
        ]
    return parameters


def _header(name: str, description: str, format_: str | None = None) -> dict[str, Any]:
    schema = {"type": "string", **({"format": format_} if format_ else {})}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    described = _kind(field)
    if field.metadata.get("description"):
        described["description"] = field.metadata["description"]
    for validator in field.validators:
        _limit(described, validator)
    if field.allow_none and isinstance(described.get("type"), str):
        described["type"] = [described["type"], "null"]
        if "enum" in described:
            described["enum"] = [*described["enum"], None]
    if field.load_default is not missing and isinstance(field.load_default, str | int | float | bool):
        described["default"] = field.load_default
    return described


def _kind(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        nested = json_schema(field.schema)
        return {"type": "array", "items": nested} if field.many else nested
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner)}
    if isinstance(field, fields.Dict):
        return {"type": "object"}
    for kind, described in _KINDS:
        if isinstance(field, kind):
            return dict(described)
    return {}


def _limit(described: dict[str, Any], validator: Any) -> None:
    if isinstance(validator, validate.OneOf):
        described["enum"] = list(validator.choices)
    elif isinstance(validator, validate.Range):
        _put(described, "minimum" if validator.min_inclusive else "exclusiveMinimum", validator.min)
        _put(described, "maximum" if validator.max_inclusive else "exclusiveMaximum", validator.max)
    elif isinstance(validator, validate.Length):
        many = "Items" if described.get("type") == "array" else "Length"
        _put(described, f"min{many}", validator.equal if validator.equal is not None else validator.min)
        _put(described, f"max{many}", validator.equal if validator.equal is not None else validator.max)
    elif isinstance(validator, validate.Regexp):
        described["pattern"] = validator.regex.pattern


def _put(described: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, int | float):
        described[name] = value
