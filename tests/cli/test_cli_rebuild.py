"""What `daybook rebuild` tells while a running service works."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cli_process import daybook
from tests.support.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes


class Answers(BaseHTTPRequestHandler):
    """A service that is half-way through a rebuild until its status is asked for."""

    protocol_version = "HTTP/1.1"
    looked: threading.Event
    rebuilt: tuple[int, dict[str, Any]]

    def do_GET(self) -> None:
        if self.path.endswith("/status"):
            under_way = {"projection": "census", "position": 8000, "events": 5000, "events_per_second": 24603}
            self._answer(200, {"position": 20000, "rebuilds": [under_way]})
            self.looked.set()
        else:
            self._answer(200, {"live": True})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.looked.wait(PATIENCE_SECONDS)
        self._answer(*self.rebuilt)

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(data: Path, status: int, answer: dict[str, Any]) -> Iterator[None]:
    """A service that runs on the folder, and ends its rebuild with this answer."""
    handler = type("Handler", (Answers,), {"looked": threading.Event(), "rebuilt": (status, answer)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    (data / "logs").mkdir(parents=True)
    (data / "running.json").write_text(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}))
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    one = {"projection": "census", "events": 20000, "seconds": 0.9, "identical": True, "difference": None}
    answer = {"events": 20000, "seconds": 0.9, "identical": True, "projections": [one]}
    with answering(tmp_path / "data", 200, answer):
        said = daybook("rebuild", "enrollment", "--data", tmp_path / "data", "--json")
    assert (said.status, said.answer) == (0, answer), said.err
    assert "census: 40% of the log, 5,000 events, 24,603/s" in said.err


def test_a_refusal_ends_with_the_way_out(tmp_path: Path) -> None:
    problem = {"title": "Another copy does this now", "detail": "census is done by another copy", "hint": "ask again"}
    with answering(tmp_path / "data", 409, problem):
        said = daybook("rebuild", "enrollment", "census", "--data", tmp_path / "data")
    assert (said.status, said.hint) == (2, "ask again")
    assert "census is done by another copy" in said.error
