"""Processes of real services under a supervisor that starts again whatever dies."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.cli.composition import definition
from services.platform import keyring
from services.platform.service import migrate
from services.platform.settings import Settings, load
from tests.faults.faults_process import file_name
from tests.support.instance import Child
from tests.support.patience import until
from tests.support.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 2


@dataclass(frozen=True)
class Plan:
    """One process: its kind, the service, the roles (all when none are named), its port when others ask it."""

    kind: str
    service: str
    only: str = ""
    port: int = 0
    days_ahead: int = 0


@dataclass
class Running:
    plan: Plan
    child: Child
    deaths: int = 0

    @property
    def pid(self) -> int:
        return int(self.child.process.pid)

    @property
    def is_frozen(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@dataclass
class Fleet:
    """Processes by name. The supervisor starts again what dies of SIGKILL; any other end is a fault of the program."""

    folder: Path
    settings: Settings
    urls: Mapping[str, str]
    fronts: Sequence[str]
    """Where enrollment's copies take commands."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Settings of all processes that differ from the usual ones here."""
    unexpected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orders = self.folder / "orders"
        self.orders.mkdir()
        self.keys = keyring.load(self.settings)
        self.running: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def start(self, *plans: Plan) -> None:
        """Starts processes, each under the name of its kind, or with a number after it where that one is taken."""
        for plan in plans:
            with self._lock:
                name = next(
                    name for name in (plan.kind, *(f"{plan.kind} {n}" for n in range(2, 9))) if name not in self.running
                )
                self.running[name] = Running(plan, self._child(name, plan))

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """Ends one for good."""
        with self._lock:
            running = self.running.pop(name)
        running.child.end(number)

    def kill(self, name: str) -> None:
        """kill -9 from outside; the supervisor starts it again."""
        os.kill(self.running[name].pid, signal.SIGKILL)

    def deaths(self) -> int:
        return sum(running.deaths for running in self.running.values())

    def pids(self) -> dict[str, int]:
        return {name: running.pid for name, running in self.running.items()}

    @contextmanager
    def struck(self, step: str, number: signal.Signals) -> Iterator[None]:
        """While the block lasts the order stands; at its end it must have been carried out."""
        order = self.orders / file_name(step)
        order.with_suffix(".new").write_text(str(int(number)))
        order.with_suffix(".new").rename(order)
        try:
            yield
            self.eventually(lambda: not order.exists(), f"nobody came to “{step}”")
        finally:
            order.unlink(missing_ok=True)

    def eventually(self, holds: Callable[[], object], otherwise: str) -> None:
        """Waits for a condition. Fails with what the processes logged."""
        until(holds, lambda: f"{otherwise}\n{self.logged()}")

    def logged(self) -> str:
        """The end of each process's log."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{log.name}: {line}" for log in logs for line in log.read_text().splitlines()[-8:])

    def said(self, name: str) -> str:
        """Everything one process has logged."""
        return self._log(name).read_text()

    def close(self) -> None:
        self._over.set()
        self._supervisor.join()
        for running in self.running.values():
            running.child.end(signal.SIGKILL)

    def _supervise(self) -> None:
        while not self._over.wait(0.02):
            with self._lock:
                for name, running in self.running.items():
                    status = running.child.process.poll()
                    if status is None:
                        continue
                    if status != -signal.SIGKILL:
                        self.unexpected.append(f"{name} ended with {status}")
                    running.child.end(signal.SIGKILL)
                    running.child = self._child(name, running.plan)
                    running.deaths += 1

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"

    def _child(self, name: str, plan: Plan) -> Child:
        settings = self.settings
        assert settings.database is not None and settings.broker is not None
        environment = {
            "PYTHONPATH": str(ROOT),
            "DAYBOOK_DATA": str(settings.data),
            "DAYBOOK_DATABASE": settings.database,
            "DAYBOOK_BROKER": settings.broker,
            "DAYBOOK_SERVICES": ",".join(f"{service}={url}" for service, url in self.urls.items()),
            "DAYBOOK_LEASE_SECONDS": str(LEASE_SECONDS),
            "DAYBOOK_COMPARE_SECONDS": "0.5",
            "DAYBOOK_STOP_SECONDS": "5",
            "DAYBOOK_PORT": str(plan.port),
            **self.environment,
        }
        roles = ["--only", plan.only] if plan.only else []
        program = [sys.executable, "-m", "tests.faults.faults_process"]
        command = [*program, self.orders, plan.kind, str(plan.days_ahead), plan.service, *roles]
        return Child(command, self._log(name), environment)


def fleet_on(folder: Path, database: str, broker: str, plans: Iterable[Plan], environment: Mapping[str, str]) -> Fleet:
    """Two services with tables made and the processes of ``plans`` started. A plan with port -1 gets a free one, where
    its service is asked by others."""
    plans = list(plans)
    free = iter(free_ports(len(plans)))
    ported = [replace(plan, port=next(free)) if plan.port == -1 else plan for plan in plans]
    urls = dict.fromkeys(("enrollment", "attendance", "medication_review", "interop"), "http://127.0.0.1:9")
    fronts = [f"http://127.0.0.1:{plan.port}" for plan in ported if plan.port and plan.service == "enrollment"]
    urls["enrollment"] = fronts[0]
    settings = load({}, data=folder / "data", database=database, broker=broker)
    settings.data.mkdir()
    for service in ("enrollment", "scheduling"):
        migrate(definition(service), settings)
    fleet = Fleet(folder, settings, urls, fronts, environment)
    fleet.start(*ported)
    return fleet
