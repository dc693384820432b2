"""Whatever order, duplication and loss: each event enters the log once, in the order of its partition."""

import dataclasses
import logging
from uuid import uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transport_world import NOW, Echo, Hearer, Source, Tampered, person, sqlite_url

from events.contract.envelope import CloudEvent, partition_of
from events.follow.checkpoint import LostLease
from events.log import identity
from events.transport.marks import Place
from events.transport.oversight import NoSuchMessage, Oversight
from events.transport.receiver import Message
from events.transport.source import SourceUnavailable


def messages(source):
    return [Message(body) for body in source.bodies()]


def changed(message, **changes):
    event = CloudEvent.from_bytes(message.body)
    return dataclasses.replace(message, body=dataclasses.replace(event, **changes).to_bytes())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_across_sources_and_keys_any_duplication_and_loss_ends_in_the_same_log(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrival")
    keys = f"sqlite:///{folder / 'keys.sqlite'}"
    source = Source(sqlite_url(folder, "medication_review"), keys)
    people = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=25), "people")
    for number in people:
        source.say(number, heard=data.draw(st.booleans(), "heard"))
    source.freeze()
    echo = Echo(source.local)
    hearer = Hearer(sqlite_url(folder, "attendance"), keys, [source.local, echo])
    try:
        told = messages(source)
        told += [Message(echo.of(message.body)) for message in told]
        arrivals = data.draw(st.lists(st.sampled_from(told), max_size=40), "arrivals")
        while arrivals:
            size = data.draw(st.integers(1, len(arrivals)), "batch")
            hearer.receiver.accept(arrivals[:size])
            arrivals = arrivals[size:]
            if data.draw(st.booleans(), "restart"):
                hearer.receiver = hearer.another_receiver()
            if data.draw(st.booleans(), "compare"):
                hearer.receiver.catch_up(data.draw(st.sets(st.integers(0, 63)), "partitions"))
        hearer.receiver.catch_up()
        assert hearer.known() == source.consumed()
        echoed = {place: [uuid5(one, "echo") for one in ids] for place, ids in source.consumed().items()}
        assert hearer.known(echo.source) == echoed
        assert hearer.marks() == {
            Place(name, 1, partition): head
            for partition, head in source.local.heads().heads.items()
            for name in (source.log.source, echo.source)
        }
        assert not Oversight(hearer.database, hearer.log).halted()
    finally:
        hearer.close()
        source.database.close()


def test_in_order_everything_is_taken_without_asking_the_source(source, hearer, monkeypatch):
    source.tell(*range(50))
    monkeypatch.setattr(type(source.local), "read", lambda *_, **__: pytest.fail("nothing was missing"))
    assert hearer.receiver.accept(messages(source)) == 50
    assert hearer.known() == source.consumed()


def test_types_that_are_not_consumed_are_passed_but_not_kept(source, hearer):
    source.tell(1, heard=False)
    source.tell(1)
    hearer.receiver.accept(messages(source))
    assert [len(ids) for ids in hearer.known().values()] == [1]
    assert list(hearer.marks().values()) == [2]


def test_a_gap_is_pulled_and_the_other_partitions_go_on_meanwhile(source, hearer):
    source.tell(1, 1, 2)
    _first, second, other = messages(source)
    assert partition_of(str(person(1))) != partition_of(str(person(2)))
    hearer.receiver.accept([second, other])
    assert hearer.known() == {(1, partition_of(str(person(2)))): [CloudEvent.from_bytes(other.body).id]}
    assert set(hearer.receiver.behind) == {(source.log.source, partition_of(str(person(1))))}
    hearer.receiver.catch_up()
    assert hearer.known() == source.consumed()
    assert not hearer.receiver.behind


def test_the_stored_bytes_are_those_that_were_told(source, hearer):
    source.tell(1)
    hearer.receiver.accept(messages(source))
    [record] = hearer.log.records(0, 10)
    assert record.state == source.bodies()[0]


