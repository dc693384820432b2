"""How long tests wait for what must happen: only a fault makes them give up, never a busy machine."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 240.0
"""Less than pytest's own limit for a test, so that a test can say what it waited for."""
LOOK_SECONDS = 0.02

T = TypeVar("T")


def until(good: Callable[[], T], what: str | Callable[[], str], look: float = LOOK_SECONDS) -> T:
    """What ``good`` says once it is true. ``what`` should have happened, or a function that tells it afterwards.
    ``look``: seconds between two looks."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := good()):
        if time.monotonic() >= end:
            raise AssertionError(f"not within {PATIENCE_SECONDS:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(look)
    return found
