"""A source that does not answer holds up nothing but itself."""

import socket
import threading

import pytest
from transport_loops import all_heard, eventually, listening, relaying
from transport_world import Tampered, person

from events.contract.envelope import partition_of
from events.follow.lease import Leases
from events.transport.inbox import KIND
from events.transport.receiver import Message
from events.transport.source import HttpFeed

FOR_EVER = 3600


@pytest.fixture
def frozen():
    """A source that lets everybody in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/enrollment/feed"
        yield HttpFeed("/daybook/enrollment", url, timeout=FOR_EVER)


@pytest.mark.processes
@pytest.mark.parametrize("over", ["the broker", "the feed"])
def test_a_frozen_source_holds_up_neither_the_others_nor_the_leases(source, hearer, frozen, over, request):
    hearer.sources = [frozen, source.local]
    url = request.getfixturevalue("rabbitmq_url") if over == "the broker" else None
    source.tell(*range(20))
    with listening(hearer, url) as copy:
        eventually(all_heard(source, hearer), what="what was told before")
        other = Leases(hearer.database, "another copy", ttl=copy.leases.ttl)
        names = [str(queue) for queue in range(copy.inbox.queues)]
        eventually(lambda: other.balance(KIND, names) and len(copy.inbox.owned) == 2, what="an even share")
        other.release()
        eventually(lambda: len(copy.inbox.owned) == 4, what="taking over")
        source.tell(*range(20))
        if url is None:
            eventually(all_heard(source, hearer), what="what was told since")
            return
        with relaying(source, url):
            eventually(all_heard(source, hearer), what="what was told since")


class Slow(Tampered):
    """A source whose pages come when ``gate`` is open, as they were when they were asked for: then ``asked`` is set."""

    remote = True

    def __init__(self, original):
        super().__init__(original, lambda _event, body: body)
        self.asked = threading.Event()
        self.gate = threading.Event()

    def read(self, *asked, **more):
        page = super().read(*asked, **more)
        self.asked.set()
        self.gate.wait()
        return page


@pytest.fixture
def slow(source):
    made = Slow(source.local)
    yield made
    made.gate.set()


@pytest.fixture
def receiver(hearer, slow):
    return hearer.another_receiver([slow])


def test_what_a_slow_source_answers_is_taken_once_it_has_come(source, hearer, slow, receiver):
    source.tell(1, 2)
    assert receiver.catch_up(grace=0) == receiver.catch_up(grace=0) == receiver.collect() == 0
    slow.gate.set()
    eventually(receiver.collect)
    assert hearer.known() == source.consumed()


def test_what_is_found_missing_while_a_source_is_asked_is_asked_for_again(source, hearer, slow, receiver):
    source.tell(1)
    receiver.catch_up(grace=0)
    slow.asked.wait()
    source.tell(1, 1)
    receiver.accept([Message(source.bodies()[2])])
    slow.gate.set()
    eventually(receiver.collect)
    assert set(receiver.behind) == {(source.log.source, partition_of(str(person(1))))}
    eventually(lambda: receiver.catch_up(patient=True))
    assert hearer.known() == source.consumed()
    assert not receiver.behind


def test_messages_that_come_while_a_source_is_asked_are_taken_and_its_answer_doubles_nothing(
    source, hearer, slow, receiver
):
    source.tell(1, 1)
    receiver.catch_up(grace=0)
    slow.asked.wait()
    assert receiver.accept([Message(body) for body in source.bodies()]) == 2
    slow.gate.set()
    source.tell(1)
    eventually(lambda: receiver.catch_up() + receiver.collect())
    assert hearer.known() == source.consumed()


def test_what_comes_for_partitions_that_are_another_copys_now_is_left_to_it(source, hearer, slow, receiver):
    source.tell(1, 2)
    mine, gone = (partition_of(str(person(number))) for number in (1, 2))
    receiver.catch_up({mine, gone}, grace=0)
    slow.gate.set()
    eventually(lambda: receiver.collect({mine}))
    assert set(hearer.known()) == {(1, mine)}
