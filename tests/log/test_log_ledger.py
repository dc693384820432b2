"""The ledger names the first place where a log is not what was sealed."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from events.log import ledger
from events.log.errors import LedgerForked
from events.log.event import Record
from events.log.identity import Identity, mint_generation
from events.log.schema import APPEND_ONLY
from tests.conftest import FixedClock
from tests.support.library import Library


def seal_all(library: Library, batch: int = 4) -> None:
    log = library.log
    while True:
        with log.database.read() as connection:
            after = ledger.tail(connection).position
        records = log.records(after, batch)
        if not records:
            return
        with log.database.begin() as tx:
            ledger.seal(tx, log.identity, after, records)


@pytest.fixture
def sealed(library: Library) -> Library:
    shelf = uuid4()
    library.put_up(shelf)
    for number in range(9):
        library.place(shelf, f"book {number}")
    seal_all(library)
    return library


def forge(library: Library, *statements: str) -> None:
    """What someone could do who is stronger than the guards."""
    database = library.log.database
    with database.begin() as tx:
        if database.dialect == "sqlite":
            for name in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
                tx.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in APPEND_ONLY:
                tx.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            tx.exec_driver_sql(statement)


def test_an_untouched_log_verifies_and_says_what_is_not_sealed_yet(sealed: Library) -> None:
    sealed.put_up(uuid4())
    found = ledger.verify(sealed.log.database)
    assert (found.ok, found.events, found.unsealed, found.first_bad_position) == (True, 10, 1, None)


def test_an_empty_log_verifies(library: Library) -> None:
    assert ledger.verify(library.log.database).ok


@pytest.mark.parametrize(
    ("statement", "position", "reason"),
    [
        ("UPDATE log SET state = '{}' WHERE position = 4", 4, "not the one"),
        ("UPDATE log SET type = 'library.shelf.other' WHERE position = 1", 1, "not the one"),
        ("UPDATE log SET recorded_at = recorded_at + 1 WHERE position = 10", 10, "not the one"),
        ("UPDATE log SET version = 99 WHERE position = 5", 5, "not the one"),
        ("UPDATE log SET stream = '00000000000000000000000000000000' WHERE position = 6", 6, "not the one"),
        ("DELETE FROM log WHERE position = 7", 7, "removed"),
        ("DELETE FROM log WHERE position > 8", 9, "removed"),
        ("DELETE FROM ledger WHERE position = 3", 3, "inserted"),
        ("UPDATE ledger SET leaf = chain WHERE position = 2", 2, "not the one"),
        ("UPDATE ledger SET chain = leaf WHERE position = 8", 8, "chain"),
        ("UPDATE ledger SET predecessor = 999 WHERE position = 8", 8, "predecessor"),
        ("UPDATE ledger SET recorded_max = recorded_max + 1 WHERE position = 9", 9, "running maximum"),
        ("UPDATE log_generation SET first_position = 5", 1, "not the one"),
    ],
)
def test_tampering_is_found_and_the_place_is_named(sealed: Library, statement: str, position: int, reason: str) -> None:
    forge(sealed, statement)
    found = ledger.verify(sealed.log.database)
    assert (found.ok, found.first_bad_position, found.events) == (False, position, position - 1)
    assert reason in (found.reason or "")


@pytest.mark.parametrize(
    "change", ["stream = 'no uuid'", "version = 'x'", "recorded_at = x'00'", "state = 17", "type = x'ff'"]
)
def test_a_column_of_another_type_is_found_too(sealed: Library, change: str) -> None:
    if sealed.log.database.dialect == "postgresql":
        return  # PostgreSQL itself refuses another type
    forge(sealed, f"UPDATE log SET {change} WHERE position = 4")
    assert ledger.verify(sealed.log.database).first_bad_position == 4


def test_records_that_changed_places_are_found(sealed: Library) -> None:
    forge(
        sealed,
        "UPDATE log SET position = 1000 WHERE position = 4",
        "UPDATE log SET position = 4 WHERE position = 5",
        "UPDATE log SET position = 5 WHERE position = 1000",
    )
    assert ledger.verify(sealed.log.database).first_bad_position == 4


def test_an_inserted_record_is_found(sealed: Library) -> None:
    forge(
        sealed,
        "UPDATE ledger SET position = position + 100 WHERE position = 10",
        "UPDATE log SET position = position + 100 WHERE position = 10",
        "INSERT INTO log SELECT 50, stream, 77, recorded_at, type, state FROM log WHERE position = 2",
    )
    found = ledger.verify(sealed.log.database)
    assert (found.first_bad_position, found.reason) == (50, "a record was inserted, or its seal was removed")


def test_two_sealers_cannot_fork(sealed: Library) -> None:
    sealed.put_up(uuid4())
    records = sealed.log.records(10, 10)
    with sealed.log.database.begin() as tx:
        ledger.seal(tx, sealed.log.identity, 10, records)
    with pytest.raises(LedgerForked), sealed.log.database.begin() as tx:
        ledger.seal(tx, sealed.log.identity, 10, records)


def test_erasing_keys_leaves_the_proof_whole(sealed: Library) -> None:
    sealed.log.vault.destroy(str(sealed.log.read(0, 1)[0].stream))
    assert ledger.verify(sealed.log.database).ok


def test_an_instant_resolves_to_the_last_position_recorded_by_then(library: Library, clock: FixedClock) -> None:
    start = clock.now
    shelf = uuid4()
    library.put_up(shelf)
    for minutes in (10, 5, 20):  # the clock went back once: the running maximum decides
        clock.now = start + timedelta(minutes=minutes)
        library.place(shelf, f"at {minutes}")
    positions = [e.position for e in library.log.read(0, 10)]
    expected = {-1: 0, 0: positions[0], 7: positions[0], 10: positions[2], 19: positions[2], 60: positions[3]}
    clock.now = start + timedelta(minutes=60)

    def resolved() -> dict[int, int]:
        return {m: library.log.position_at(start + timedelta(minutes=m)) for m in expected}

    assert resolved() == expected
    seal_all(library, batch=3)
    assert resolved() == expected


def test_the_canonical_form_is_fixed_for_ever() -> None:
    identity = Identity(UUID(int=1), (1, 5))
    record = Record(7, UUID(int=2), 3, 1_772_442_000_000_000, "library.shelf.put_up", b'{"data":{}}')
    expected = (
        b"daybook:record:1"
        b"\x00\x00\x00\x10" + UUID(int=1).bytes + b"\x00\x00\x00\x08" + (2).to_bytes(8, "big")
        + b"\x00\x00\x00\x08" + (7).to_bytes(8, "big") + b"\x00\x00\x00\x10" + UUID(int=2).bytes
        + b"\x00\x00\x00\x08" + (3).to_bytes(8, "big")
        + b"\x00\x00\x00\x08" + (1_772_442_000_000_000).to_bytes(8, "big")
        + b"\x00\x00\x00\x14library.shelf.put_up" + b'\x00\x00\x00\x0b{"data":{}}'
    )  # fmt: skip
    assert ledger.canonical(identity, record) == expected
    assert ledger.leaf_hash(identity, record) == hashlib.sha256(b"\x00" + expected).digest()
    assert ledger.leaf_hash(identity, record).hex() == GOLDEN_LEAF


GOLDEN_LEAF = "6d5df85ab139274384579eb0b10e259aeffffb61ab64516e3b169dd32d17e6fe"


def test_a_new_generation_keeps_old_identities_and_gives_new_ones(library: Library, clock: FixedClock) -> None:
    library.put_up(uuid4())
    before = library.log.read(0, 1)[0].id
    assert library.log.generation == 1
    assert mint_generation(library.log.database, clock.now) == 2
    again = reopened(library, clock)
    again.put_up(uuid4())
    first, second = again.log.read(0, 2)
    assert (first.id, again.log.generation, again.log.log_id) == (before, 2, library.log.log_id)
    assert second.id != library.log.identity.event_id(second.position)
    seal_all(again)
    assert ledger.verify(again.log.database).ok


def reopened(library: Library, clock: Any) -> Library:
    log = library.log
    return Library(type(log)(log.database, log.registry, log.vault, clock))
