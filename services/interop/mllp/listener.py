"""Where hospitals connect: each connection is handed to the loop that has the fewest."""

import logging
import socket
import ssl

from services.interop.mllp.connection import Bounds, Connection
from services.interop.mllp.conversations import Conversations, Keeper

logger = logging.getLogger(__name__)

LOOPS = 2
"""While one waits until its messages are durable, the other one reads. As fast as one; more are slower, since they
share a processor (docs/benchmarks.md)."""
IDLE_SECONDS = 0.2


class Listener:
    """A loop of the service, which needs its ``loops`` beside it. ``address``: where it listens, the port chosen where
    0 was asked."""

    name = "mllp listener"

    def __init__(
        self,
        keeper: Keeper,
        host: str,
        port: int,
        *,
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.loops = [Conversations(f"mllp conversations {number}", keeper) for number in range(1, LOOPS + 1)]
        self._bounds = bounds or Bounds()
        self._tls = tls
        self._socket = socket.create_server((host, port), backlog=128)
        self._socket.settimeout(IDLE_SECONDS)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def step(self) -> int:
        """Takes who wants to connect, or waits a while for it; how many there were."""
        try:
            accepted, _ = self._socket.accept()
        except (TimeoutError, ConnectionError):  # nobody, or who wanted to connect is gone again
            return 0
        return self._welcome(accepted)

    def wait(self, seconds: float) -> None:
        """A step that had nothing to do has waited already."""

    def close(self) -> None:
        self._socket.close()

    def _welcome(self, accepted: socket.socket) -> int:
        open_ = sum(map(len, self.loops))
        if open_ >= self._bounds.connections:
            logger.warning("a hospital connection was refused", extra={"open": open_})
            accepted.close()
            return 0
        accepted.setblocking(False)
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                accepted = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        except OSError:
            accepted.close()
            return 0
        min(self.loops, key=len).take(Connection(accepted, self._bounds))
        return 1
