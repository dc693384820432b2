"""Writes ER7. Text is escaped here and nowhere else, so no caller can break a segment with a name."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.interop.er7.encoding import DEFAULT, Encoding, escape

Value = str | int | None | Sequence["Value"]
"""Text; a sequence of components; inside a component, a sequence of subcomponents."""


class Repeat(tuple[Value, ...]):
    """A field's repetitions."""

    __slots__ = ()


def segment(name: str, fields: Mapping[int, Value], encoding: Encoding = DEFAULT) -> str:
    """A segment with the given fields by number; trailing empty fields are left out."""
    last = max(fields, default=0)
    written = [_field(fields.get(number), encoding) for number in range(1, last + 1)]
    while written and not written[-1]:
        written.pop()
    return encoding.field.join([name, *written])


def header(fields: Mapping[int, Value], encoding: Encoding = DEFAULT) -> str:
    """An MSH segment; ``fields`` from MSH-3 on."""
    last = max(fields)
    written = [_field(fields.get(number), encoding) for number in range(3, last + 1)]
    return encoding.field.join(["MSH", encoding.msh_2, *written])


def message(segments: Sequence[str]) -> bytes:
    """The message as bytes: UTF-8, each segment ended by a carriage return."""
    return ("\r".join(segments) + "\r").encode()


def timestamp(instant: datetime) -> str:
    """An instant to the second with its offset, as HL7's DTM writes it. Raises ``ValueError`` if it is naive."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.strftime("%Y%m%d%H%M%S%z")


def _field(value: Value, encoding: Encoding) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escape(value, encoding)
    if isinstance(value, Repeat):
        return encoding.repetition.join(_join(one, encoding, 0) for one in value)
    return _join(value, encoding, 0)


def _join(value: Value, encoding: Encoding, depth: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return escape(str(value), encoding)
    delimiter = (encoding.component, encoding.subcomponent)[depth]
    parts = [_join(part, encoding, depth + 1) for part in value]
    while parts and not parts[-1]:
        parts.pop()
    return delimiter.join(parts)
