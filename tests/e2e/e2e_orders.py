"""``python tests/e2e/e2e_orders.py``: the test of arrival orders (``test_e2e_shuffled``) at any size.

Plays a simulated program, then lets a fresh copy of each service that listens hear of it twice, in order and as chance
has it, and compares all rows.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, it has only its own folder

from e2e_late import rows_of, unlike
from e2e_simulated import Simulated, simulated

LISTENING = ("scheduling", "attendance", "medication_review", "interop")
"""Enrollment hears only of episodes that it opened itself."""


@dataclass(frozen=True)
class Compared:
    """``rows``: how many were compared. ``differing``: view → rows that only one order ended in."""

    consumer: str
    order: int
    rows: int
    differing: dict[str, Any]


def compared(program: Simulated, consumer: str, order: int, folder: Path) -> Compared:
    """The rows of ``consumer`` after an arrival by chance, against those of an arrival in order."""
    wanted = rows_of(program, consumer, folder / f"{consumer}_in_order_{order}", None)
    found = rows_of(program, consumer, folder / f"{consumer}_late_{order}", Random(order))
    return Compared(consumer, order, sum(map(len, wanted.values())), unlike(found, wanted))


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the same rows everywhere; 1: some differ."""
    parser = argparse.ArgumentParser(prog="python tests/e2e/e2e_orders.py", description=__doc__)
    parser.add_argument("--participants", type=int, default=48, metavar="N", help="people who are referred (48)")
    parser.add_argument("--weeks", type=int, default=6, metavar="W", help="weeks that the program runs (6)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another program by another number (1)")
    parser.add_argument("--orders", type=int, default=1, metavar="K", help="arrivals by chance for each service (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder, begun = Path(place), time.monotonic()
        program = simulated(folder / "house", given.participants, given.weeks, given.seed)
        _say(f"{sum(map(len, program.told.values()))} events published, {time.monotonic() - begun:.0f} s")
        found = []
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            orders = [(consumer, order) for order in range(1, given.orders + 1) for consumer in LISTENING]
            for done in as_completed([pool.submit(compared, program, *one, folder) for one in orders]):
                found.append(done.result())
                _say(f"{_line(found[-1])}, {time.monotonic() - begun:.0f} s")
    if given.json:
        print(json.dumps([vars(one) for one in found]))
    return int(any(one.differing for one in found))


def _line(one: Compared) -> str:
    differing = "".join(f"\n  {view}: {rows}" for view, rows in one.differing.items())
    return f"{one.consumer}, order {one.order}: {one.rows} rows, {len(one.differing)} views differ{differing}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
