"""Several messages in one stretch of bytes: batches (FHS, BHS … BTS, FTS), captures, files with blank lines between."""

import re
from collections.abc import Iterator

_START = re.compile(rb"(?:\A|[\r\n\x0b])(?:\xef\xbb\xbf)?(?=MSH[^A-Za-z0-9\r\n])")
_ENVELOPE = re.compile(rb"[\r\n]+(?:FHS|BHS|BTS|FTS|FTR)(?=[^A-Za-z0-9])")
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b]*(?:FHS|BHS)[^A-Za-z0-9]")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"M\0S\0H\0", b"\0M\0S\0H")


def split_messages(data: bytes) -> Iterator[bytes]:
    """The messages in ``data``, each to its last byte, without batch envelopes and what separates messages.

    Bytes before the first message that are no batch envelope come as a piece of their own, so that they can be refused
    by name instead of vanishing. Data without any message is one piece; empty data is none."""
    if not data.strip(b" \t\r\n\x0b\x1c\0"):
        return
    if data.startswith(_WIDE):
        yield data
        return
    starts = [match.end() for match in _START.finditer(data)]
    if not starts:
        yield data
        return
    preamble = data[: starts[0]].strip(b"\xef\xbb\xbf \t\r\n\x0b\x1c")
    if preamble and not _HEAD.match(data):
        yield preamble
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        piece = data[start:end]
        envelope = _ENVELOPE.search(piece)
        if envelope:
            piece = piece[: envelope.start() + 1]
        yield piece.rstrip(b"\n\x0b\x1c \t") if b"\r" in piece else piece.strip(b"\x0b\x1c \t\r\n")
