"""Ends what a test process started when that process is gone, however it went (Ctrl-C, kill -9).

Run as a child of the process it watches: ``python guard.py [--kill PID] [--remove FOLDER] [-- COMMAND…]``.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def set_guard(
    *, kill: int | None = None, remove: Path | None = None, run: Sequence[str] = ()
) -> "subprocess.Popen[bytes]":
    """Starts a guard over this process: at its end, kills a process group, removes a folder, runs a command."""
    command = [sys.executable, "-S", __file__, "--watch", str(os.getpid())]
    command += ["--kill", str(kill)] if kill else []
    command += ["--remove", str(remove)] if remove else []
    command += ["--", *run] if run else []
    return subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--watch", type=int, required=True)
    parser.add_argument("--kill", type=int)
    parser.add_argument("--remove", type=Path)
    parser.add_argument("run", nargs="*")
    wanted = parser.parse_args()
    while os.getppid() == wanted.watch:
        time.sleep(0.25)
    if wanted.kill:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(wanted.kill, signal.SIGKILL)
    if wanted.run:
        subprocess.run(wanted.run, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if wanted.remove:
        time.sleep(0.5)
        shutil.rmtree(wanted.remove, ignore_errors=True)


if __name__ == "__main__":
    main()
