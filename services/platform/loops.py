"""Loops that run beside the followers: relay, inbox, and what a service adds. Plain threads, green where patched."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from events.follow.checkpoint import LostLease
from events.follow.lease import Leases, Turn
from services.platform.metrics import Metrics

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds without a step after a failure, doubled each time."""


class Worker:
    """Steps one unit for ever, in a thread of its own. A failure is logged once, counted, and tried again.

    ``wait(seconds)`` is what an idle unit does; without it the worker sleeps. With ``leases`` it works only while this
    copy holds the lease of that kind.
    """

    def __init__(
        self,
        service: str,
        unit: Any,
        metrics: Metrics,
        *,
        idle: float,
        wait: Callable[[float], None] | None = None,
        leases: Leases | None = None,
    ) -> None:
        self.name: str = unit.name
        self.error: str | None = None
        self._service = service
        self._unit = unit
        self._metrics = metrics
        self._idle = idle
        self._wait = wait
        self._turn = Turn(leases, self.name)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=f"{service} {unit.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ends after the step at hand."""
        self._stopping.set()

    def join(self, timeout: float) -> bool:
        """Whether it ended in time."""
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                mine = self._turn.mine()
                done = self._unit.step() if mine else 0
            except Exception as error:  # whatever it is: the next step finds out whether it lasts
                self._failed(error)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if self.error is not None:
                logger.info("goes on", extra={"service": self._service, "loop": self.name})
                self.error = None
            pause = FIRST_PAUSE
            if not mine:
                self._stopping.wait(self._idle)  # the unit's own wait counts from its last step, which is long ago
            elif not done:
                self._rest()
            else:
                time.sleep(0)  # lets other green threads in
        self._close()

    def _rest(self) -> None:
        if self._wait is not None:
            self._wait(self._idle)
        else:
            self._stopping.wait(self._idle)

    def _failed(self, error: Exception) -> None:
        self._metrics.count("daybook_loop_failures_total", service=self._service, loop=self.name)
        if isinstance(error, LostLease):
            self._turn.drop()
        name = type(error).__name__
        if self.error != name:
            logger.warning(
                "a step failed and is tried again", extra={"service": self._service, "loop": self.name}, exc_info=True
            )
        self.error = name

    def _close(self) -> None:
        with contextlib.suppress(Exception):  # what is left behind expires by itself
            self._unit.close()
        with contextlib.suppress(Exception):
            self._turn.release()
