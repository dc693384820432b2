"""Received records, notes, and waiting for them."""

import time
from datetime import UTC, datetime
from threading import Timer
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.contract.envelope import CloudEvent
from events.log.database import Database
from events.log.errors import ContradictingSource, UnregisteredType
from events.log.event import Origin
from tests.conftest import FixedClock
from tests.support.library import Library
from tests.support.patience import PATIENCE_SECONDS


def told(sequence: int, event_id: UUID | None = None, **changes: Any) -> CloudEvent:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": event_id or UUID(int=sequence),
        "source": "/daybook/scheduling",
        "generation": 1,
        "partition": 7,
        "sequence": sequence,
        "type": "scheduling.booking_made.v1",
        "key": "participant",
        "occurred_at": at,
        "recorded_at": at,
        "correlation_id": "correlation",
        "causation_id": None,
        "actor": "someone",
        "traceparent": None,
        "data": {"n": sequence},
    }
    return CloudEvent(**(values | changes))


def receive(library: Library, *events: CloudEvent, bodies: list[bytes] | None = None) -> int:
    with library.log.database.begin() as tx:
        return library.log.receive(tx, events, bodies)


def test_received_events_are_records_of_this_log_with_their_origin(library: Library, clock: FixedClock) -> None:
    library.put_up(uuid4())
    assert receive(library, told(1), told(2)) == 2
    event = library.log.read(1, 1)[0]
    assert (event.type, event.data, event.key) == ("scheduling.booking_made.v1", {"n": 1}, "participant")
    assert event.origin == Origin("/daybook/scheduling", 1, 7, 1, UUID(int=1))
    assert (event.id, event.recorded_at, event.version) == (UUID(int=1), clock.now, 1)
    assert event.occurred_at == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_duplicate_is_dropped_in_a_batch_and_later(library: Library) -> None:
    assert receive(library, told(1), told(2), told(1)) == 2
    assert receive(library, told(2), told(3)) == 1
    assert [e.data["n"] for e in library.log.read(0, 10)] == [1, 2, 3]


def test_another_event_id_at_a_known_number_halts_loudly(library: Library) -> None:
    receive(library, told(1))
    with pytest.raises(ContradictingSource, match="generation 1 partition 7 sequence 1"):
        receive(library, told(2), told(1, uuid4()))
    with pytest.raises(ContradictingSource):
        receive(library, told(5), told(5, uuid4()))
    assert len(library.log.read(0, 10)) == 1


def test_the_same_number_of_another_source_generation_or_partition_is_another_event(library: Library) -> None:
    others = [{"source": "/daybook/enrollment"}, {"generation": 2}, {"partition": 8}]
    assert receive(library, told(1), *(told(1, uuid4(), **other) for other in others)) == 4


def test_a_message_is_stored_to_the_byte(library: Library) -> None:
    body = told(1).to_bytes().replace(b'"partition":7', b'"partition": 7, "extension":"kept"')
    receive(library, told(1), bodies=[body])
    assert library.log.records(0, 1)[0].state == body
    assert library.log.read(0, 1)[0].data == {"n": 1}


def test_what_is_received_in_a_transaction_that_rolls_back_was_never_received(library: Library) -> None:
    with pytest.raises(ZeroDivisionError), library.log.database.begin() as tx:
        library.log.receive(tx, [told(1)])
        raise ZeroDivisionError
    assert library.log.read(0, 10) == []


def test_notes_are_records_with_a_stream_per_type_and_key(library: Library) -> None:
    with library.log.database.begin() as tx:
        first = library.log.note(tx, "daybook.parked", {"position": 1}, key="a")
        second = library.log.note(tx, "daybook.parked", {"position": 2}, key="a")
        library.log.note(tx, "daybook.released", {"position": 2}, key="a")
    events = library.log.read(0, 10)
    assert [e.position for e in events][:2] == [first, second]
    assert [(e.type, e.version, e.key) for e in events] == [
        ("daybook.parked", 1, "a"),
        ("daybook.parked", 2, "a"),
        ("daybook.released", 1, "a"),
    ]
    assert events[1].data == {"position": 2}


def test_a_note_cannot_pass_for_an_event(library: Library) -> None:
    with pytest.raises(UnregisteredType), library.log.database.begin() as tx:
        library.log.note(tx, "library.shelf.put_up", {}, key="a")


def test_reading_stops_at_limit_and_at_upto(library: Library) -> None:
    receive(library, *(told(n) for n in range(1, 8)))
    assert [e.position for e in library.log.read(2, 3)] == [3, 4, 5]
    assert [e.position for e in library.log.read(2, 10, upto=4)] == [3, 4]


def test_reading_only_some_types_passes_the_others(library: Library) -> None:
    receive(library, *(told(n, type=f"scheduling.{'odd' if n % 2 else 'even'}.v1") for n in range(1, 8)))
    types = ["received:scheduling.even.v1", "received:scheduling.none.v1"]
    assert [r.position for r in library.log.records(0, 2, types=types)] == [2, 4]
    assert [r.position for r in library.log.records(2, 10, 5, types)] == [4]
    assert library.log.records(0, 10, types=[]) == []


def test_waiting_ends_when_something_is_appended(library: Library) -> None:
    Timer(0.15, receive, (library, told(1))).start()
    assert library.log.wait(0, PATIENCE_SECONDS) == 1  # not 0, as when its time is over


def test_waiting_ends_when_another_process_appends(library: Library) -> None:
    """On PostgreSQL another ``Database`` is as good as another process: nothing wakes the waiter but the log."""
    log = library.log
    if log.database.dialect == "sqlite":
        return  # one process only
    elsewhere = Database.open(log.database.url.render_as_string(hide_password=False), log.service)
    receive(library, told(1))

    def append() -> None:
        with elsewhere.begin() as tx:
            log.receive(tx, [told(2)])

    waiting = Timer(0.15, append)
    waiting.start()
    assert log.wait(1, PATIENCE_SECONDS) == 2
    waiting.join()
    assert log.wait(1, PATIENCE_SECONDS) == 2
    assert log.wait(2, 0) == 2
    elsewhere.close()


def test_waiting_ends_at_its_time_out(library: Library) -> None:
    started = time.monotonic()
    assert library.log.wait(0, 0.1) == 0
    assert time.monotonic() - started >= 0.09
