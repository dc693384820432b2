"""Eventlet, in processes that serve commands. ``patch`` comes first, before anything else is imported."""

import os
import sys
import time
import warnings
from typing import Any

MOST_LAG_SECONDS = 1.0
"""A hub that wakes later than this from a sleep of ten milliseconds does not switch: something blocks it."""

PROBES = 5

_state = {"patched": False}


class NotGreen(Exception):
    """The process cannot be made green any more, or something blocks its hub."""


def patched() -> bool:
    """Whether this process runs on eventlet."""
    return _state["patched"]


def patch() -> None:
    """Makes threads, sockets and sleeping of this process green. Call it before psycopg or any socket is in use.

    Raises ``NotGreen`` when psycopg was imported before: its waits would freeze the process, silently.
    """
    if _state["patched"]:
        return
    if "psycopg" in sys.modules:
        raise NotGreen("psycopg was imported before eventlet patched the process; call green.patch() first")
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"  # psycopg's own wait, in C, would freeze the hub
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        # nameko 2 stands on eventlet; that it is in bug-fix mode is known and no news for an operator at every start.
        warnings.simplefilter("ignore")
        import eventlet

    eventlet.monkey_patch()
    _let_joins_time_out()
    _state["patched"] = True


def _let_joins_time_out() -> None:
    """From Python 3.13 on a green ``Thread.join(seconds)`` raises when it takes longer; Python's own returns."""
    from eventlet.green import thread
    from eventlet.timeout import with_timeout

    handle: Any = getattr(thread, "_ThreadHandle", None)
    if handle is None:
        return  # an eventlet before Python 3.13
    join_for_good = handle.join

    def join(self: Any, timeout: float | None = None) -> None:
        if timeout is None:
            join_for_good(self)
        else:
            with_timeout(timeout, join_for_good, self, timeout_value=None)

    handle.join = join


def check() -> None:
    """Asserts what ``patch`` wanted. Raises ``NotGreen``."""
    if not _state["patched"]:
        return
    import selectors

    from eventlet import patcher
    from psycopg import waiting

    if waiting.wait is not waiting.wait_selector:
        raise NotGreen("psycopg does not wait by selector; PSYCOPG_WAIT_FUNC came too late")
    if not patcher.is_monkey_patched("select") or not hasattr(selectors, "DefaultSelector"):
        raise NotGreen("select is not patched: something replaced it after green.patch()")
    if "psycopg_binary" not in sys.modules and getattr(waiting, "_psycopg", None) is None:
        raise NotGreen("psycopg's binary extension is missing: install psycopg[binary]")


def probe() -> float:
    """How late this process wakes from a short sleep, in seconds, at best of several: a busy machine is late at
    times, a blocked hub always. Raises ``NotGreen`` when it is far too late."""
    lag = min(_lateness() for _ in range(PROBES))
    if lag > MOST_LAG_SECONDS:
        raise NotGreen(f"the process woke {lag:.1f} s late from a short sleep: something blocks it")
    return lag


def _lateness() -> float:
    started = time.perf_counter()
    time.sleep(0.01)
    return max(time.perf_counter() - started - 0.01, 0.0)
