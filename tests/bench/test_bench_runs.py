"""Every benchmark works. Nothing here looks at how fast anything is."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.__main__ import NAMES
from bench.harness import Options, interleave, ratios
from services.cli.commands import bench as command

ROOT = Path(__file__).parents[2]
KEYS = {"bench", "ours", "peer", "limit", "ratio_peer", "ratio_limit", "n", "rounds"}


def daybook(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words], cwd=ROOT, capture_output=True, text=True, timeout=600
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_measures_and_ends_with_its_json(name: str) -> None:
    for variable in ("DAYBOOK_TEST_POSTGRES", "DAYBOOK_TEST_RABBITMQ"):
        assert variable in os.environ, "run ./daybook test"
    ran = daybook("bench", name, "--quick", "--json")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found.keys() >= KEYS
    assert found["bench"] == name
    assert found["ours"] > 0
    assert found["peer"] > 0
    assert not found.get("skipped")
    assert not found.get("lost")


def test_the_command_offers_every_benchmark() -> None:
    assert command.NAMES == NAMES


def test_an_unknown_benchmark_is_wrong_use() -> None:
    ran = daybook("bench", "speed")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ")
    assert "\nhint: " in ran.stderr


def test_every_way_starts_a_round_in_turn_and_runs_once_in_it() -> None:
    order: list[str] = []

    def way(name: str, figure: float) -> float:
        order.append(name)
        return figure

    ways = {"ours": lambda: way("ours", 2.0), "peer": lambda: way("peer", 1.0)}
    assert interleave(ways, 2, "test") == {"ours": [2.0, 2.0], "peer": [1.0, 1.0]}
    assert order == ["ours", "peer", "peer", "ours"]


@pytest.mark.parametrize(
    ("ours", "other", "expected"), [([4, 9, 2], [2, 3, 2], (2.0, 1.0, 3.0)), ([1], [3], (0.333, 0.333, 0.333))]
)
def test_ratios_are_taken_round_by_round(
    ours: Sequence[float], other: Sequence[float], expected: tuple[float, float, float]
) -> None:
    assert ratios(ours, other) == expected


def test_quick_picks_the_small_size() -> None:
    assert Options(quick=True, rounds=1).pick(1_000_000, 10) == 10
    assert Options(quick=False, rounds=3).pick(1_000_000, 10) == 1_000_000
