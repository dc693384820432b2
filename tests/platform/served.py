"""The tiny library as a process, and a client for it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.platform.tokens import TokenIssuer
from tests.support.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Served:
    """One running process."""

    def __init__(self, data: Path, services: str = "books,readers", *options: str, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
        given = {"DAYBOOK_DATA": str(data), "DAYBOOK_PORT": "0", "DAYBOOK_STOP_SECONDS": "30", **environment}
        self.data = data
        self.log = (data.parent / f"{data.name}.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.platform.serve_library", services, *options],
            cwd=ROOT,
            env=inherited | given,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, self.logged()
        self.port = int(line)
        self.url = f"http://127.0.0.1:{self.port}"

    def logged(self) -> str:
        """Everything on standard error so far."""
        return Path(self.log.name).read_text()

    def token(self, *roles: str) -> str:
        pem = (self.data / "secrets" / "token_private_key").read_bytes()
        return TokenIssuer.from_pem(pem).issue("person-1", roles, datetime.now(UTC))

    def ask(
        self, method: str, path: str, body: Any = None, *, roles: tuple[str, ...] = ("coordinator",), **headers: str
    ) -> Reply:
        """``headers``: ``Daybook_Command_Id="…"``; roles () sends no token."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if roles:
            sent.setdefault("Authorization", f"Bearer {self.token(*roles)}")
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    def until(self, path: str, good: Any, roles: tuple[str, ...] = ("coordinator",)) -> Reply:
        """Asks until ``good(body)``."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with contextlib.suppress(urllib.error.URLError):
                reply = self.ask("GET", path, roles=roles)
                if reply.status == 200 and good(reply.body):
                    return reply
                assert time.monotonic() < deadline, (reply.raw, self.logged())
            assert time.monotonic() < deadline, self.logged()
            time.sleep(0.05)

    def ready(self, service: str = "enrollment") -> "Served":
        self.until(f"/{service}/health/ready", lambda body: body["ready"])
        return self

    def buy(self, title: str = "The Trial", copies: int = 2) -> str:
        """A new book's id."""
        book = str(uuid4())
        reply = self.ask("POST", f"/enrollment/books/{book}", {"title": title, "copies": copies})
        assert reply.status == 201, reply.raw
        return book

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()


@contextlib.contextmanager
def served(data: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    running = Served(data, *arguments, **environment)
    try:
        yield running
    finally:
        running.close()
