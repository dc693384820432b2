"""Ports for servers that have to be told theirs before they start, and to find it free when they start again.

A port that the system gave and took back is soon given to somebody else: these lie below those that it gives, and each
is reserved among all test processes of this machine while the process that asked for it lives.
"""

import fcntl
import os
import random
import socket
from pathlib import Path
from typing import IO

FIRST, LAST = 10_000, 32_000
"""Linux and macOS give ports above these to whoever does not ask for a certain one."""
_PLACE = Path(f"/tmp/daybook-ports-{os.getuid()}")

_reserved: dict[int, IO[str]] = {}


def free_ports(count: int) -> list[int]:
    """Different free ports of 127.0.0.1, this process's own until it ends."""
    _PLACE.mkdir(exist_ok=True)
    found: list[int] = []
    candidates = random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST)
    while len(found) < count:
        port = candidates.pop()
        if port not in _reserved and _reserve(port):
            found.append(port)
    return found


def _reserve(port: int) -> bool:
    lock = (_PLACE / str(port)).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go when the process ends, however it ends
        with socket.socket() as one:
            one.bind(("127.0.0.1", port))
    except OSError:
        lock.close()
        return False
    _reserved[port] = lock
    return True
