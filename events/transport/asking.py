"""Asking a source without waiting for one that does not answer.

A source in another process is asked in a thread of its own. It may be frozen: then it keeps that thread for its feed's
time-out, but neither the messages of the other sources nor the leases of this copy.
"""

import time
from concurrent.futures import Future
from functools import partial

from events.follow.meanwhile import meanwhile
from events.transport.comparing import Asked, Comparison, Portion
from events.transport.source import FeedSource

GRACE_SECONDS = 0.25
"""How long those sources are waited for that answered as fast the last time. The others' answers are taken later."""


class Asking:
    """The comparisons with one source, one at a time."""

    def __init__(self, source: FeedSource):
        self._comparison = Comparison(source)
        self._remote = source.remote
        self._coming: Future[Portion] | None = None
        self._seconds = 0.0

    @property
    def idle(self) -> bool:
        """Whether it may be asked: no answer is coming, none is there to be taken."""
        return self._coming is None

    def begin(self, asked: Asked) -> "Future[Portion] | None":
        """Asks; gives the answer to come where it is worth a little wait, since the last one was."""
        prompt = self._seconds <= GRACE_SECONDS
        work = partial(self._timed, asked)
        if self._remote:
            self._coming = meanwhile(f"asks {self._comparison.source.source}", work)
        else:
            portion = work()
            self._coming = Future()
            self._coming.set_result(portion)
        return self._coming if prompt else None

    def answer(self) -> Portion | None:
        """What has come, once; None while nothing has. Raises what is no fault of the source."""
        if self._coming is None or not self._coming.done():
            return None
        come, self._coming = self._coming, None
        return come.result()

    def _timed(self, asked: Asked) -> Portion:
        started = time.monotonic()
        portion = self._comparison.run(asked)
        self._seconds = time.monotonic() - started
        return portion
