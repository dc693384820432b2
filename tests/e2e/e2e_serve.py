"""`python -m services.cli serve …` with one difference: the time is what a file says, so that weeks pass in seconds.

The file's path comes before the command line's own words.
"""

import sys
import time
from datetime import datetime
from pathlib import Path

from services.platform import clock


class FileClock:
    """The instant that a file holds; all processes of a town read the same one."""

    path = Path()

    def __init__(self) -> None:
        self._read_at = 0
        self._now = self()

    def __call__(self) -> datetime:
        changed = self.path.stat().st_mtime_ns
        if changed != self._read_at:
            self._now, self._read_at = datetime.fromisoformat(self.path.read_text()), changed
        return self._now

    def wait_until(self, instant: datetime, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while self() < instant and time.monotonic() < until:
            time.sleep(0.02)
        return self() >= instant


def set_clock(path: Path, now: datetime) -> None:
    """Whole or not at all, so that no reader finds half an instant."""
    draft = path.with_suffix(".next")
    draft.write_text(now.isoformat())
    draft.replace(path)


if __name__ == "__main__":
    FileClock.path = Path(sys.argv[1])
    clock.SystemClock = FileClock
    from services.cli.__main__ import main

    sys.exit(main(sys.argv[2:]))