def test_two_copies_on_the_same_partition_one_wins_and_the_other_stores_nothing(source, hearer):
    source.tell(1, 1)
    first, second = messages(source)
    other = hearer.another_receiver()
    other.marks()
    hearer.receiver.accept([first])
    with pytest.raises(LostLease):
        other.accept([first])
    other.accept([first, second])  # it has looked again
    with pytest.raises(LostLease):
        hearer.receiver.accept([second])
    assert hearer.known() == source.consumed()


def test_another_event_under_a_known_number_halts_its_partition_loudly_and_only_that(source, hearer, caplog):
    source.tell(1, 1, 2)
    first, second, other = messages(source)
    hearer.receiver.accept([first, second])
    oversight = Oversight(hearer.database, hearer.log)
    for forged in (changed(first, id=uuid4()), changed(second, id=uuid4())):
        with caplog.at_level(logging.ERROR):
            hearer.receiver.catch_up()
            hearer.receiver.accept([forged])
        assert "HALTED" in caplog.text
        [place] = oversight.halted()
        assert place == Place(source.log.source, 1, partition_of(str(person(1))))
        oversight.resume(place)
        caplog.clear()
    hearer.receiver.accept([changed(first, id=uuid4()), other])
    source.tell(1, 2)
    hearer.receiver.accept(messages(source))
    hearer.receiver.catch_up()
    known = hearer.known()
    assert len(known[1, partition_of(str(person(1)))]) == 2
    assert len(known[1, partition_of(str(person(2)))]) == 2
    restarted = hearer.another_receiver()
    restarted.catch_up()
    assert list(oversight.halted()) == [place]
    assert hearer.known() != source.consumed()
    oversight.resume(place)
    restarted.catch_up()
    assert hearer.known() == source.consumed()


def test_a_feed_that_ends_before_what_it_told_halts(source, hearer, monkeypatch):
    source.tell(1, 1)
    hearer.receiver.catch_up()
    heads = source.local.heads()
    shorter = dataclasses.replace(heads, heads=dict.fromkeys(heads.heads, 1))
    monkeypatch.setattr(source.local, "heads", lambda: shorter)
    hearer.receiver.catch_up()
    [reason] = Oversight(hearer.database, hearer.log).halted().values()
    assert "restored without a new generation" in reason


def number(event):
    return event.generation, event.partition, event.sequence


@pytest.mark.parametrize("garbage", [b"{}", b"null", b'{"specversion":"1.0"}'])
def test_an_unreadable_event_in_a_feed_halts_its_place_and_the_pull_goes_on(source, hearer, caplog, garbage):
    source.tell(1, 2, 1, 1, 2, 3)
    mine = partition_of(str(person(1)))
    unreadable = (1, mine, 2)
    tampered = Tampered(source.local, lambda event, body: garbage if number(event) == unreadable else body)
    receiver = hearer.another_receiver([tampered])
    with caplog.at_level(logging.ERROR):
        receiver.catch_up()
    wanted = source.consumed()
    wanted[1, mine] = wanted[1, mine][:1]
    assert hearer.known() == wanted
    oversight = Oversight(hearer.database, hearer.log)
    [(place, reason)] = oversight.halted().items()
    assert place == Place(source.log.source, 1, mine)
    assert reason.startswith("number 2 of its feed is unreadable: ")
    assert reason in caplog.text
    assert not receiver.behind
    source.tell(1, 2)
    receiver.accept(messages(source)[-2:])
    receiver.catch_up()
    assert hearer.marks()[place] == 1
    tampered.change = lambda _event, body: body  # the program was mended
    oversight.resume(place)
    receiver.catch_up()
    assert hearer.known() == source.consumed()
    assert not oversight.halted()


