"""The closed registry, the codec and the stored bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from eventsourcing.domain import Aggregate
from hypothesis import given
from hypothesis import strategies as st

from events.contract.canonical import dumps, loads
from events.log import codec
from events.log.errors import BadRegistration, BadSeal, UnreadableEvent, UnregisteredType
from events.log.mapper import DaybookMapper
from events.log.types import TypeRegistry
from events.log.vault import ERASED, Vault, is_sealed
from tests.support import frozen
from tests.support.library import NOW, Shelf


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Size:
    width: Decimal
    made: date | None


class Everything(Aggregate):
    TOPIC = "library.everything"

    class Created(Aggregate.Created):
        TOPIC = "library.everything.made"
        KEY = "originator_id"
        an_id: UUID
        a_day: date
        a_time: time
        an_instant: datetime
        a_span: timedelta
        a_number: Decimal
        a_colour: Colour
        a_pair: tuple[int, str]
        some: tuple[UUID, ...]
        a_set: frozenset[Colour]
        a_size: Size
        perhaps: date | None
        sizes: list[Size]
        by_name: dict[str, Size]
        raw: bytes
        either: int | str | None

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


sizes = st.builds(Size, st.decimals(allow_nan=False), st.none() | st.dates())
instants = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]))
values = st.fixed_dictionaries(
    {
        "an_id": st.uuids(),
        "a_day": st.dates(),
        "a_time": st.times(),
        "an_instant": instants,
        "a_span": st.timedeltas(timedelta(days=-36_500), timedelta(days=36_500)),
        "a_number": st.decimals(allow_nan=False),
        "a_colour": st.sampled_from(Colour),
        "a_pair": st.tuples(st.integers(-(2**53), 2**53), st.text()),
        "some": st.lists(st.uuids(), max_size=3).map(tuple),
        "a_set": st.frozensets(st.sampled_from(Colour)),
        "a_size": sizes,
        "perhaps": st.none() | st.dates(),
        "sizes": st.lists(sizes, max_size=3),
        "raw": st.binary(),
        "either": st.none() | st.text() | st.integers(-(2**53), 2**53),
        "by_name": st.dictionaries(st.text(), sizes, max_size=3),
    }
)


@given(values)
def test_every_kind_of_field_comes_back_equal(fields: Mapping[str, Any]) -> None:
    entry = TypeRegistry("library", [Everything]).named("library.everything.made")
    for name, value in fields.items():
        stored = loads(dumps(codec.to_json(value, entry.fields[name])))
        assert codec.from_json(stored, entry.fields[name]) == value


@given(st.frozensets(st.uuids(), max_size=6))
def test_equal_sets_are_equal_bytes(ids: frozenset[UUID]) -> None:
    shuffled = frozenset(sorted(ids, reverse=True))
    kind = frozenset[UUID]
    assert dumps(codec.to_json(ids, kind)) == dumps(codec.to_json(shuffled, kind))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        codec.to_json(datetime(2026, 3, 2), datetime)  # noqa: DTZ001  # the point of the test


def mapper(vault: Vault, *aggregates: type[Aggregate]) -> DaybookMapper:
    return DaybookMapper(TypeRegistry("library", aggregates), vault)


def test_no_stored_name_or_byte_holds_a_module_path(vault: Vault) -> None:
    shelf = Shelf.put_up(uuid4(), NOW)
    shelf.place("Dune", NOW)
    for event in shelf.collect_events():
        stored = mapper(vault, Shelf).to_stored_event(event)
        for path in (__name__, Shelf.__module__, "tests.", "events.", "eventsourcing", "Shelf", ":BookPlaced"):
            assert path not in stored.topic
            assert path.encode() not in stored.state


def test_an_event_comes_back_as_its_class_with_the_stable_name_of_its_aggregate(vault: Vault) -> None:
    shelf = Shelf.put_up(uuid4(), NOW)
    (created,) = shelf.collect_events()
    again = mapper(vault, Shelf).to_domain_event(mapper(vault, Shelf).to_stored_event(created))
    assert again == created
    assert again.originator_topic == "library.shelf"


def test_personal_fields_are_sealed_at_rest_and_erased_with_their_key(vault: Vault) -> None:
    id_ = uuid4()
    (created,) = Shelf.put_up(id_, NOW, keeper="Ada Lovelace").collect_events()
    stored = mapper(vault, Shelf).to_stored_event(created)
    assert b"Ada" not in stored.state
    assert is_sealed(json.loads(stored.state)["data"]["keeper"])
    vault.destroy(str(id_))
    loaded = mapper(vault, Shelf).to_domain_event(stored)
    assert loaded.keeper is ERASED
    assert loaded.mutate(None).keeper is ERASED


class Diary(Aggregate):
    TOPIC = "library.diary"

    class Created(Aggregate.Created):
        TOPIC = "library.diary.began"
        class_version = 2
        PERSONAL = ("writer", "motto")
        SUBJECT = "originator_id"
        FORMERLY: ClassVar[Mapping[str, tuple[str, ...]]] = {"writer": ("author",)}
        writer: str
        motto: str

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["writer"] = state.pop("author")

    def __init__(self, writer: str, motto: str):
        self.writer = writer
        self.motto = motto


def diary(vault: Vault, **sealed: str) -> Any:
    """Loads the beginning of somebody's diary with these seals in the places of its own."""
    begun = Diary._create(Diary.Created, id=frozen.STREAM, timestamp=NOW, writer="Ada Lovelace", motto="Onward")
    (created,) = begun.collect_events()
    state = json.loads(mapper(vault, Diary).to_stored_event(created).state)
    if "author" in sealed:
        state["v"] = 1
        del state["data"]["writer"]
    state["data"] |= sealed
    stored = frozen.Frozen("library.diary.began", 1, json.dumps(state)).stored()
    return mapper(vault, Shelf, Diary).to_domain_event(stored)


