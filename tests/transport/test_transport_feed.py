"""The feed: contiguous, frozen, in the order of the log, never about what others told."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from transport_world import NOW, OVERDUE, WITHDRAWN, person, publish

from events.contract.envelope import CloudEvent, partition_of
from events.contract.registry import published_type
from events.follow.checkpoint import LostLease
from events.log import identity
from events.transport.feed import FeedFollower, Published
from events.transport.source import Heads
from events.transport.tables import FEED


def told(source):
    return [CloudEvent.from_bytes(body) for body in source.bodies()]


def test_numbers_are_contiguous_from_one_in_each_partition(source):
    source.tell(*range(40))
    source.tell(*range(20, 60), heard=False)
    numbers: dict[int, list[int]] = {}
    for event in told(source):
        assert event.partition == partition_of(event.key)
        numbers.setdefault(event.partition, []).append(event.sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert source.local.heads() == Heads(1, {partition: len(found) for partition, found in numbers.items()})


def test_what_is_told_is_valid_by_its_schema_and_carries_its_origin(source):
    source.tell(1)
    [event] = told(source)
    assert published_type(event.type).schema().validate(dict(event.data)) == {}
    assert (event.source, event.generation, event.key) == ("/daybook/medication_review", 1, str(person(1)))
    assert (event.occurred_at, event.actor, event.correlation_id) == (NOW, "person:1", "conversation")
    assert event.causation_id is not None


def test_a_copy_that_takes_over_goes_on_with_the_numbers(source):
    source.tell(1, 2, 3)
    first = source.feed
    source.feed = FeedFollower(source.database, source.log, publish)
    source.tell(1, 2, 3)
    assert [event.sequence for event in told(source) if event.key == str(person(1))] == [1, 2]
    source.say(4)
    with pytest.raises(LostLease):
        first.step()


def test_what_was_told_stays_told_whatever_publishing_says_later(source):
    source.tell(1)
    before = source.bodies()
    renamed = lambda event: [Published(WITHDRAWN, one.key, dict(one.data)) for one in publish(event)]  # noqa: E731
    source.feed = FeedFollower(source.database, source.log, renamed)
    source.freeze()
    assert source.bodies() == before


@pytest.mark.parametrize("change", [update(FEED).values(body=b"{}"), delete(FEED)])
def test_the_database_refuses_to_change_the_feed(source, change):
    source.tell(1)
    with pytest.raises(DBAPIError, match="never changed"), source.database.begin() as tx:
        tx.execute(change)


def test_an_event_that_does_not_fit_the_contract_is_parked_with_its_key_and_the_others_go_on(source):
    def broken(event):
        for one in publish(event):
            bad = one.key == str(person(1))
            yield replace(one, data={**one.data, "due_at": "soon"}) if bad else one

    source.feed = FeedFollower(source.database, source.log, broken)
    source.tell(1, 2, 1, 3)
    assert [event.key for event in told(source)] == [str(person(2)), str(person(3))]
    assert source.feed.parked_keys == 1


def test_an_event_of_another_services_language_is_not_published(source):
    def foreign(event):
        for one in publish(event):
            yield Published("scheduling.session_cancelled.v1", one.key, {"session_id": one.key, "reason": "none"})

    source.feed = FeedFollower(source.database, source.log, foreign)
    source.tell(1)
    assert told(source) == []


def test_received_events_are_never_told_again(source, hearer):
    source.tell(1, 2, 3)
    hearer.receiver.catch_up()
    feed = FeedFollower(hearer.database, hearer.log, lambda event: pytest.fail("a received event was to be told"))
    while feed.step():
        pass
    with hearer.database.read() as connection:
        assert connection.execute(select(FEED)).all() == []


def test_after_a_restore_new_events_have_the_next_generation_and_numbers_from_one(source):
    source.tell(1, 1)
    source.say(1)  # decided before the restore, not told yet
    identity.mint_generation(source.database, NOW)
    source.open()
    source.tell(1)
    found = [(event.generation, event.sequence) for event in told(source)]
    assert found == [(1, 1), (1, 2), (1, 3), (2, 1)]
    partition = partition_of(str(person(1)))
    assert source.local.heads() == Heads(2, {partition: 1}, {1: {partition: 3}})
    assert len(source.local.read(partition, 0)) == 1
    assert len(source.local.read(partition, 1, generation=1)) == 2


def test_types_of_the_tests_are_published_types():
    assert published_type(OVERDUE).key == published_type(WITHDRAWN).key == "participant_id"
