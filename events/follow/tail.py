"""One place per process where all followers of a log read its end and wait for more."""

import time
from bisect import bisect_right
from collections import deque
from itertools import islice
from threading import Condition, Lock

from events.follow.decoding import decoded
from events.log.event import Event
from events.log.log import EventLog

KEEP = 2_000
"""Events kept decoded, so that followers near the end share one reading."""


class Tail:
    """Reads like the log itself, but what one follower has just read is not read and decoded again for the next."""

    def __init__(self, log: EventLog):
        self._log = log
        self._lock = Lock()
        self._start = 0
        self._events: deque[Event] = deque()
        self._condition = Condition()
        self._head = 0
        self._polling = False

    def read(self, after: int, limit: int) -> list[Event]:
        """Up to ``limit`` events after a position, in order, none skipped."""
        with self._lock:
            end = self._events[-1].position if self._events else self._start
            if self._start <= after < end:
                first = bisect_right(self._events, after, key=lambda event: event.position)
                return list(islice(self._events, first, first + limit))
            events = list(decoded(self._log, self._log.records(after, limit)))
            if events:
                self._move(events[-1].position)
            if after != end:
                self._events.clear()
                self._start = after
            self._events.extend(events)
            while len(self._events) > KEEP:
                self._start = self._events.popleft().position
            return events

    @property
    def head(self) -> int:
        """The last position that anybody here has read or waited for; the log asks nobody for it and may be further."""
        return self._head

    def wait(self, after: int, timeout: float) -> int:
        """Blocks until the log's head is past a position or the time is out; the head as last seen.

        However many threads wait, one of them asks the log.
        """
        until = time.monotonic() + timeout
        while True:
            with self._condition:
                left = until - time.monotonic()
                if self._head > after or left <= 0:
                    return self._head
                if self._polling:
                    self._condition.wait(left)
                    continue
                self._polling = True
                seen = max(self._head, after)
            try:
                head = self._log.wait(seen, left)
            finally:
                with self._condition:
                    self._polling = False
                    self._condition.notify_all()
            if head > seen:
                self._move(head)

    def _move(self, head: int) -> None:
        with self._condition:
            if head > self._head:
                self._head = head
                self._condition.notify_all()
