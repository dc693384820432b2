"""`./daybook test`: provides the servers, runs pytest with the arguments given, ends the servers.

``--prepare-only`` stops after the environment is made, for a script that wants to check types and style before.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.support.guard import set_guard
from tests.support.servers import ServerUnavailable, provide, stop

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30
"""Bytes that a whole run may need, the servers' files among them."""
PARALLEL = ("-n", str(min(4, os.cpu_count() or 2)), "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    """Runs the tests and returns pytest's exit status; 2 where the servers cannot be had."""
    if arguments == ["--prepare-only"]:
        return 0
    for word in arguments:
        if word.startswith("tests") and not (ROOT / word.partition("::")[0]).exists():
            print(f"error: there is no {word.partition('::')[0]}\nhint: paths start at {ROOT}", file=sys.stderr)
            return 2
    signal.signal(signal.SIGTERM, _interrupted)
    with _files_in_memory():
        try:
            print("daybook test: starting PostgreSQL and RabbitMQ …", file=sys.stderr, flush=True)
            environment = {**os.environ, **provide()}
            alone = any(word in ("--pdb", "-s") or word.startswith("-n") for word in arguments)
            command = [sys.executable, "-m", "pytest", *(() if alone else PARALLEL), *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        except ServerUnavailable as problem:
            print(f"error: {problem}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("daybook test: interrupted", file=sys.stderr)
            return 130
        finally:
            stop()


@contextmanager
def _files_in_memory() -> Iterator[None]:
    """Temporary files, the servers' too, in memory where the machine has a place for that: all that is stored is synced
    as in production, tens of thousands of times, and no test cuts the power."""
    if "TMPDIR" in os.environ or not _is_roomy(MEMORY):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="daybook-test-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        guard = set_guard(remove=Path(folder))
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            del os.environ["TMPDIR"]
            tempfile.tempdir = None
            guard.kill()
            guard.wait()


def _is_roomy(folder: Path) -> bool:
    """Whether there is room for a whole run, and what lies there may be executed."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    free = found.f_bavail * found.f_frsize
    return free >= ROOM and not found.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
