"""What the relay writes is byte for byte what py-amqp would write for the same message."""

from dataclasses import dataclass, field
from typing import Any

import amqp
import pytest
from amqp import spec
from amqp.method_framing import frame_writer
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from events.transport.frames import Frames

FRAME_MAX = 4_096
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=255)


@dataclass
class Wire:
    """A connection and its transport, as far as py-amqp's writer looks at them."""

    frame_max: int = FRAME_MAX
    bytes_sent: int = 0
    written: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        self.written += data


def as_py_amqp_writes(channel: int, exchange: str, routing_key: str, message: Any) -> bytes:
    wire = Wire()
    arguments = dumps("Bssbb", (0, exchange, routing_key, True, False))
    frame_writer(wire, wire)(1, channel, spec.Basic.Publish, arguments, message)
    return bytes(wire.written)


@given(
    channel=st.integers(1, 65_535),
    names=st.tuples(NAMES, NAMES, NAMES, NAMES, NAMES),
    body=st.one_of(
        st.binary(max_size=200), st.integers(FRAME_MAX - 20, 3 * FRAME_MAX).map(lambda size: b"{}" * (size // 2))
    ),
)
def test_a_message_is_framed_as_py_amqp_frames_it(channel, names, body):
    exchange, routing_key, content_type, message_id, type_ = names
    message = amqp.Message(body, content_type=content_type, delivery_mode=2, message_id=message_id, type=type_)
    frames = Frames(channel, FRAME_MAX, exchange, content_type)
    expected = as_py_amqp_writes(channel, exchange, routing_key, message)
    assert whole(frames.message(routing_key, message_id, type_, body)) == whole(expected)


def test_a_name_that_does_not_fit_its_length_byte_is_refused():
    with pytest.raises(ValueError, match="256"):
        Frames(1, FRAME_MAX, "exchange", "x" * 256)


def whole(written: bytes) -> list[Any]:
    """Method, header and the body in one piece: where a body is divided, the two may do it at different places."""
    found: list[Any] = []
    body = b""
    while written:
        kind, size = written[0], int.from_bytes(written[3:7], "big")
        assert size + 8 <= FRAME_MAX
        frame, written = written[: size + 8], written[size + 8 :]
        if kind == 3:
            body += frame[7:-1]
        else:
            found.append(frame)
    return [*found, body]
