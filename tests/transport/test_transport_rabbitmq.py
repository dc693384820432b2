"""Over real RabbitMQ: the broker is a fast path. Whatever it loses arrives all the same, without a restart."""

import threading
import time

import pytest
from sqlalchemy import select
from transport_loops import Copy, Loop, all_heard, eventually, listening, queue_names, relaying
from transport_world import Hearer, Source

from events.contract.envelope import CloudEvent
from events.transport import broker, topology
from events.transport.inbox import Inbox
from events.transport.relay import Relay
from events.transport.tables import FEED
from tests.support import rabbit

pytestmark = pytest.mark.processes
FOR_EVER = 3600
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For tests about the broker's own faults: one kind of database is enough."""


@pytest.fixture
def channel(rabbitmq_url):
    with rabbit.connect(rabbitmq_url) as connection:
        yield connection.channel()


def depth(channel, queue):
    return channel.queue_declare(queue, passive=True).message_count


def test_what_is_told_arrives_over_the_broker_without_pulling(source, hearer, rabbitmq_url, monkeypatch):
    monkeypatch.setattr(type(source.local), "read", lambda *_, **__: pytest.fail("nothing was lost"))
    with (
        listening(hearer, rabbitmq_url, compare_seconds=FOR_EVER),
        relaying(source, rabbitmq_url) as relay,
    ):
        for name in queue_names("attendance"):
            eventually(lambda name=name: _consumers(rabbitmq_url, name))
        for number in range(200):
            source.say(number % 17, heard=number % 3 != 0)
        source.freeze()
        eventually(all_heard(source, hearer))
    assert relay.unrouted == 0


@ON_SQLITE
def test_a_relay_with_nothing_to_tell_keeps_its_connection(source, rabbitmq_url, monkeypatch, caplog):
    """It reads no confirms then, and has to hear the broker's heartbeats all the same."""
    monkeypatch.setattr(broker, "HEARTBEAT_SECONDS", 1)
    relay = Relay(source.database, source.log.source, rabbitmq_url)
    source.tell(1)
    assert relay.step() == 1
    until = time.monotonic() + 4
    while time.monotonic() < until:
        assert relay.step() == 0
        relay.wait(0.05)
    relay.close()
    assert "lost the broker" not in caplog.text


def test_the_broker_holds_the_frozen_bytes(source, rabbitmq_url, channel):
    topology.declare_exchange(channel)
    channel.queue_declare("anyone", durable=True, auto_delete=False)
    channel.queue_bind("anyone", topology.EXCHANGE, "medication_review.*")
    source.tell(1)
    relay = Relay(source.database, source.log.source, rabbitmq_url)
    assert relay.step() == 1
    relay.close()
    channel.auto_decode = False
    message = channel.basic_get("anyone")
    event = CloudEvent.from_bytes(source.bodies()[0])
    assert message.body == source.bodies()[0]
    assert message.delivery_info["routing_key"] == f"medication_review.{event.partition:02d}"
    assert message.properties["delivery_mode"] == 2
    assert message.properties["message_id"] == str(event.id)


@ON_SQLITE
def test_the_relays_checkpoint_stays_when_the_broker_is_away_and_moves_when_it_is_back(source, private_rabbitmq):
    source.tell(1, 2, 3)
    relay = Relay(source.database, source.log.source, private_rabbitmq.url)
    private_rabbitmq.kill()
    assert relay.step() == 0
    assert relay.relayed == 0
    private_rabbitmq.start()
    eventually(relay.step)
    assert relay.relayed == 3
    relay.close()


def test_messages_that_no_queue_takes_are_noticed_and_do_not_hold_up_the_relay(source, rabbitmq_url):
    source.tell(1, 2, 3)
    relay = Relay(source.database, source.log.source, rabbitmq_url)
    assert relay.step() == 3
    assert relay.unrouted == 3
    relay.close()


def test_purged_queues_a_deleted_queue_and_a_lost_last_message_are_repaired_without_a_restart(
    source, hearer, rabbitmq_url, channel
):
    topology.declare(channel, "attendance", 4, ["/daybook/medication_review"])
    relay = Relay(source.database, source.log.source, rabbitmq_url)
    source.tell(*range(100))
    relay.step()
    for name in queue_names("attendance"):
        assert channel.queue_purge(name) > 0
    with listening(hearer, rabbitmq_url):
        eventually(all_heard(source, hearer), what="the purged messages")
        channel.queue_delete("attendance.inbox.2")
        source.tell(*range(100))
        relay.step()
        eventually(all_heard(source, hearer), what="the deleted queue's messages")
        eventually(lambda: _exists(rabbitmq_url, "attendance.inbox.2"), what="the deleted queue")
        for name in queue_names("attendance"):  # the last messages reach no queue at all
            for partition in range(64):
                channel.queue_unbind(name, topology.EXCHANGE, f"medication_review.{partition:02d}")
        source.tell(*range(100))
        relay.step()
        eventually(all_heard(source, hearer), what="the last messages")
    relay.close()


def _exists(url, queue):
    return _consumers(url, queue) is not None


def _consumers(url, queue):
    """How many a queue has; None where there is no such queue."""
    with rabbit.connect(url) as connection:
        try:
            return connection.channel().queue_declare(queue, passive=True).consumer_count
        except rabbit.amqp.exceptions.NotFound:
            return None


