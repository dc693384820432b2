"""What time it is: the system's, or one that a demo or a test moves by hand."""

import time
from datetime import UTC, datetime, timedelta
from threading import Condition
from typing import Protocol


class Clock(Protocol):
    """Calling it gives the instant, aware and in UTC."""

    def __call__(self) -> datetime: ...

    def wait_until(self, instant: datetime, timeout: float) -> bool:
        """Blocks until the clock has reached ``instant``, at most ``timeout`` real seconds. True when it is reached."""
        ...


class SystemClock:
    """The machine's clock."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def wait_until(self, instant: datetime, timeout: float) -> bool:
        remaining = (instant - self()).total_seconds()
        if remaining > 0:
            time.sleep(min(remaining, max(timeout, 0.0)))
        return self() >= instant


class SimulatedClock:
    """Stands still until it is told to move; whoever waits on it wakes at once. Never goes backwards."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an instant with a time zone")
        self._now = now.astimezone(UTC)
        self._moved = Condition()

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Moves to an instant. Raises ``ValueError`` for an earlier one or one without a time zone."""
        if now.tzinfo is None:
            raise ValueError("a clock needs an instant with a time zone")
        with self._moved:
            if now < self._now:
                raise ValueError(f"the clock is at {self._now.isoformat()} and does not go back to {now.isoformat()}")
            self._now = now.astimezone(UTC)
            self._moved.notify_all()

    def advance(self, by: timedelta) -> None:
        """Moves on by a duration."""
        self.set(self._now + by)

    def wait_until(self, instant: datetime, timeout: float) -> bool:
        with self._moved:
            return self._moved.wait_for(lambda: self._now >= instant, max(timeout, 0.0))
