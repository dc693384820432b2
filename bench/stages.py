"""Where events are on their way, and how long they take from each place to the next."""

import statistics
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Samples = list[tuple[float, int]]
"""(time, how far it was), whenever it has moved."""


class Watch:
    """Notes when counters move, to the millisecond, in a thread of its own."""

    def __init__(self, **counters: Callable[[], int]):
        self._counters = counters
        self._last = dict.fromkeys(counters, 0)
        self._seen: dict[str, Samples] = {name: [] for name in counters}
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def taken(self) -> dict[str, Samples]:
        """What was noted since the last time."""
        time.sleep(0.01)
        seen, self._seen = self._seen, {name: [] for name in self._counters}
        return seen

    def end(self) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(0.001):
            for name, counter in self._counters.items():
                reached = counter()
                if reached != self._last[name]:
                    self._seen[name].append((time.time(), reached))
                    self._last[name] = reached


def counted(samples: Samples, positions: Sequence[int]) -> Samples:
    """The same in numbers of events, where the samples are positions of a log and ``positions`` those of the events."""
    return [(at, bisect_right(positions, position)) for at, position in samples]


def numbered(samples: Samples, before: int) -> Samples:
    """The same counted from here: ``before`` had passed when it began."""
    return [(at, reached - before) for at, reached in samples]


def table(began: Sequence[float], stages: Mapping[str, Samples]) -> list[dict[str, Any]]:
    """Milliseconds per stage, from the n-th event that left the one before it to the n-th that got there, and ``by``
    then in all."""
    found = []
    last = first = sorted(began)
    for name, samples in stages.items():
        now = passed(samples, len(first))
        alone = sorted(1000 * (at - before) for before, at in zip(last, now, strict=True))
        in_all = sorted(1000 * (at - before) for before, at in zip(first, now, strict=True))
        row = {"p50_ms": middle(alone), "p99_ms": late(alone), "by_p50_ms": middle(in_all), "by_p99_ms": late(in_all)}
        found.append({"stage": name, **row})
        last = now
    return found


def middle(durations: Sequence[float]) -> float:
    return round(statistics.median(durations), 1)


def late(durations: Sequence[float]) -> float:
    """The 99th percentile of sorted durations."""
    return round(durations[int(len(durations) * 0.99)], 1)


def passed(samples: Samples, count: int) -> list[float]:
    """When the first, second, … event had passed."""
    found: list[float] = []
    for at, reached in samples:
        found += [at] * (min(reached, count) - len(found))
    return found
