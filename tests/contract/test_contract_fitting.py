"""The quick look at published data never passes what the schema refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validates_schema

from events.contract import samples
from events.contract.fields import Event
from events.contract.fitting import obviously_fits
from events.contract.registry import all_published

TYPES = all_published()
ODD: list[Any] = [
    None, "", "x", 0, -1, 1.5, True, False, [], {}, [None], ["x"], "2026-03-02", "2026-03-02T09:00:00", "2026-13-02",
    "2026-03-02T09:00:00Z", "2026-03-02T09:00:00+01:00", "20260302", 10**30, "0bb4f0c16f4c5b438f5b5d0cf8d3a001",
    "0BB4F0C1-6F4C-5B43-8F5B-5D0CF8D3A001", "0bb4f0c1-6f4c-5b43-8f5b-5d0cf8d3a00", "sealed:1:a:b", b"x",
]  # fmt: skip


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.type)
def test_a_right_event_passes_at_a_look(entry):
    assert obviously_fits(entry.schema())(samples.data(entry))


@given(st.data())
def test_what_passes_at_a_look_is_loaded_by_the_schema(data):
    entry = data.draw(st.sampled_from(TYPES))
    changed = samples.data(entry)
    for name in data.draw(st.lists(st.sampled_from(sorted(changed)), max_size=3, unique=True)):
        if data.draw(st.booleans()):
            changed[name] = data.draw(st.sampled_from(ODD))
        else:
            del changed[name]
    if obviously_fits(entry.schema())(changed):
        entry.schema().load(changed)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.type)
def test_no_odd_value_passes_that_the_schema_refuses(entry, odd):
    fits, schema = obviously_fits(entry.schema()), entry.schema()
    for name in schema.fields:
        given_ = {**samples.data(entry), name: odd}
        if fits(given_):
            schema.load(given_)


def test_a_schema_with_rules_of_its_own_is_always_asked():
    class Ruled(Event):
        low = fields.Integer(required=True)
        high = fields.Integer(required=True)

        @validates_schema
        def in_order(self, data, **_):
            if data["low"] > data["high"]:
                raise ValidationError("low is above high")

    assert not obviously_fits(Ruled())({"low": 1, "high": 2})


def test_a_schema_that_refuses_unknown_fields_is_always_asked():
    class Strict(Schema):
        name = fields.String(required=True)

    assert not obviously_fits(Strict())({"name": "x", "other": 1})