@ON_SQLITE
def test_a_broker_restarted_killed_and_wiped_under_load_loses_and_doubles_nothing(source, hearer, private_rabbitmq):
    said = 0
    stop = threading.Event()

    def talk():
        nonlocal said
        while not stop.is_set():
            source.tell(*range(said % 7, 40, 3))
            said += 1
            time.sleep(0.1)

    with listening(hearer, private_rabbitmq.url), relaying(source, private_rabbitmq.url) as relay:
        talker = threading.Thread(target=talk)
        talker.start()
        try:
            eventually(lambda: relay.relayed > 50)
            private_rabbitmq.stop()
            private_rabbitmq.start()
            private_rabbitmq.kill()
            private_rabbitmq.start()
            private_rabbitmq.wipe()
            private_rabbitmq.start()
            before = relay.relayed
            eventually(lambda: relay.relayed > before + 50)
        finally:
            stop.set()
            talker.join()
        eventually(all_heard(source, hearer))
        eventually(lambda: relay.relayed >= len(source.bodies()))


def test_unreadable_messages_are_parked_raw_and_neither_lost_nor_looping(source, hearer, rabbitmq_url, channel):
    topology.declare(channel, "attendance", 4, ["/daybook/medication_review"])
    garbage = [b"\x00\xff not JSON", b'{"specversion":"1.0","id":"x"}']
    for body in garbage:
        message = rabbit.amqp.Message(body, content_encoding="utf-16", content_type="application/json")
        channel.basic_publish(message, topology.EXCHANGE, "medication_review.05")
    with listening(hearer, rabbitmq_url), relaying(source, rabbitmq_url):
        source.tell(1, 2, 3)
        eventually(all_heard(source, hearer))
        eventually(lambda: len(hearer.unreadable()) == 2)
    assert sorted(body for body, _ in hearer.unreadable()) == sorted(garbage)
    assert all(depth(channel, name) == 0 for name in queue_names("attendance"))


def test_another_queue_count_takes_effect_at_the_next_start_and_leaves_no_queue_behind(
    source, hearer, rabbitmq_url, channel
):
    for queues in (4, 7, 2):
        with listening(hearer, rabbitmq_url, queues=queues), relaying(source, rabbitmq_url):
            source.tell(*range(60))
            eventually(all_heard(source, hearer))
    assert not _exists(rabbitmq_url, "attendance.inbox.2")
    relay = Relay(source.database, source.log.source, rabbitmq_url)
    source.tell(*range(60))
    relay.step()
    relay.close()
    assert sum(depth(channel, name) for name in queue_names("attendance", 2)) == 60


def test_copies_that_come_and_go_share_the_queues_evenly_and_lose_and_double_nothing(
    tmp_path, postgres_url, keys_url, rabbitmq_url
):
    source = Source(f"sqlite:///{_folder(tmp_path)}/log.db", keys_url)
    hearer = Hearer(postgres_url, keys_url, [source.local])
    processes = [Hearer(postgres_url, keys_url, [source.local]) for _ in range(3)]
    stop = threading.Event()

    def talk():
        while not stop.is_set():
            source.tell(*range(30))
            time.sleep(0.1)

    talker = threading.Thread(target=talk)
    copies = [Copy(processes[0], rabbitmq_url, "one", queues=6)]
    try:
        with relaying(source, rabbitmq_url):
            talker.start()
            eventually(lambda: _shares(copies) == [6])
            copies.append(Copy(processes[1], rabbitmq_url, "two", queues=6))
            eventually(lambda: _shares(copies) == [3, 3])
            copies.append(Copy(processes[2], rabbitmq_url, "three", queues=6))
            eventually(lambda: _shares(copies) == [2, 2, 2])
            heard = [copy.receiver.received for copy in copies]
            eventually(lambda: all(c.receiver.received > h for c, h in zip(copies, heard, strict=True)))
            copies.pop(0).stop(orderly=False)  # gone without a word: its leases run out
            eventually(lambda: _shares(copies) == [3, 3])
            copies.pop(0).stop()
            eventually(lambda: _shares(copies) == [6])
            stop.set()
            talker.join()
            eventually(all_heard(source, hearer))
    finally:
        stop.set()
        for copy in copies:
            copy.stop()
    with source.database.read() as connection:
        assert len(connection.execute(select(FEED.c.place)).all()) > 300
    for one in (hearer, *processes):
        one.close()
    source.database.close()


def test_a_database_killed_under_load_loses_and_doubles_nothing(tmp_path, private_postgres, keys_url, rabbitmq_url):
    source = Source(f"sqlite:///{_folder(tmp_path)}/log.db", keys_url)
    hearer = Hearer(private_postgres.url, keys_url, [source.local])
    stop = threading.Event()

    def talk():
        while not stop.is_set():
            source.tell(*range(30))
            time.sleep(0.1)

    talker = threading.Thread(target=talk)
    try:
        with listening(hearer, rabbitmq_url) as copy, relaying(source, rabbitmq_url):
            talker.start()
            for end in (private_postgres.kill, private_postgres.stop):
                heard = copy.receiver.received
                eventually(lambda heard=heard: copy.receiver.received > heard + 100)
                end()
                private_postgres.start()
            stop.set()
            talker.join()
            eventually(all_heard(source, hearer))
    finally:
        stop.set()
        hearer.close()
        source.database.close()


def _folder(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def _shares(copies):
    owned = [copy.inbox.owned for copy in copies]
    return [len(mine) for mine in owned] if sum(map(len, owned)) == len(frozenset().union(*owned)) else None


def test_without_a_broker_the_inbox_pulls_as_soon_as_the_feed_of_this_process_grows(source, hearer):
    inbox = Inbox(hearer.receiver, "attendance", told=source.feed.told, compare_seconds=FOR_EVER, patience=FOR_EVER)
    loop = Loop(inbox.step, inbox.close)
    try:
        eventually(lambda: inbox.owned, "it has begun")
        source.tell(*range(50))
        eventually(all_heard(source, hearer))
    finally:
        loop.ask_to_stop()
        source.feed.told.announce()
        loop.stop()
