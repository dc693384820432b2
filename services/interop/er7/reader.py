"""Bytes to message. Whatever can be understood is read; what cannot is ``Unreadable``, and nothing else is raised."""

import re

from services.interop.er7.charset import decode, marked
from services.interop.er7.encoding import encoding_of
from services.interop.er7.message import Message, Segment

_LINE_END = re.compile("\r\n|\r|\n")
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_MARGIN = "\ufeff \t\r\n\v\x1c\0"
_LONGEST_HEADER = 65_536


class Unreadable(ValueError):
    """The bytes are no HL7 message. ``segment`` and ``field`` say where reading ended; the content is never quoted."""

    def __init__(self, reason: str, segment: str = "MSH", field: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.segment = segment
        self.field = field


def declared_charset(raw: bytes) -> str:
    """MSH-18 (its first repetition), read from the bytes before the character set is known; empty where not given."""
    start = raw.find(b"MSH", 0, 1024)
    if start < 0:
        return ""
    header = re.split(rb"[\r\n]", raw[start : start + _LONGEST_HEADER], maxsplit=1)[0]
    if len(header) < 5:
        return ""
    fields = header.split(header[3:4])
    if len(fields) < 18:
        return ""
    repetition = fields[1][1:2] or b"~"
    return fields[17].split(repetition)[0].decode("ascii", "ignore").strip()


def read(raw: bytes, fallback: str = "utf-8") -> Message:
    """Reads one message. ``fallback`` is the character set where MSH-18 is empty, unknown or untrue.

    Raises ``Unreadable`` and nothing else, whatever the bytes."""
    declared = declared_charset(raw)
    text, charset = decode(raw, declared, fallback)
    text = text.lstrip(_MARGIN)
    if not text.startswith("MSH"):
        raise Unreadable("it does not start with an MSH segment")
    if len(text) < 5 or text[3].isalnum() or text[3] in "\r\n":
        raise Unreadable("the MSH segment declares no field separator", field=1)
    encoding = encoding_of(text[3], _declaration(text))
    lines, joined = _lines(text, encoding.field)
    notes = []
    if joined:
        notes.append(f"{joined} line breaks inside segments")
    if declared and marked(raw) is None and charset == "latin-1" and "8859/1" not in declared:
        notes.append("characters outside the declared character set")
    return Message(tuple(Segment(line, encoding, charset) for line in lines), encoding, charset, tuple(notes))


def _declaration(text: str) -> str:
    end = text.find(text[3], 4)
    line_end = _LINE_END.search(text, 4)
    limit = line_end.start() if line_end else len(text)
    return text[4 : limit if end < 0 else min(end, limit)]


def _lines(text: str, separator: str) -> tuple[list[str], int]:
    """Segments; a line that does not start like one belongs to the one before (a bare line feed in free text)."""
    lines: list[str] = []
    joined = 0
    for line in _LINE_END.split(text):
        if not line.strip(_MARGIN):
            continue
        if lines and not (_NAME.match(line[:3]) and line[3:4] in ("", separator)):
            lines[-1] += "\n" + line
            joined += 1
        else:
            lines.append(line)
    return lines, joined
