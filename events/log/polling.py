"""How often to look at what other processes change, where nobody wakes us."""

import time

QUIET_SHARE = 4
"""The next look comes after this part of the time in which nothing has moved."""


class Polling:
    """Looks often after something moved and less often the longer nothing has, between ``least`` and ``most`` seconds.

    So what comes in a busy time waits for milliseconds, and an idle process asks a few times a second.
    """

    def __init__(self, least: float, most: float):
        self._least = least
        self._most = most
        self._moved_at = float("-inf")

    def moved(self) -> None:
        """There was something new."""
        self._moved_at = time.monotonic()

    def pause(self) -> float:
        """Seconds until the next look."""
        return min(max((time.monotonic() - self._moved_at) / QUIET_SHARE, self._least), self._most)