def test_an_event_of_another_keys_partition_in_a_feed_halts_its_place(source, hearer):
    source.tell(1)

    def forge(event, _body):
        return dataclasses.replace(event, key="another").to_bytes()

    hearer.another_receiver([Tampered(source.local, forge)]).catch_up()
    [reason] = Oversight(hearer.database, hearer.log).halted().values()
    assert "partition is not that of the subject" in reason
    assert hearer.known() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda event: {"sequence": event.sequence + 1}, id="other numbers"),
        pytest.param(lambda event: {"source": "/daybook/enrollment"}, id="another source's"),
        pytest.param(lambda event: {"generation": 7}, id="another generation's"),
        pytest.param(lambda event: None, id="none at all"),
    ],
)
def test_a_partition_whose_feed_answers_wrongly_is_asked_again_and_the_others_go_on(source, hearer, caplog, wrong):
    source.tell(1, 2, 3, 1, 2, 3)
    mine = partition_of(str(person(2)))

    def answer(event, body):
        if event.partition != mine:
            return body
        changes = wrong(event)
        return changes and dataclasses.replace(event, **changes).to_bytes()

    tampered = Tampered(source.local, answer)
    receiver = hearer.another_receiver([tampered])
    receiver.catch_up()
    receiver.catch_up()
    wanted = source.consumed()
    del wanted[1, mine]
    assert hearer.known() == wanted
    assert set(receiver.behind) == {(source.log.source, mine)}
    assert caplog.text.count("cannot pull") == 1
    assert not Oversight(hearer.database, hearer.log).halted()
    tampered.change = lambda _event, body: body
    receiver.catch_up()
    assert hearer.known() == source.consumed()
    assert not receiver.behind


def test_what_was_pulled_before_a_source_fell_silent_is_kept(source, hearer, monkeypatch):
    source.tell(*range(20))
    pages = []

    def falls_silent(event, body):
        pages.append(event.partition)
        if len(set(pages)) > 3:
            raise SourceUnavailable("no answer")
        return body

    receiver = hearer.another_receiver([Tampered(source.local, falls_silent)])
    receiver.catch_up()
    assert {partition for _, partition in hearer.known()} == set(pages[:-1])
    hearer.receiver.catch_up()
    assert hearer.known() == source.consumed()


def test_a_new_generation_waits_for_what_is_halted_in_the_one_before(source, hearer):
    source.tell(1, 1, 2)
    identity.mint_generation(source.database, NOW)
    source.open()
    source.tell(1, 2)
    mine, others = (partition_of(str(person(number))) for number in (1, 2))
    tampered = Tampered(source.local, lambda event, body: b"{}" if number(event) == (1, mine, 2) else body)
    receiver = hearer.another_receiver([tampered])
    receiver.catch_up()
    receiver.catch_up()
    assert set(hearer.known()) == {(1, mine), (1, others), (2, others)}
    assert len(hearer.known()[1, mine]) == 1
    tampered.change = lambda _event, body: body
    Oversight(hearer.database, hearer.log).resume(Place(source.log.source, 1, mine))
    receiver.catch_up()
    assert hearer.known() == source.consumed()


def test_a_copy_that_slept_halts_nothing_that_another_has_passed_since(source, hearer):
    source.tell(1)
    sleeper = hearer.another_receiver([Tampered(source.local, lambda *_: b"{}")])
    sleeper.marks()
    hearer.receiver.catch_up()
    with pytest.raises(LostLease):
        sleeper.catch_up()
    assert not Oversight(hearer.database, hearer.log).halted()


def test_a_new_generation_is_taken_after_the_rest_of_the_one_before(source, hearer):
    source.tell(1)
    hearer.receiver.accept(messages(source))
    source.tell(1)
    source.say(1)
    identity.mint_generation(source.database, NOW)
    source.open()
    source.tell(1)
    hearer.receiver.accept([messages(source)[-1]])  # the new generation's first overtakes what was lost on the broker
    hearer.receiver.catch_up()
    partition = partition_of(str(person(1)))
    assert list(hearer.known()) == [(1, partition), (2, partition)]
    assert hearer.known() == source.consumed()
    place = Place(source.log.source, 1, partition)
    assert hearer.marks() == {place: 3, dataclasses.replace(place, generation=2): 1}


def test_what_the_source_forgot_by_a_restore_stays_known(source, hearer, monkeypatch):
    source.tell(1)
    told = messages(source)[0]
    forgotten = changed(told, id=uuid4(), sequence=2)
    hearer.receiver.accept([told, forgotten])
    identity.mint_generation(source.database, NOW)
    source.open()
    source.tell(1)
    hearer.receiver.catch_up()
    assert not Oversight(hearer.database, hearer.log).halted()
    assert [len(ids) for ids in hearer.known().values()] == [2, 1]


