"""One sender's connection, which nobody waits for: what has come is taken, what cannot be sent yet stays."""

import socket
import ssl
import time
from dataclasses import dataclass
from selectors import EVENT_READ, EVENT_WRITE

from services.interop.mllp.framing import Frames, TooLarge

_READ = 65_536


@dataclass(frozen=True)
class Bounds:
    """What one sender may cost. ``frame_seconds`` is for a whole message however slowly it trickles in."""

    message_bytes: int = 16 * 1024 * 1024
    silence_seconds: float = 600.0
    frame_seconds: float = 60.0
    write_seconds: float = 30.0
    connections: int = 256


class Connection:
    """``accepted``: a socket that does not block, perhaps before its TLS handshake.

    ``ended``: nothing more is read; ``refused`` says why, where that is not the sender's own end. All methods raise
    ``OSError`` when the connection broke.
    """

    def __init__(self, accepted: socket.socket, bounds: Bounds) -> None:
        self.socket = accepted
        self.ended = False
        self.refused: str | None = None
        self._bounds = bounds
        self._frames = Frames(bounds.message_bytes)
        self._shaking_hands = isinstance(accepted, ssl.SSLSocket)
        self._reading_wants_to_write = False  # as TLS may
        self._unsent = b""
        self._unsent_since = 0.0
        self._began = time.monotonic()

    @property
    def wants(self) -> int:
        """What to wait for, in a selector's terms; 0 when there is nothing left to hear or to send."""
        reads = 0 if self.ended else EVENT_READ
        return reads | (EVENT_WRITE if self._unsent or self._reading_wants_to_write else 0)

    def overdue(self, now: float) -> str | None:
        """What took longer than the bounds allow, if anything did."""
        if self._unsent and now - self._unsent_since > self._bounds.write_seconds:
            return "the sender does not read its acknowledgments"
        if self._shaking_hands or self._frames.partial:
            return "a message took too long to arrive" if now - self._began > self._bounds.frame_seconds else None
        return "silence" if now - self._began > self._bounds.silence_seconds else None

    def read(self) -> list[bytes]:
        """The messages that have come whole."""
        data = self._received()
        was_partial = self._frames.partial
        messages: list[bytes] = []
        try:
            messages.extend(self._frames.feed(data))
        except TooLarge as error:
            self.refused, self.ended = str(error), True
        if data and (messages or not was_partial):
            self._began = time.monotonic()
        return messages

    def send(self, data: bytes) -> None:
        """Sends what can be sent now; the rest when ``flush`` is called."""
        if not self._unsent:
            self._unsent_since = time.monotonic()
        self._unsent += data
        self.flush()

    def flush(self) -> None:
        """Sends more of what is left."""
        try:
            while self._unsent and not self._shaking_hands:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass

    def _received(self) -> bytes:
        """What has come, which may be nothing, and be it that the sender has ended."""
        self._reading_wants_to_write = False
        try:
            if self._shaking_hands:
                assert isinstance(self.socket, ssl.SSLSocket)
                self.socket.do_handshake()
                self._shaking_hands = False
                self._began = time.monotonic()
            data = self.socket.recv(_READ)
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        except ssl.SSLWantWriteError:
            self._reading_wants_to_write = True
            return b""
        self.ended = not data
        return data