@pytest.mark.parametrize("place", ["library.diary.began.writer", "library.shelf.put_up.keeper", "", "writer"])
def test_a_seal_that_was_moved_from_another_field_does_not_open(vault: Vault, place: str) -> None:
    moved = vault.seal(str(frozen.STREAM), "Ada Lovelace", context=place)
    assert diary(vault).motto == "Onward"
    with pytest.raises(BadSeal, match="another place"):
        diary(vault, motto=moved)


def test_a_seal_that_was_moved_from_somebody_elses_event_does_not_open(vault: Vault) -> None:
    theirs = vault.seal(str(uuid4()), "Sideways", context="library.diary.began.motto")
    with pytest.raises(BadSeal, match="stands where"):
        diary(vault, motto=theirs)


def test_a_personal_field_opens_under_the_name_that_it_had_before(vault: Vault) -> None:
    before = vault.seal(str(frozen.STREAM), "Ada King", context="library.diary.began.author")
    assert diary(vault, author=before).writer == "Ada King"
    with pytest.raises(BadSeal, match="another place"):
        diary(vault, motto=before)


def test_an_earlier_name_of_what_is_not_personal_is_refused_at_start() -> None:
    class Noted(Aggregate.Event):
        TOPIC = "library.noted.down"
        FORMERLY: ClassVar[Mapping[str, tuple[str, ...]]] = {"text": ("words",)}
        text: str

    with pytest.raises(BadRegistration, match="text"):
        TypeRegistry("library", [aggregate("Noted", "library.noted", Noted=Noted)])


def test_a_value_that_does_not_fit_is_named_without_being_shown(vault: Vault) -> None:
    (created,) = Shelf.put_up(uuid4(), NOW).collect_events()
    stored = mapper(vault, Shelf).to_stored_event(created)
    broken = type(stored)(
        stored.originator_id, 1, stored.topic, stored.state.replace(b'"places":10000', b'"places":"secret"')
    )
    with pytest.raises(UnreadableEvent, match=r"places of library\.shelf\.put_up") as raised:
        mapper(vault, Shelf).to_domain_event(broken)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["library.unknown", "os:system", "received:scheduling.booking_made.v1", "json.JSONDecoder"]
)
def test_an_unknown_name_is_never_imported(vault: Vault, name: str) -> None:
    stored = frozen.Frozen(name, 1, '{"data":{},"meta":{"at":"2026-03-02T09:00:00Z","key":"k"},"v":1}').stored()
    with pytest.raises(UnregisteredType):
        mapper(vault, Shelf).to_domain_event(stored)


