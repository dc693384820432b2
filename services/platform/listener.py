"""One listener per address and process, bound without sharing: two programs on one port would each get some."""

import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

from services.platform import green
from services.platform.http import Application

logger = logging.getLogger(__name__)

IDLE_SECONDS = 75
"""How long a kept connection may be idle."""

CONNECTIONS = 1000
"""Connections at the same time; further ones wait in the kernel's queue."""


class PortTaken(Exception):
    """Another program listens there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} of {host} is taken by another program\n"
            "hint: stop it, or choose another port with --port or DAYBOOK_PORT (0 takes a free one)"
        )


class Listener:
    """Accepts connections for one application. ``port`` is the real one, also where 0 was asked for."""

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.application = application
        self._socket = _bound(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._stop: Callable[[float], None] | None = None

    def start(self) -> None:
        """Begins to accept."""
        self._stop = self._serve_green() if green.patched() else self._serve_threads()
        logger.info("listening", extra={"host": self.host, "port": self.port})

    def stop(self, seconds: float) -> None:
        """Accepts no more, and waits so long for the requests that are being answered."""
        if self._stop is not None:
            self._stop(seconds)
            self._stop = None
        with contextlib.suppress(OSError):
            self._socket.close()

    def _serve_green(self) -> Callable[[float], None]:
        import eventlet
        from eventlet import wsgi

        pool = eventlet.GreenPool(CONNECTIONS)
        accepting = eventlet.spawn(
            wsgi.server,
            self._socket,
            self.application,
            log=logging.getLogger("eventlet.wsgi"),
            log_output=False,
            custom_pool=pool,
            socket_timeout=IDLE_SECONDS,
            debug=False,
        )

        def stop(seconds: float) -> None:
            with eventlet.Timeout(seconds, False):
                accepting.kill()
                with contextlib.suppress(BaseException):
                    accepting.wait()

        return stop

    def _serve_threads(self) -> Callable[[float], None]:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = IDLE_SECONDS

            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
                """Requests are counted, not logged: a URL names a participant."""

        server = make_server(
            self.host, self.port, self.application, threaded=True, request_handler=Quiet, fd=self._socket.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()

        def stop(seconds: float) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()
            thread.join(seconds)
            server.server_close()

        return stop


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    # Takes over an address in TIME_WAIT after a restart; unlike SO_REUSEPORT it never shares one that is in use.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise
    return listening
