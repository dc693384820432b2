"""All services embedded in this process under a simulated clock, and a hospital that sends and is told."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.cli.client import Client
from services.cli.composition import definitions
from services.cli.demo import settling
from services.cli.demo.receiver import HospitalReceiver
from services.interop.mapping import SHIPPED
from services.platform.clock import SimulatedClock
from services.platform.runner import Runner
from services.platform.settings import Settings, load
from services.platform.tokens import Role

HOSPITAL = "riverside"
TOKEN_LIFETIME = timedelta(hours=8)
LOOK_SECONDS = 0.004
PATIENCE_SECONDS = 60.0
"""How long the services may take to catch up after one moment of the play."""


class NotSettled(Exception):
    """The services did not catch up in time; the message says which follower of which service."""


@dataclass
class Stage:
    """``runner`` is what `up` runs; only the clock is another."""

    runner: Runner
    clock: SimulatedClock
    receiver: HospitalReceiver
    settings: Settings

    def client(self, *roles: Role) -> Client:
        """A client with a token in these roles."""
        issuer = self.runner.keyring.issuer
        assert issuer is not None  # an embedded data folder makes its own key
        subject = f"demo-{'-'.join(sorted(roles))}"
        return Client(self.runner.url, issuer.issue(subject, roles, datetime.now(UTC), TOKEN_LIFETIME))

    def settle(self) -> None:
        """Blocks until everything that happened has reached everyone. Raises ``NotSettled``."""
        until = time.monotonic() + PATIENCE_SECONDS
        before: object = None
        services = list(self.runner.services.values())
        while True:
            for service in services:
                while (behind := next(settling.behind(service, settling.told(services)), None)) is not None:
                    if time.monotonic() > until:
                        raise NotSettled(behind)
                    time.sleep(LOOK_SECONDS)
            now = tuple(service.log.head() for service in services)
            if now == before:
                return
            before = now
            if time.monotonic() > until:
                raise NotSettled("the logs go on growing")


@contextmanager
def raised(folder: Path, begin: datetime) -> Iterator[Stage]:
    """The stage in ``folder``, at the simulated instant ``begin``. Everything is stopped at the end."""
    receiver = HospitalReceiver()
    hospitals = folder / "hospitals"
    hospitals.mkdir(parents=True)
    (hospitals / f"{HOSPITAL}.yaml").write_text(_mapping(receiver.port))
    settings = load({}, data=folder, port=0, mllp_port=_free_port(), hospitals=hospitals)
    settings = replace(settings, idle_seconds=0.05)
    clock = SimulatedClock(begin)
    runner = Runner(definitions(), settings, clock=clock)
    receiver.start()
    runner.start()
    try:
        yield Stage(runner, clock, receiver, settings)
    finally:
        runner.stop()
        receiver.stop()


def _mapping(port: int) -> str:
    """The shipped mapping of the sample hospital, and that it wants to be told."""
    mapping: dict[str, Any] = yaml.safe_load((SHIPPED / f"{HOSPITAL}.yaml").read_text())
    mapping["send"] = {
        "application": "RIVEREHR",
        "facility": "RIVERSIDE",
        "messages": ["ADT^A04", "ADT^A03", "SIU^S12", "SIU^S15", "SIU^S26"],
        "mllp": f"127.0.0.1:{port}",
    }
    return yaml.safe_dump(mapping, sort_keys=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
