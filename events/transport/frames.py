"""What publishing looks like on the wire (AMQP 0-9-1, 2.3.5 and 4.2): built as bytes, so that a batch is a few writes.

py-amqp builds and writes each message by itself, which takes several times as long.
"""

from struct import pack

METHOD, HEADER, BODY, END = 1, 2, 3, b"\xce"
BASIC, PUBLISH = 60, 40
MANDATORY = 1
PERSISTENT = 2
PROPERTIES = 1 << 15 | 1 << 12 | 1 << 7 | 1 << 5
"""Content type, delivery mode, message id, type: in this order they follow the flags."""
OVERHEAD = 8
"""Bytes of a frame around its payload."""


class Frames:
    """Persistent, mandatory messages for one exchange on one channel, as bytes to write.

    ``channel``: its number. ``frame_max``: the longest frame that the broker agreed to; longer bodies are divided.
    """

    def __init__(self, channel: int, frame_max: int, exchange: str, content_type: str):
        self._channel = channel
        self._most = frame_max - OVERHEAD
        self._exchange = _short(exchange)
        self._flags = pack(">H", PROPERTIES) + _short(content_type) + bytes([PERSISTENT])
        self._methods: dict[str, bytes] = {}

    def message(self, routing_key: str, message_id: str, type_: str, body: bytes) -> bytes:
        """One message: method, header and body. Raises ``ValueError`` for a name of more than 255 bytes."""
        method = self._methods.get(routing_key)
        if method is None:
            method = self._methods[routing_key] = self._method(routing_key)
        size = len(body)
        header = pack(">HHQ", BASIC, 0, size) + self._flags + _short(message_id) + _short(type_)
        parts = [method, pack(">BHI", HEADER, self._channel, len(header)), header, END]
        for first in range(0, size, self._most):
            piece = body if size <= self._most else body[first : first + self._most]
            parts += [pack(">BHI", BODY, self._channel, len(piece)), piece, END]
        return b"".join(parts)

    def _method(self, routing_key: str) -> bytes:
        payload = pack(">HHH", BASIC, PUBLISH, 0) + self._exchange + _short(routing_key) + bytes([MANDATORY])
        return pack(">BHI", METHOD, self._channel, len(payload)) + payload + END


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded
