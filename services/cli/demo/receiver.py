"""The sample hospital's two ends of MLLP: it sends and reads the acknowledgment; it is sent to and acknowledges."""

import re
import socket
import threading
from collections import Counter
from datetime import UTC, datetime

START, END = b"\x0b", b"\x1c\r"
TIMEOUT_SECONDS = 30.0

_ACKNOWLEDGED = re.compile(rb"\rMSA\|([A-Z]{2})\|")


class HospitalSender:
    """Sends one message at a time over one connection; ``answers`` counts acknowledgment codes."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self.answers: Counter[str] = Counter()

    def send(self, message: bytes) -> str:
        """The code of the acknowledgment: AA, AE or AR. Raises ``OSError`` when there is none."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT_SECONDS)
        self._socket.sendall(START + message + END)
        found = _ACKNOWLEDGED.search(self._answer(self._socket))
        code = found[1].decode() if found else "none"
        self.answers[code] += 1
        return code

    def _answer(self, connection: socket.socket) -> bytes:
        received = b""
        while not received.endswith(END):
            piece = connection.recv(65536)
            if not piece:
                raise ConnectionError("the gateway closed the connection without an acknowledgment")
            received += piece
        return received

    def close(self) -> None:
        """Ends the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class HospitalReceiver:
    """Acknowledges everything; ``told`` counts message types."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.told: Counter[str] = Counter()
        self._stopped = False

    def start(self) -> None:
        """Listens in the background."""
        threading.Thread(target=self._listen, name="hospital", daemon=True).start()

    def stop(self) -> None:
        """Takes no more connections."""
        self._stopped = True
        self._listening.close()

    def _listen(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        with connection:
            while piece := _piece(connection):
                received += piece
                while END in received:
                    frame, _, received = received.partition(END)
                    connection.sendall(START + self._acknowledge(frame.lstrip(START)) + END)

    def _acknowledge(self, message: bytes) -> bytes:
        head = message.split(b"\r", 1)[0].split(b"|")
        self.told[head[8].decode()] += 1
        now = f"{datetime.now(UTC):%Y%m%d%H%M%S}".encode()
        mine = [b"MSH", head[1], head[4], head[5], head[2], head[3], now, b"", b"ACK", b"A" + head[9], b"P", head[11]]
        return b"|".join(mine) + b"\rMSA|AA|" + head[9] + b"\r"


def _piece(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""
