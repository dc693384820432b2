"""Events as they were first stored load for ever: one line per event class, never changed, only added to."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from events.contract.canonical import dumps
from events.log import codec
from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from services.scheduling.wiring import AGGREGATES

FROZEN = [
    json.loads(line)
    for file in sorted((Path(__file__).parent / "frozen").glob("*.jsonl"))
    for line in file.read_text().splitlines()
]
REGISTRY = TypeRegistry("scheduling", AGGREGATES)


class OpenVault:
    """Stands in for the vault: the keys of frozen events were never kept. The places that their seals name were."""

    def open(self, sealed: str, *, subject: str, context: frozenset[str]) -> str:
        body = base64.urlsafe_b64decode(sealed.rpartition(":")[2] + "==")
        assert body[2 : 2 + int.from_bytes(body[:2], "big")].decode() in context
        return "a label"


def loaded(line: dict[str, Any]) -> Any:
    mapper = DaybookMapper(REGISTRY, OpenVault())
    version = 1 if REGISTRY.named(line["type"]).creates else 2
    return mapper.to_domain_event(StoredEvent(UUID(int=1), version, line["type"], dumps(line["state"])))


@pytest.mark.parametrize("line", FROZEN, ids=lambda line: line["type"])
def test_a_frozen_event_loads_with_every_value_it_was_stored_with(line: dict[str, Any]) -> None:
    event = loaded(line)
    entry = REGISTRY.of(event)
    for name, stored in line["state"]["data"].items():
        value = codec.to_json(getattr(event, name), entry.fields[name])
        assert value == ("a label" if name in entry.personal else stored), name


@pytest.mark.parametrize(
    "line", [line for line in FROZEN if REGISTRY.named(line["type"]).creates], ids=lambda x: x["type"]
)
def test_a_frozen_beginning_makes_its_aggregate(line: dict[str, Any]) -> None:
    aggregate = loaded(line).mutate(None)
    assert type(aggregate) is REGISTRY.named(line["type"]).aggregate


def test_every_event_class_has_a_frozen_line() -> None:
    assert {line["type"] for line in FROZEN} == {entry.name for entry in REGISTRY}
