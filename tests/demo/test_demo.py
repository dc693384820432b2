"""The demo as a new user runs it, with a hospital's feed and referrals written by others."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo.proofs import found_in_files

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DAYBOOK_SHARED", ROOT.parent / "shared")) / "data"
FEED = SHARED / "hl7v2" / "simhospital" / "messages.out"
REFERRALS = sorted((SHARED / "fhir" / "synthea").glob("*.json"))

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

KEYS = {
    "participants", "admitted", "waitlisted", "discharged", "sessions", "bookings", "attendance_records",
    "treatment_weeks", "compliant_weeks", "reviews_completed", "reviews_due", "hl7_received", "hl7_accepted",
    "hl7_duplicate", "hl7_parked", "hl7_applied", "hl7_waiting", "hl7_unsupported", "events", "received",
    "rebuild_identical", "as_of_identical", "ledger_verified", "seconds",
}  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """A demo that ran, and its data."""

    answer: dict[str, Any]
    output: str
    folder: Path


def _daybook(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.cli", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not FEED.exists():
        pytest.skip(f"the data written by others is not at {SHARED}; DAYBOOK_SHARED may name its folder")
    folder = tmp_path_factory.mktemp("demo") / "kept"
    referrals = [word for path in REFERRALS for word in ("--referral", str(path))]
    done = _daybook("demo", "--json", "--keep", str(folder), "--hospital-feed", str(FEED), *referrals,
                    "--reason", "Depression with functional impairment")  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    yield Demo(json.loads(done.stdout.splitlines()[-1]), done.stdout, folder)


def test_the_last_line_has_every_key_of_the_contract(demo: Demo) -> None:
    assert demo.answer.keys() >= KEYS


def test_a_whole_program_ran(demo: Demo) -> None:
    answer = demo.answer
    assert answer["participants"] >= 40 + len(REFERRALS)
    assert min(answer[name] for name in ("admitted", "waitlisted", "discharged", "reviews_completed")) > 0
    assert answer["bookings"] == answer["attendance_records"] > 500
    assert 0 < answer["compliant_weeks"] < answer["treatment_weeks"]
    assert set(answer["events"]) == set(answer["received"])
    assert len(answer["events"]) == 5


def test_every_message_of_the_hospital_is_accounted_for(demo: Demo) -> None:
    answer = demo.answer
    assert answer["hl7_received"] >= 1_013 + len(REFERRALS)
    assert answer["hl7_received"] == answer["hl7_accepted"] + answer["hl7_duplicate"] + answer["hl7_parked"]
    assert answer["hl7_accepted"] == answer["hl7_applied"] + answer["hl7_waiting"] + answer["hl7_unsupported"]


def test_every_proof_holds(demo: Demo) -> None:
    answer = demo.answer
    proofs = {name: answer[name] for name in ("rebuild_identical", "as_of_identical", "ledger_verified")}
    assert proofs == {"rebuild_identical": True, "as_of_identical": True, "ledger_verified": True}
    assert answer["personal_data_found"] == 0
    assert answer["tampered_copy"]["first_bad_position"] > 0


def test_no_file_holds_a_name_or_number_of_those_who_were_referred(demo: Demo) -> None:
    secrets = [text for path in REFERRALS for text in _secrets(json.loads(path.read_bytes()))]
    assert len(secrets) >= 2 * len(REFERRALS)
    assert found_in_files(demo.folder, secrets) == []


def _secrets(bundle: dict[str, Any]) -> Iterator[str]:
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    for name in patient["name"]:
        yield name["family"]
        yield from name["given"]
    yield from (one["value"] for one in patient["identifier"] if len(one["value"]) > 6)


def test_participants_and_charts_can_be_asked_for_afterwards_and_as_of_then(demo: Demo) -> None:
    listed = _daybook("participants", "--json", "--data", str(demo.folder))
    assert listed.returncode == 0, listed.stderr
    now = json.loads(listed.stdout.splitlines()[-1])["participants"]
    before = _daybook("participants", "--json", "--data", str(demo.folder), "--as-of", "2026-02-25T15:00:00Z")
    assert before.returncode == 0, before.stderr
    then = json.loads(before.stdout.splitlines()[-1])["participants"]
    assert len(now) == demo.answer["participants"]
    assert then == []
    chart = _daybook("chart", now[0]["participant_id"], "--json", "--data", str(demo.folder))
    assert chart.returncode == 0, chart.stderr


def test_a_folder_that_holds_something_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    done = _daybook("demo", "--keep", str(tmp_path))
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "hint:" in done.stderr
