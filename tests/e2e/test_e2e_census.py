"""A track's last places: two hundred want them at once, over several processes, and exactly the limit gets in."""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from e2e_house import House
from e2e_program import BEGIN, Program

from tests.support.patience import PATIENCE_SECONDS

PROCESSES, EVERYBODY, PLACES = 4, 200, 12
HERE = Path(__file__).parent


@pytest.mark.processes
def test_exactly_the_limit_is_admitted_and_the_others_wait_in_turn(
    postgres_url: str, keys_url: str, tmp_path: Path
) -> None:
    master_key = secrets.token_hex(32)
    house = House(tmp_path / "house", BEGIN, database=postgres_url, keys=keys_url, master_key=master_key)
    try:
        program = Program(house, census=PLACES)
        program.open_track()
        wanted = [_wants(program, number) for number in range(EVERYBODY)]
        found = _rush(wanted, tmp_path, [postgres_url, keys_url, master_key])
        assert Counter(found.values()) == {"admitted": PLACES, "waitlisted": EVERYBODY - PLACES}

        house.settle()
        shown = program.staff.get(f"/enrollment/tracks/{program.id('track')}")
        assert shown["admitted"] == PLACES
        waiting = [one["episode_id"] for one in shown["waitlist"]]
        assert sorted(waiting) == sorted(episode for episode, outcome in found.items() if outcome == "waitlisted")
        priority = {one["episode_id"]: one["priority"] for one in wanted}
        turns = [priority[episode] for episode in waiting]
        assert turns == sorted(turns)

        leaving = next(episode for episode, outcome in found.items() if outcome == "admitted")
        program.staff.post(f"/enrollment/episodes/{leaving}/discharge", {"reason": "administrative"})
        house.settle()
        shown = program.staff.get(f"/enrollment/tracks/{program.id('track')}")
        assert shown["admitted"] == PLACES
        assert [one["episode_id"] for one in shown["waitlist"]] == waiting[1:], "the first in turn has the place"
    finally:
        house.close()


def _wants(program: Program, number: int) -> dict[str, Any]:
    participant, assessment = str(program.id("participant", number)), str(program.id("assessment", number))
    program.staff.post("/enrollment/participants", {"participant_id": participant, "person": {"family": f"N{number}"}})
    answers = {"needs_more_than_outpatient": 1, "step_down": 0, "significant_distress_or_impairment": 1}
    answers |= {"needs_24_hour_care": 0, "acute_withdrawal": 0, "imminent_risk": 0}
    program.staff.post(
        f"/enrollment/participants/{participant}/assessments",
        {"assessment_id": assessment, "kind": "mental_health", "answers": answers, "age_group": "adult"},
    )
    return {
        "participant_id": participant,
        "assessment_id": assessment,
        "episode_id": str(program.id("episode", number)),
        "track_id": str(program.id("track")),
        "priority": 1 + number % 5,
    }


def _rush(wanted: list[dict[str, Any]], folder: Path, urls: list[str]) -> Mapping[str, str]:
    """Episode → outcome, when all processes go at the same word."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)])}
    running = [
        subprocess.Popen(
            [sys.executable, str(HERE / "e2e_census.py"), str(folder / str(number)), *urls],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    for number, process in enumerate(running):
        assert process.stdin is not None
        for one in wanted[number::PROCESSES]:
            process.stdin.write(json.dumps(one) + "\n")
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    found: dict[str, str] = {}
    for number, process in enumerate(running):
        out, _ = process.communicate(timeout=2 * PATIENCE_SECONDS)
        assert process.returncode == 0
        episodes = [one["episode_id"] for one in wanted[number::PROCESSES]]
        found |= dict(zip(episodes, json.loads(out), strict=True))
    return found
