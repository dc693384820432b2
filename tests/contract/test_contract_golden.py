"""What was published stays readable: an optional field may be added, nothing else may change without a new version."""

import pytest
from marshmallow import fields

from events.contract.envelope import CloudEvent, UnreadableMessage, partition_of
from events.contract.fields import Event
from events.contract.registry import all_published, published, published_type
from tests.contract import golden

TYPES = [pytest.param(entry, id=entry.type) for entry in all_published()]


@pytest.mark.parametrize("entry", TYPES)
def test_each_published_type_has_a_golden_event(entry):
    hint = "run python -m tests.contract.golden and commit the new file"
    assert golden.path(entry).exists(), f"{entry.type} has no golden file: {hint}"


def test_each_golden_event_has_its_type_still():
    assert {one.stem for one in golden.FOLDER.glob("*.json")} == {entry.type for entry in all_published()}


@pytest.mark.parametrize("entry", TYPES)
def test_the_whole_golden_event_reads_back_to_the_byte(entry):
    frozen = golden.path(entry).read_bytes().rstrip(b"\n")
    event = CloudEvent.from_bytes(frozen)
    assert event.to_bytes() == frozen
    assert event.type == entry.type
    assert event.source == f"/daybook/{entry.service}"
    assert event.key == event.data[entry.key]
    assert event.partition == partition_of(event.key)


@pytest.mark.parametrize("entry", TYPES)
def test_the_schema_still_takes_what_was_published(entry):
    frozen = CloudEvent.from_bytes(golden.path(entry).read_bytes())
    assert list(golden.breaks(entry.schema(), frozen.data)) == []


class Before(Event):
    who = fields.UUID(required=True)
    note = fields.String(load_default=None, allow_none=True)


FROZEN = {"who": "7f1c1f2e-0a53-5d0e-9c0b-64a1f0f6b7a1", "note": "a note"}


class WithOptional(Before):
    more = fields.String(load_default=None)


class WithRequired(Before):
    more = fields.String(required=True)


class Without(Event):
    who = fields.UUID(required=True)


class Renamed(Event):
    who = fields.UUID(required=True)
    remark = fields.String(load_default=None)


class OtherKind(Before):
    note = fields.Integer(required=True)


@pytest.mark.parametrize(
    ("schema", "broken"),
    [
        (Before, []),
        (WithOptional, []),
        (WithRequired, ["more is new and required", "more no longer takes what was published"]),
        (Without, ["note was removed or renamed"]),
        (Renamed, ["note was removed or renamed"]),
        (OtherKind, ["note no longer takes what was published"]),
    ],
)
def test_only_an_added_optional_field_is_compatible(schema, broken):
    assert list(golden.breaks(schema(), FROZEN)) == broken


def test_a_type_is_registered_once():
    [first, *_] = all_published()
    with pytest.raises(ValueError, match="registered twice"):
        published(first.name, version=first.version)(Before)


def test_a_consumer_survives_a_newer_publisher():
    entry = published_type("enrollment.participant_admitted.v1")
    data = dict(CloudEvent.from_bytes(golden.path(entry).read_bytes()).data)
    assert entry.schema().validate({**data, "something_new": 1}) == {}


@pytest.mark.parametrize(
    "name", ["specversion", "id", "source", "type", "subject", "time", "sequence", "data", "actor"]
)
def test_an_envelope_without_an_attribute_names_it_and_shows_no_value(name):
    from events.contract.canonical import dumps, loads

    event = loads(golden.path(all_published()[0]).read_bytes())
    secret = event.pop(name)
    with pytest.raises(UnreadableMessage) as caught:
        CloudEvent.from_bytes(dumps(event))
    assert name in str(caught.value)
    if name not in ("specversion", "type", "source"):
        assert str(secret) not in str(caught.value)
