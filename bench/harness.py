"""What all benchmarks share: options, rounds in turn, ratios round by round."""

import multiprocessing as mp
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.servers import Servers

ROUNDS = 3
SIZES = (10_000, 100_000, 1_000_000)
spawn: Any = mp.get_context("spawn")
"""Worker processes start afresh: they share neither connections nor threads with this one."""


@dataclass(frozen=True)
class Options:
    """``quick``: small and one round, to show that it works; its figures mean nothing."""

    quick: bool
    rounds: int
    all_ways: bool = False
    stored: int = 1_000_000
    """How long logs grow at most."""

    def sizes(self, *quick: int) -> tuple[int, ...]:
        """Lengths of a log at which to measure."""
        return quick if self.quick else tuple(size for size in SIZES if size <= self.stored)

    def pick(self, full: Any, quick: Any) -> Any:
        return quick if self.quick else full


Measure = Callable[[Options, Servers], dict[str, Any]]
Ways = Mapping[str, Callable[[], float]]


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def answer(queue: Any, *processes: Any) -> Any:
    """The next thing that worker processes say. Raises when one of them dies instead, and ends the others."""
    while queue.empty():
        if any(process.exitcode for process in processes):
            for process in processes:
                process.terminate()  # else this process would wait for them at its end
            raise RuntimeError("a worker process died; its error is above")
        time.sleep(0.02)
    return queue.get()


def interleave(ways: Ways, rounds: int, what: str) -> dict[str, list[float]]:
    """Runs every way once per round, starting with another one each round; way → its figure of each round."""
    found: dict[str, list[float]] = {way: [] for way in ways}
    names = list(ways)
    for number in range(rounds):
        turn = number % len(names)
        for way in names[turn:] + names[:turn]:
            found[way].append(ways[way]())
        latest = ", ".join(f"{way} {figures[-1]:,.0f}" for way, figures in found.items())
        say(f"  {what}, round {number + 1} of {rounds}: {latest}")
    return found


def ratios(ours: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """Median, least and greatest of the ratios taken round by round."""
    each = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    return tuple(float(f"{pick(each):.3g}") for pick in (statistics.median, min, max))


def compared(rates: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Medians of the ways ``ours``, ``peer`` and ``limit``, and how ours compares."""
    found: dict[str, Any] = {}
    for way in ("ours", "peer", "limit"):
        found[way] = round(statistics.median(rates[way]), 1) if way in rates else None
    for way in ("peer", "limit"):
        median, least, most = ratios(rates["ours"], rates[way]) if way in rates else (None, None, None)
        found[f"ratio_{way}"] = median
        found[f"ratio_{way}_range"] = [least, most]
    return found


def show(result: Mapping[str, Any]) -> None:
    """One figure a line, for people."""
    for name, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                print(f"{name:>20}  " + "  ".join(f"{key} {one}" for key, one in row.items()))
        else:
            print(f"{name:>20}  {value}")
