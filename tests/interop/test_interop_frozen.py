"""Events stored long ago load for ever."""

from pathlib import Path

import pytest

from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.interop.domain.message import Message
from services.interop.wiring import define
from tests.support import frozen

FILES = sorted((Path(__file__).parent / "frozen").glob("*.jsonl"))


@pytest.fixture
def mapper(tmp_path: Path) -> DaybookMapper:
    vault = Vault.connect(f"sqlite:///{tmp_path}/keys.db", b"k" * 32)
    return DaybookMapper(TypeRegistry("interop", define().aggregates), vault)


def test_every_event_class_is_frozen(mapper: DaybookMapper) -> None:
    assert {line.type for file in FILES for line in frozen.read(file)} == {entry.name for entry in mapper.registry}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_frozen_events_load_and_make_an_aggregate(mapper: DaybookMapper, file: Path) -> None:
    aggregate = frozen.load(file, mapper)
    assert aggregate.version == len(frozen.read(file))


def test_a_frozen_message_means_what_it_meant(mapper: DaybookMapper) -> None:
    message = frozen.load(Path(__file__).parent / "frozen" / "interop_message_1.jsonl", mapper)
    assert isinstance(message, Message)
    assert (message.hospital, message.message_type, message.state) == ("riverside", "ADT^A01", "applied")
    assert message.ack is not None and "MSA|AA|C1" in message.ack and message.raw.startswith("sealed:1:message:")
