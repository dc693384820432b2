"""Frames: <VT> message <FS><CR> (HL7 v2 implementation guide, appendix C)."""

from collections.abc import Iterator

START, END, RETURN = b"\x0b", b"\x1c", b"\r"
_FINISH = END + RETURN


def framed(message: bytes) -> bytes:
    """The message in its frame."""
    return START + message + _FINISH


class TooLarge(ValueError):
    """A message is larger than the bound."""


class Frames:
    """Takes bytes as they come and gives whole messages: parts of frames wait, several at once are told apart.

    Bytes between frames are passed over. A frame may also be ended by <FS> alone where the next one follows at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._scanned = 0

    @property
    def partial(self) -> bool:
        """Whether a frame has begun that has not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Whole messages, in order. Raises ``TooLarge`` as soon as a frame exceeds the bound."""
        self._buffer += data
        while True:
            start = self._buffer.find(START)
            if start < 0:
                self._buffer.clear()
                return
            if start:
                del self._buffer[:start]
                self._scanned = 0
            end = self._end()
            if end < 0:
                if len(self._buffer) > self._limit + 2:
                    raise TooLarge(f"the message is larger than {self._limit} bytes")
                self._scanned = max(1, len(self._buffer) - 1)
                return
            message = bytes(self._buffer[1:end])
            del self._buffer[: end + 1]
            self._scanned = 0
            if len(message) > self._limit:
                raise TooLarge(f"the message is larger than {self._limit} bytes")
            yield message

    def _end(self) -> int:
        found = self._buffer.find(END, max(1, self._scanned))
        while found >= 0:
            if self._buffer[found + 1 : found + 2] in (RETURN, START):
                return found
            found = self._buffer.find(END, found + 1)
        return -1
