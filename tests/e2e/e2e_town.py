"""The services as real processes over real PostgreSQL and RabbitMQ, each on a port of its own, under one clock."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from e2e_house import EVERYTHING, told_hospital
from e2e_serve import set_clock

from services.cli.client import Client as ServiceClient
from services.cli.client import Refusal
from services.cli.composition import SERVICES
from services.cli.demo.receiver import HospitalReceiver, HospitalSender
from services.platform.tokens import TokenIssuer, new_key
from tests.support.patience import until
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
LOOK_SECONDS = 0.2
"""Looking costs the services work of their own."""


@dataclass(frozen=True)
class Servers:
    """URLs of one empty database, as its owner and as the services' role; of one for keys; and of a virtual host."""

    owner: str
    service: str
    role: str
    keys: str
    broker: str


class Town:
    """Started with ``start``; every process is ended by ``close``."""

    def __init__(self, folder: Path, servers: Servers, now: datetime) -> None:
        self.folder = folder
        self.servers = servers
        self._now = now
        self._clock = folder / "now"
        set_clock(self._clock, now)
        *ports, self.mllp_port = free_ports(len(SERVICES) + 1)
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(SERVICES, ports, strict=True)}
        self.key = new_key()
        self.issuer = TokenIssuer.from_pem(self.key)
        self.receiver = HospitalReceiver()
        self.receiver.start()
        self.sender = HospitalSender("127.0.0.1", self.mllp_port)
        self.environment = self._environment()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
        return inherited | {
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE))),
            "DAYBOOK_DATA": str(self.folder / "data"),
            "DAYBOOK_DATABASE": self.servers.service,
            "DAYBOOK_KEYS": self.servers.keys,
            "DAYBOOK_BROKER": self.servers.broker,
            "DAYBOOK_MASTER_KEY": secrets.token_hex(32),
            "DAYBOOK_TOKEN_PRIVATE_KEY": self.key.decode(),
            "DAYBOOK_SERVICES": ",".join(f"{name}={url}" for name, url in self.urls.items()),
            "DAYBOOK_HOSPITALS": str(told_hospital(self.folder, self.receiver.port)),
            "DAYBOOK_MLLP_PORT": str(self.mllp_port),
            "DAYBOOK_IDLE_SECONDS": "0.05",
            "DAYBOOK_STOP_SECONDS": "5",
        }

    def start(self) -> "Town":
        """The owner makes the tables, then every service starts by itself."""
        owner = {"DAYBOOK_DATABASE": self.servers.owner, "DAYBOOK_SERVICE_ROLE": self.servers.role}
        command = [sys.executable, "-m", "services.cli", "migrate"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment | owner, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for name in SERVICES:
            self.serve(name)
        for name in SERVICES:
            self.until(lambda name=name: self._answers(name), f"{name} is ready")
        return self

    def serve(self, name: str, *options: str) -> None:
        """One service's process; what it logs goes to a file of its own."""
        port = self.urls[name].rpartition(":")[2]
        serve = [sys.executable, "-m", "e2e_serve", str(self._clock), "serve", name, "--port", port, *options]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(serve, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def _answers(self, name: str) -> bool:
        assert self.processes[name].poll() is None, self.logged(name)
        with suppress(OSError, Refusal):
            return bool(ServiceClient(self.urls[name], "").get(f"/{name}/health/ready")["ready"])
        return False

    def logged(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def until(self, good: Callable[[], Any], what: str) -> Any:
        """Asks until the answer is true."""
        return until(good, what, LOOK_SECONDS)

    def client(self, *roles: str) -> "Client":
        token = self.issuer.issue("somebody", roles or EVERYTHING, datetime.now(UTC))
        return Client({name: ServiceClient(url, token) for name, url in self.urls.items()})

    def settle(self) -> None:
        """Until two looks, one after the other, find nothing under way anywhere and the logs as they were."""
        looker = self.client("operator")
        before: object = None
        under_way: list[str] = []

        def quiet() -> bool:
            nonlocal before
            found = {name: looker.get(f"/{name}/status") for name in SERVICES}
            under_way[:] = [what for one in found.values() for what in _under_way(one)]
            now = [one["position"] for one in found.values()] if not under_way else None
            before, same = now, now is not None and now == before
            return same

        try:
            self.until(quiet, "the town is quiet")
        except AssertionError as late:
            raise AssertionError(f"{late}: {'; '.join(under_way) or 'its logs go on growing'}") from None

    def move_to(self, now: datetime) -> None:
        self._now = now
        set_clock(self._clock, now)
        self.settle()

    def clock(self) -> datetime:
        return self._now

    def send(self, *messages: bytes) -> list[str]:
        return [self.sender.send(one) for one in messages]

    def close(self) -> None:
        self.sender.close()
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self.receiver.stop()


class Client:
    """One client for all services: each call goes to the one that its path names.

    Every command has an id, so that it may be sent again where the service has closed an idle connection."""

    def __init__(self, clients: Mapping[str, ServiceClient]) -> None:
        self._clients = clients

    def _of(self, path: str) -> ServiceClient:
        return self._clients[path.split("/")[1]]

    def get(self, path: str, **params: object) -> dict[str, Any]:
        return self._of(path).get(path, **params)

    def post(self, path: str, body: Mapping[str, Any], *, command_id: UUID | None = None) -> dict[str, Any]:
        return self._of(path).post(path, body, command_id=command_id or uuid4())

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return self._of(path).call(method, path, body, **more)


def _under_way(status: Mapping[str, Any]) -> Iterator[str]:
    """What a service has still to do, in words."""
    name = status["service"]
    assert not status["parked"] and not status["unreadable"], json.dumps(status)
    for one in status["followers"]:
        if one["lag_events"]:
            yield f"{name}: {one['name']} is {one['lag_events']} events behind"
    for one in status["inbox"]:
        if one["lag_events"] != 0:
            yield f"{name}: {one['lag_events']} events of {one['source']} are on their way"
    if status["deadlines_due"]:
        yield f"{name}: {status['deadlines_due']} deadlines are due"
    if (status["relay"] or {}).get("lag_events"):
        yield f"{name}: {status['relay']['lag_events']} events wait for the relay"
