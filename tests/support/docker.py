"""Test servers as containers, where a Docker engine answers and no binaries are at hand."""

import shutil
import subprocess

from tests.support.guard import set_guard
from tests.support.instance import ServerUnavailable


def engine_answers() -> bool:
    if not shutil.which("docker"):
        return False
    try:
        done = subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return False
    return done.returncode == 0


class Container:
    """One container with fixed ports and name; removed with its volumes when the process that made it is gone."""

    def __init__(
        self, name: str, image: str, ports: dict[int, int], environment: dict[str, str], *arguments: str
    ) -> None:
        publish = [part for ours, theirs in ports.items() for part in ("-p", f"127.0.0.1:{ours}:{theirs}")]
        settings = [part for key, value in environment.items() for part in ("-e", f"{key}={value}")]
        self.name = name
        self._create = ["create", "--name", name, *publish, *settings, image, *arguments]
        self._exists = False
        self._guard = set_guard(run=["docker", "rm", "-f", "-v", name])

    def start(self) -> None:
        if not self._exists:
            _docker(*self._create)
            self._exists = True
        _docker("start", self.name)

    def stop(self) -> None:
        _docker("stop", "-t", "30", self.name)

    def kill(self) -> None:
        _docker("kill", self.name, tolerant=True)

    def remove(self) -> None:
        _docker("rm", "-f", "-v", self.name, tolerant=True)
        self._exists = False

    def close(self) -> None:
        self._guard.kill()
        self._guard.wait()
        self.remove()


def _docker(*arguments: str, tolerant: bool = False) -> None:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode and not tolerant:
        raise ServerUnavailable(f"docker {arguments[0]} failed: {done.stderr.strip()[-1000:]}")
