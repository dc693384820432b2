"""A message as its sender wrote it: segments, fields, repetitions, components; split only when asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from services.interop.er7.encoding import Encoding, unescape

HEADERS = frozenset(("MSH", "BHS", "FHS"))


class Segment:
    """One segment. Fields, components and subcomponents are counted from 1, as the standard counts them."""

    __slots__ = ("_encoding", "_fields", "charset", "name")

    def __init__(self, text: str, encoding: Encoding, charset: str = "utf-8") -> None:
        self._fields = text.split(encoding.field)
        self._encoding = encoding
        self.charset = charset
        self.name = self._fields[0][:3]
        if self.name in HEADERS:
            self._fields.insert(1, encoding.field)

    def __len__(self) -> int:
        """How many fields were sent."""
        return len(self._fields) - 1

    def raw(self, number: int) -> str:
        """Field ``number`` as sent, escapes and all; empty where it was not sent."""
        return self._fields[number] if 0 < number < len(self._fields) else ""

    def repetitions(self, number: int) -> list["Repetition"]:
        """The repetitions of a field; none where the field is empty or the delete marker ``""``."""
        text = self.raw(number)
        if not text or text == '""':
            return []
        if self.name in HEADERS and number <= 2:
            return [Repetition(text, Encoding("", "", "", "", ""), self.charset)]
        return [Repetition(part, self._encoding, self.charset) for part in text.split(self._encoding.repetition)]

    def value(self, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """Unescaped text of one subcomponent of the field's first repetition; empty where there is none."""
        text = self.raw(number)
        if not text or text == '""':
            return ""
        if self.name in HEADERS and number <= 2:
            return text
        encoding = self._encoding
        if encoding.repetition in text:
            text = text.split(encoding.repetition, 1)[0]
        text = _part(_part(text, encoding.component, component), encoding.subcomponent, subcomponent)
        return "" if text == '""' else unescape(text, encoding, self.charset)

    def text(self, number: int) -> str:
        """A whole field unescaped, repetitions a line each: for fields of plain text."""
        if self.name in HEADERS and number <= 2:
            return self.raw(number)
        parts = self.raw(number).split(self._encoding.repetition)
        return "\n".join(unescape(part, self._encoding, self.charset) for part in parts)


class Repetition:
    """One repetition of a field."""

    __slots__ = ("_charset", "_components", "_encoding")

    def __init__(self, text: str, encoding: Encoding, charset: str) -> None:
        self._components = text.split(encoding.component) if encoding.component else [text]
        self._encoding = encoding
        self._charset = charset

    def value(self, component: int = 1, subcomponent: int = 1) -> str:
        """Unescaped text of a subcomponent; empty where there is none or where it is the delete marker."""
        if component > len(self._components):
            return ""
        text = _part(self._components[component - 1], self._encoding.subcomponent, subcomponent)
        return "" if text == '""' else unescape(text, self._encoding, self._charset)


def _part(text: str, delimiter: str, number: int) -> str:
    """The part of that number, counted from 1; empty where there is none. Most text is not divided at all."""
    if not delimiter or delimiter not in text:
        return text if number == 1 else ""
    parts = text.split(delimiter)
    return parts[number - 1] if number <= len(parts) else ""


@dataclass(frozen=True)
class Message:
    """A message that could be read. ``notes`` says what had to be tolerated."""

    segments: tuple[Segment, ...]
    encoding: Encoding
    charset: str
    notes: tuple[str, ...] = field(default=())

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Segment]:
        """All segments of that name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    @cached_property
    def code(self) -> str:
        """Message code, MSH-9.1: ``ADT``."""
        return self.header.value(9, 1)

    @cached_property
    def trigger(self) -> str:
        """Trigger event, MSH-9.2, or EVN-1 where old senders leave it out of the header: ``A01``."""
        given = self.header.value(9, 2)
        if given:
            return given
        event = self.first("EVN")
        return event.value(1) if event else ""

    @cached_property
    def type(self) -> str:
        """``ADT^A01``; the code alone where there is no trigger."""
        return f"{self.code}^{self.trigger}" if self.trigger else self.code

    @cached_property
    def control_id(self) -> str:
        return self.header.value(10)

    @cached_property
    def version(self) -> str:
        return self.header.value(12)

    @cached_property
    def sender(self) -> tuple[str, str]:
        """Sending application and facility (MSH-3.1, MSH-4.1)."""
        return self.header.value(3), self.header.value(4)
