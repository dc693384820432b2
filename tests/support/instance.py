"""A private server of the tests: own folder, own free ports, ends with the process that started it."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.guard import set_guard
from tests.support.patience import PATIENCE_SECONDS


class ServerUnavailable(RuntimeError):
    """A test server cannot be had here; the message says what to install or which URL to give."""


def password() -> str:
    return secrets.token_hex(16)


def _inherited() -> dict[str, str]:
    """This process's environment without settings of Daybook's: those are what a test says."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}


class Child:
    """One guarded server process, in a session of its own so that Ctrl-C in the terminal does not reach it first."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> None:
        identity: dict[str, object] = {}
        if user:
            entry = pwd.getpwnam(user)
            identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**_inherited(), **(env or {})},
                start_new_session=True,
                cwd=log.parent,
                **identity,
            )
        self._guard = set_guard(kill=self.process.pid)

    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self, with_signal: signal.Signals, patience: float = PATIENCE_SECONDS) -> None:
        """Sends the signal, waits, and kills what is left."""
        self._guard.kill()
        self._guard.wait()
        if with_signal != signal.SIGKILL and self.is_running():
            self.process.send_signal(with_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Instance:
    """Base of the private servers: ``start``, ``stop`` (orderly), ``kill`` (-9), ``wipe`` (its data), ``close``."""

    what: str

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"daybook-{self.what}-"))
        self.folder.chmod(0o755)
        self._guard = set_guard(remove=self.folder)
        self._child: Child | None = None

    def start(self) -> None:
        """Starts it; returns when it answers. Raises ``ServerUnavailable`` with the end of its log if it does not."""
        self._launch()
        self._await(self.answers)

    def _launch(self) -> None:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def _await(self, answers: Callable[[], bool], patience: float = 300) -> None:
        deadline = time.monotonic() + patience
        while not answers():
            gone = self._child is not None and not self._child.is_running()
            if gone or time.monotonic() > deadline:
                raise ServerUnavailable(f"{self.what} did not start; the end of its log:\n{self._tail()}")
            time.sleep(0.1)

    def _tail(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-20:])

    def stop(self) -> None:
        """An orderly stop; the data stay."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9; the data stay."""
        self._end(signal.SIGKILL)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._child:
            self._child.end(with_signal)
            self._child = None

    def close(self) -> None:
        """Kills it and removes everything it had."""
        self.kill()
        self._guard.kill()
        self._guard.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
