"""The containers of `docker-compose.yml` and `k8s/base` as processes of this machine: same command, settings, probe.

What differs here is where things are: files of secrets, ports, and names of hosts.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.packaging.kustomize import build, pods
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
CLI = (sys.executable, "-m", "services.cli")
IMAGE_CLI = ["python", "-m", "services.cli"]
"""As the Dockerfile's ENTRYPOINT says."""


@dataclass(frozen=True)
class Container:
    """``healthcheck``: the command of a probe; ``paths``: what HTTP probes ask for."""

    name: str
    args: tuple[str, ...]
    environment: Mapping[str, str]
    grace: float
    healthcheck: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def of_compose() -> dict[str, Container]:
    """The containers that run Daybook's image."""
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return {
        name: Container(
            name,
            tuple(one["command"]),
            {variable: str(value) for variable, value in one["environment"].items()},
            float(one["stop_grace_period"].removesuffix("s")),
            healthcheck=tuple(one["healthcheck"]["test"][1:]) if "healthcheck" in one else (),
        )
        for name, one in composed["services"].items()
        if "build" in one
    }


def of_kubernetes() -> dict[str, Container]:
    """The containers of the base."""
    manifests = build(ROOT / "k8s" / "base")
    configs = {m["metadata"]["name"]: m["data"] for m in manifests if m["kind"] == "ConfigMap"}
    found = {}
    for workload, template in pods(manifests):
        [one] = template["spec"]["containers"]
        environment = {variable["name"]: variable["value"] for variable in one.get("env", ())}
        for source in one.get("envFrom", ()):
            environment = configs[source["configMapRef"]["name"]] | environment
        probes = [value["httpGet"]["path"] for name, value in one.items() if name.endswith("Probe")]
        grace = template["spec"].get("terminationGracePeriodSeconds", 30)
        name = workload["metadata"]["name"]
        found[name] = Container(name, tuple(one["args"]), environment, grace, paths=tuple(probes))
    return found


@dataclass
class Deployment:
    """All containers of one description, on this machine."""

    containers: Mapping[str, Container]
    secrets: Path
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        names = [*self.containers, "mllp"]
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))

    def environment(self, container: Container) -> dict[str, str]:
        """The container's own, and nothing of Daybook's from here."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
        return inherited | {name: self._here(container, name, value) for name, value in container.environment.items()}

    def _here(self, container: Container, name: str, value: str) -> str:
        if name == "DAYBOOK_PORT":
            return str(self.ports[container.name])
        if name == "DAYBOOK_MLLP_PORT":
            return str(self.ports["mllp"])
        value = value.replace("0.0.0.0", "127.0.0.1").replace("/tmp/daybook", str(self.folder / container.name))
        value = re.sub(r"/run/secrets/(daybook/)?", f"{self.secrets}/", value)
        return re.sub(r"http://([a-z_-]+):8000", lambda found: f"http://127.0.0.1:{self.ports[found[1]]}", value)

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Runs a container that ends by itself."""
        container = self.containers[name]
        return subprocess.run(
            [*CLI, *container.args], cwd=ROOT, env=self.environment(container), capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip

    def start(self, name: str) -> None:
        """Starts a container that goes on."""
        container = self.containers[name]
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [*CLI, *container.args], cwd=ROOT, env=self.environment(container), stdout=log, stderr=log
            )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def is_healthy(self, name: str) -> bool:
        """By the container's own probes, all of them."""
        container = self.containers[name]
        if container.healthcheck:
            command = [*CLI, *container.healthcheck[len(IMAGE_CLI) :]]
            done = subprocess.run(
                command, cwd=ROOT, env=self.environment(container), timeout=PATIENCE_SECONDS, check=False
            )
            return done.returncode == 0
        return all(_answers(self.url(name) + path) for path in container.paths)

    def await_health(self, name: str) -> None:
        def is_healthy() -> bool:
            assert self.processes[name].poll() is None, self.log(name).read_text()[-3000:]
            return _listens(self.ports[name]) and self.is_healthy(name)

        until(is_healthy, lambda: self.log(name).read_text()[-3000:])

    def stop(self) -> dict[str, int]:
        """SIGTERM to all; their exit statuses. Raises where a grace period does not suffice."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(self.containers[name].grace) for name, process in self.processes.items()}

    def close(self) -> None:
        """Kills what still runs."""
        for process in self.processes.values():
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    """Cheaper than a probe, which starts a process."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