@pytest.mark.parametrize("learned", ["from the heads", "from a message", "from the marks, after a restart"])
def test_messages_of_an_old_generation_are_taken_no_further_than_the_source_still_tells(source, hearer, learned):
    source.tell(1, 2)
    first, other = messages(source)
    forgotten = changed(first, id=uuid4(), sequence=2)
    hearer.receiver.accept([first, other])
    source.say(2)
    identity.mint_generation(source.database, NOW)
    source.open()
    if learned == "from the heads":
        hearer.receiver.catch_up()
        source.freeze()  # an old event that was told late is the source's all the same
    else:
        source.tell(3)
    late = messages(source)[2]
    if learned == "from a message":
        hearer.receiver.accept([messages(source)[3]])
    elif learned == "from the marks, after a restart":
        hearer.receiver.catch_up({partition_of(str(person(3)))})
        hearer.receiver = hearer.another_receiver()
    hearer.receiver.accept([forgotten, late])
    mine, others = (Place(source.log.source, 1, partition_of(str(person(who)))) for who in (1, 2))
    assert (hearer.marks()[mine], hearer.marks()[others]) == (1, 1)
    source.tell(1, 2, 3)
    hearer.receiver.catch_up()
    hearer.receiver.accept([forgotten])
    hearer.receiver.catch_up()
    assert hearer.known() == source.consumed()
    assert (hearer.marks()[mine], hearer.marks()[others]) == (1, 2)
    assert not hearer.receiver.behind
    assert not Oversight(hearer.database, hearer.log).halted()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"source": "/daybook/stranger"}, "source"),
        ({"sequence": 0}, "sequence"),
        ({"partition": 65}, "partition"),
        ({"key": "another"}, "partition"),
    ],
)
def test_what_does_not_fit_the_transport_is_parked_raw(source, hearer, change, reason):
    source.tell(1)
    forged = changed(messages(source)[0], **change)
    hearer.receiver.accept([forged, forged])
    [(body, why)] = hearer.unreadable()
    assert body == forged.body
    assert reason in why
    assert hearer.known() == {}


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"[]", b'{"specversion":"0.3"}', b'{"specversion":"1.0"}'])
def test_unreadable_bytes_are_parked_to_the_byte_and_the_rest_of_the_batch_goes_on(source, hearer, body):
    source.tell(1)
    hearer.receiver.accept([Message(body, "medication_review.01", "attendance.inbox.1"), *messages(source)])
    assert hearer.known() == source.consumed()
    oversight = Oversight(hearer.database, hearer.log)
    [parked] = oversight.unreadable()
    assert (oversight.body(parked.hash), parked.size) == (body, len(body))
    oversight.discard(parked.hash)
    assert not oversight.unreadable()
    with pytest.raises(NoSuchMessage):
        oversight.body(parked.hash)
    notes = [event for event in hearer.log.read(0, 100) if event.origin is None]
    assert [(note.type, note.data["hash"]) for note in notes] == [
        ("daybook.unreadable_message_parked", parked.hash),
        ("daybook.unreadable_message_discarded", parked.hash),
    ]


def test_a_silent_source_holds_up_nobody_else_and_is_asked_again(source, hearer, monkeypatch, caplog):
    source.tell(1)

    def silent():
        raise SourceUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(source.local, "heads", silent)
        hearer.receiver.catch_up()
        hearer.receiver.catch_up()
    assert caplog.text.count("cannot pull") == 1
    hearer.receiver.catch_up()
    assert hearer.known() == source.consumed()


def test_a_long_absence_is_pulled_in_portions(source, hearer, monkeypatch):
    monkeypatch.setattr("events.transport.comparing.PULL_AT_ONCE", 7)
    source.tell(*range(30))
    rounds = 0
    while hearer.receiver.catch_up():
        rounds += 1
    assert rounds >= 5
    assert hearer.known() == source.consumed()
