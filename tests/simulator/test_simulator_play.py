"""`./daybook simulate` as people run it: a small program on embedded services, and the hospital's messages alone."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter

import pytest

from events.contract.envelope import CloudEvent
from services.cli.composition import SERVICES
from services.interop.reading import Summary, read_files
from tests.cli.cli_process import ROOT, Up, daybook, environment
from tests.support.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes

SIZE = ("--participants", "8", "--weeks", "2", "--seed", "3")

OF_THIS_RUN = re.compile(r"sealed:[^\"]*|[0-9a-f]{8}-[0-9a-f-]{27}|\"[0-9a-f]{32}\"|\"[a-z_]*told_at\": \"[^\"]*\"")
"""Ids, sealed values and keyed hashes, and the times of telling a hospital."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    played = []
    for number in ("first", "second"):
        published = folder / f"{number}.jsonl"
        said = daybook("simulate", *SIZE, "--json", "--published", published, "--keep", folder / number)
        assert said.status == 0, said.err
        played.append((said.answer, published, folder / number))
    return played


def test_a_small_program_runs_through_all_services(runs):
    answer = runs[0][0]
    assert (answer["participants"], answer["weeks"], answer["seed"]) == (8, 2, 3)
    assert answer["admitted"] + answer["waitlisted"] + answer["discharged"] == 8
    assert answer["bookings"] == answer["attendance_records"] > 30
    assert answer["hl7_received"] == answer["hl7_accepted"] + answer["hl7_duplicate"] + answer["hl7_parked"]
    assert set(answer["events"]) == set(SERVICES)
    assert answer["done"]["check-ins and check-outs"] > 50


def test_the_published_events_are_cloud_events_in_the_order_of_each_feed(runs):
    answer, path, _ = runs[0]
    events = [CloudEvent.from_bytes(line) for line in path.read_bytes().splitlines()]
    assert len(events) == answer["published"]
    assert [one.to_bytes() for one in events] == path.read_bytes().splitlines()
    last: Counter[tuple[str, int, int]] = Counter()
    for one in events:
        place = (one.source, one.generation, one.partition)
        last[place] += 1
        assert one.sequence == last[place]
    assert {one.source.rpartition("/")[2] for one in events} == set(SERVICES)


def test_the_same_seed_plays_the_same_program(runs):
    (one, facts, _), (again, facts_again, _) = runs
    assert _counts(one) == _counts(again)
    assert _facts(facts) == _facts(facts_again)


def _counts(answer):
    return {name: value for name, value in answer.items() if name != "seconds"}


def _facts(path):
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return Counter((one["type"], OF_THIS_RUN.sub("", json.dumps(one["data"], sort_keys=True))) for one in events)


def test_what_was_kept_can_be_looked_at_afterwards(runs):
    answer, _, folder = runs[0]
    said = daybook("participants", "--json", "--data", folder)
    assert said.status == 0, said.err
    assert len(said.answer["participants"]) == answer["participants"]


def test_the_traffic_alone_is_what_the_services_received(runs, tmp_path):
    file = tmp_path / "traffic.hl7"
    said = daybook("simulate", *SIZE, "--traffic", file, "--json")
    assert said.status == 0, said.err
    summary = Summary()
    list(read_files([file], None, summary))
    assert summary.messages == said.answer["messages"] == sum(said.answer["types"].values())
    by_fhir = runs[0][0]["hl7_received"] - summary.messages
    assert 0 < by_fhir <= 8


@pytest.mark.parametrize(
    "words",
    [
        ("--participants", "0"),
        ("--weeks", "0"),
        ("--traffic", "a.hl7", "--published", "b.jsonl"),
        ("--published", "no/such/folder/a.jsonl"),
        ("--keep", "."),
        ("--to", "daybook"),
        ("--to", "http://127.0.0.1:8000", "--published", "b.jsonl"),
    ],
)
def test_wrong_use_is_told_with_a_way_out(words):
    said = daybook("simulate", *words)
    assert said.status == 2
    assert said.error
    assert said.hint


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    up = Up(tmp_path_factory.mktemp("running") / "data")
    yield up
    assert up.stop() == 0


def test_running_services_are_loaded_with_the_program_as_it_begins(running):
    said = daybook("simulate", *SIZE, "--to", running.url, "--data", running.data, "--json")
    assert said.status == 0, said.err
    answer = said.answer
    assert answer["participants"] == answer["admitted"] + answer["waitlisted"] > 4
    assert set(answer["refused"]) <= {"ParticipantNotAvailable", "SessionIsFull"}, "seats are scarce, nothing else"
    listed = running.client("coordinator").get("/enrollment/participants")["participants"]
    assert len(listed) == answer["participants"]
    assert answer["bookings"] > answer["admitted"]
    assert answer["attendance_records"] == 0


def test_services_elsewhere_are_loaded_only_where_that_is_meant():
    said = daybook("simulate", "--to", "http://daybook.example:8000")
    assert said.status == 2
    assert "another host" in said.error
    assert "--elsewhere" in said.hint


def test_ctrl_c_ends_it_at_the_moment_at_hand_and_what_was_done_is_published(tmp_path):
    published, kept = tmp_path / "events.jsonl", tmp_path / "kept"
    command = [sys.executable, "-m", "services.cli", "simulate", "--participants", "4", "--weeks", "50", "--json"]
    given = environment(PYTHONPATH=str(ROOT))
    playing = subprocess.Popen(
        [*command, "--published", str(published), "--keep", str(kept)],
        cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "week 1 of 50" in playing.stderr.readline()
    playing.send_signal(signal.SIGINT)
    out, err = playing.communicate(timeout=2 * PATIENCE_SECONDS)
    assert playing.returncode == 130, err
    answer = json.loads(out.splitlines()[-1])
    assert 1 <= answer["weeks"] < 50
    assert len(published.read_bytes().splitlines()) == answer["published"] > 0
    assert "starts anew" in err
    assert str(kept) in err
