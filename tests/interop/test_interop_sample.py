"""The shipped sample hospital and the shipped mapping belong together; the shell is complete."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from services.cli.simulator import hospital as sample
from services.cli.simulator.model import medications
from services.cli.simulator.people import people
from services.interop.domain.commands import Refer
from services.interop.service import InteropService
from services.platform.web import Query, routes
from tests.interop.gateway import START, Gateway, gateway, types


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Gateway]:
    with gateway(tmp_path) as found:
        yield found


def test_everything_the_sample_hospital_sends_is_applied(program: Gateway) -> None:
    someone, other = people(Random(7), 2)[:2]
    sender = sample.Hospital()
    bundle = sample.referral_bundle(
        someone, at=START, reason="relapse", problem=("F32.1", "Depression"), medications=(medications.SERTRALINE,)
    )
    program.execute(Refer(bundle))
    later = START + timedelta(days=3)
    receipts = program.receive(
        sender.registration(other, "V1", START),
        sender.admission(someone, "V2", START),
        sender.discharge(someone, "V2", START, later),
        sender.cancel_discharge(someone, "V2", START, later),
        sender.cancel_admission(someone, "V2", later),
        sender.update(someone, "V3", START),
        sender.order(someone, "O1", medications.LAMOTRIGINE, "NW", START),
        sender.observation(someone, "F1", "0.8", START),
        sender.merge(someone, "R999", START),
    )
    assert {one.ack_code for one in receipts} == {"AA"} and all(b"MSA|CA|" in (one.ack or b"") for one in receipts)
    counts = program.summary()
    assert counts["applied"] == counts["received"] == 10
    told = types(program.told())
    assert told.count("referral_received") == 2 and told.count("medication_reported") == 2
    kinds = ("started", "ended", "end_cancelled", "start_cancelled")
    assert [told.count(f"hospitalization_{kind}") for kind in kinds] == [1, 1, 1, 1]


def test_the_menu_answers_its_questions(program: Gateway) -> None:
    program.receive(b"nonsense")
    asked = {route.name for route in routes(InteropService) if route.kind == "query"}
    assert {"messages", "message", "notices", "queues", "strangers", "summary"} == asked
    queues = program.application.queries.queues(Query({}))["queues"]
    assert [(one["hospital"], one["parked"]) for one in queues if one["parked"]] == [("unknown", 1)]
    (message,) = program.application.queries.messages(Query({"state": "parked"}))["messages"]
    assert message["troubles"][0]["segment"] == "MSH" and "raw" not in message