def aggregate(name: str, topic: object, **events: type) -> Any:
    class Created(Aggregate.Created):
        TOPIC = f"{topic}.created"

    body = {"TOPIC": topic, "Created": Created, **events, "__module__": __name__, "__qualname__": name}
    return type(Aggregate)(name, (Aggregate,), body)


def test_an_aggregate_without_a_name_of_its_own_is_refused() -> None:
    class Nameless(Aggregate):
        pass

    with pytest.raises(BadRegistration, match="TOPIC of its own"):
        TypeRegistry("library", [Nameless])


@pytest.mark.parametrize(
    "topic", ["tests.log.thing", "archive.thing", "Library.Thing", "library.thing:Thing", "library"]
)
def test_a_name_that_is_a_path_or_belongs_elsewhere_is_refused(topic: str) -> None:
    with pytest.raises(BadRegistration):
        TypeRegistry("library", [aggregate(f"A{abs(hash(topic))}", topic)])


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(BadRegistration, match="taken"):
        TypeRegistry("library", [Shelf, Shelf])


def test_a_personal_field_that_does_not_exist_is_refused() -> None:
    class Noted(Aggregate.Event):
        TOPIC = "library.misspelt.noted"
        PERSONAL = ("nmae",)
        SUBJECT = "originator_id"
        name: str

    with pytest.raises(BadRegistration, match="nmae"):
        TypeRegistry("library", [aggregate("Misspelt", "library.misspelt", Noted=Noted)])


class Moved(Aggregate):
    TOPIC = "library.moved"

    class Created(Aggregate.Created):
        TOPIC = "library.moved.began"
        class_version = 3
        metres: int
        note: str = "none"

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["feet"] = state.pop("yards") * 3

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["metres"] = round(state.pop("feet") * 0.3048)

    def __init__(self, metres: int, note: str):
        self.metres = metres
        self.note = note


OLD = '{"data":{"yards":100},"meta":{"at":"2026-03-02T09:00:00Z","key":"k"},"v":1}'


def test_old_events_are_brought_forward_for_aggregates_and_for_followers(vault: Vault) -> None:
    stored = frozen.Frozen("library.moved.began", 1, OLD).stored()
    loaded = mapper(vault, Moved).to_domain_event(stored)
    assert (loaded.metres, loaded.note) == (91, "none")
    entry = TypeRegistry("library", [Moved]).named("library.moved.began")
    assert mapper(vault, Moved).decode(entry, stored.state)[0] == {"metres": 91}


def test_an_event_of_a_newer_program_is_refused_with_the_way_out(vault: Vault) -> None:
    stored = frozen.Frozen("library.moved.began", 1, OLD.replace('"v":1', '"v":4')).stored()
    with pytest.raises(UnreadableEvent, match="upgrade"):
        mapper(vault, Moved).to_domain_event(stored)


def test_a_missing_upcaster_is_refused_at_start() -> None:
    class Changed(Aggregate.Event):
        TOPIC = "library.gap.changed"
        class_version = 2
        name: str

    with pytest.raises(BadRegistration, match="upcast_v1_v2"):
        TypeRegistry("library", [aggregate("Gap", "library.gap", Changed=Changed)])


def test_frozen_old_events_load(vault: Vault, tmp_path: Any) -> None:
    shelf = Shelf.put_up(uuid4(), NOW)
    shelf.place("Dune", NOW)
    file = tmp_path / "shelf.jsonl"
    frozen.write(file, [mapper(vault, Shelf).to_stored_event(e) for e in shelf.collect_events()])
    loaded = frozen.load(file, mapper(vault, Shelf), shelf.id)
    assert isinstance(loaded, Shelf)
    assert loaded == shelf
