"""What surrounds a command or query, read from text: command ids, known-at vectors, positions, instants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from marshmallow import ValidationError

from services.platform.problem import Refused

_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Envelope:
    """What came beside the payload, as text and unchecked: from HTTP headers, or from RPC arguments."""

    token: str | None = None
    command_id: str | None = None
    known_at: str | Mapping[str, Any] | None = None
    traceparent: str | None = None
    correlation_id: str | None = None
    as_of: str | None = None
    after: str | None = None
    if_none_match: str | None = None


def wrong(field: str, reason: str, hint: str | None = None) -> Refused:
    """One field is wrong."""
    return Refused(
        400, "bad_request", "The request is malformed", f"{field}: {reason}", hint,
        errors=[{"field": field, "reason": reason}],
    )  # fmt: skip


def invalid(error: ValidationError) -> Refused:
    """All fields that marshmallow refuses, each with its reason."""
    errors = [{"field": field or "body", "reason": reason} for field, reason in _flat("", error.messages)]
    detail = "; ".join(f"{entry['field']}: {entry['reason']}" for entry in errors)
    return Refused(422, "invalid", "The request does not fit its schema", detail, errors=errors)


def _flat(prefix: str, messages: Any) -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        found = []
        for key, inner in messages.items():
            name = prefix if key == "_schema" else f"{prefix}.{key}".lstrip(".")
            found += _flat(name, inner)
        return found
    if isinstance(messages, list | tuple):
        return [pair for message in messages for pair in _flat(prefix, message)]
    return [(prefix, str(messages))]


def command_id(given: str | None, *, mandatory: bool) -> UUID:
    """The caller's command id, or a new one where it may be left away. Raises ``Refused``."""
    if given is None:
        if mandatory:
            raise wrong("command_id", "is mandatory over RPC", "make a uuid4 per command and keep it for every retry")
        return uuid4()
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError):
        raise wrong(
            "Daybook-Command-Id", "is not a UUID", "make a uuid4 per command, or leave the header away"
        ) from None


def path_value(name: str, converter: str, fields: Mapping[str, Any]) -> Any:
    """A field of the URL, which over RPC comes as text. Raises ``Refused``."""
    try:
        return UUID(str(fields[name])) if converter == "uuid" else fields[name]
    except KeyError:
        raise wrong(name, "is missing") from None
    except ValueError:
        raise wrong(name, "is not a UUID") from None


def known_at(given: str | Mapping[str, Any] | None) -> dict[str, int]:
    """``enrollment=12,scheduling=9`` or the same as a mapping. Raises ``Refused``."""
    if given is None or given == "":
        return {}
    pairs = given.items() if isinstance(given, Mapping) else [part.partition("=")[::2] for part in given.split(",")]
    try:
        return {_service(name): _position(value) for name, value in pairs}
    except ValueError:
        raise wrong("Daybook-Known-At", "is not like enrollment=12,scheduling=9") from None


def as_of(given: str | None, service: str) -> int | datetime | None:
    """A position, an instant, or a vector of positions of which this service's counts. Raises ``Refused``."""
    if given is None:
        return None
    try:
        if "=" in given:
            return _own(given, service)
        return _position(given) if given.isascii() and given.isdigit() else _instant(given)
    except ValueError:
        raise wrong(
            "as_of", "is neither a position nor an instant with a time zone", "write 1234 or 2026-03-01T12:00:00Z"
        ) from None


def after(given: str | None, service: str) -> int | None:
    """A position of this service, alone or in a vector. Raises ``Refused``."""
    if given is None:
        return None
    try:
        return _own(given, service) if "=" in given else _position(given)
    except ValueError:
        raise wrong(
            "after", "is not a position of this service's log", "write the position of an earlier answer"
        ) from None


def _own(vector: str, service: str) -> int:
    for part in vector.split(","):
        name, _, value = part.partition("=")
        if name.strip() == service:
            return _position(value)
    raise ValueError


def _service(name: Any) -> str:
    text = str(name).strip()
    if not text or len(text) > 64 or not text.replace("_", "").isalnum():
        raise ValueError
    return text


def _position(value: Any) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()) or int(text) > _LARGEST:
        raise ValueError
    return int(text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that was not escaped arrives as a blank
    if instant.tzinfo is None:
        raise ValueError
    return instant
