"""The loop steps all followers of a service, shares one durable write, and does not die."""

import threading
import time
from datetime import timedelta

import pytest
from follow_tally import TALLY, Service, Tally
from sqlalchemy import Column, Integer, String, text

from events.follow.compose import ServiceFollowers
from events.follow.lease import Leases
from events.follow.projection import Projection, handles
from events.follow.reading import NotThereYet, Reader, ViewNotBuilt
from events.follow.rows import Rows
from events.follow.tail import Tail
from events.follow.view import view
from events.log.errors import NotYetKnown
from events.log.event import Event
from tests.support.patience import PATIENCE_SECONDS, until

COUNT = view("voter_count", Column("voter", String), Column("votes", Integer, nullable=False), key=("voter",))


class VoterCount(Projection):
    name = "voter_count"
    views = (COUNT,)

    @handles("ballot.vote_cast.v1")
    def cast(self, event: Event, rows: Rows) -> None:
        voter = event.data["voter"]
        votes = (rows.get(COUNT, voter) or {"votes": 0})["votes"]
        rows.put(COUNT, {"voter": voter, "votes": votes + 1})


def followers(service: Service) -> ServiceFollowers:
    return ServiceFollowers(
        service.database, service.another_log(), projections=[Tally(), VoterCount()], clock=service.clock
    )


def test_the_loop_follows_what_is_appended_and_after_waits_for_it(service: Service) -> None:
    loop = followers(service).loop(Leases(service.database, "one"))
    loop.start()
    try:
        reader = Reader(service.database, service.log)
        until(lambda: {c.owned for c in loop.conditions()} == {True}, "all are owned")
        for votes in range(1, 4):
            position = service.votes("a:ann")
            row = reader.at(["voter_count", "tally"], after=position, timeout=PATIENCE_SECONDS).one(COUNT, "ann")
            assert row == {"voter": "ann", "votes": votes}
    finally:
        loop.stop()


def test_two_copies_share_the_followers_and_one_goes_on_alone(service: Service) -> None:
    one = followers(service).loop(Leases(service.database, "one", ttl=0.6))
    two = followers(service).loop(Leases(service.database, "two", ttl=0.6))
    one.start()
    two.start()

    def owned(loop: object) -> set[str]:
        return {condition.name for condition in loop.conditions() if condition.owned}

    try:
        until(lambda: sorted([len(owned(one)), len(owned(two))]) == [1, 2], "they share")
        service.votes(*["a:ann"] * 20)
        one.stop()
        position = service.votes(*["a:ann"] * 20)
        reader = Reader(service.database, service.log)
        row = reader.at(["voter_count"], after=position, timeout=PATIENCE_SECONDS).one(COUNT, "ann")
        assert row == {"voter": "ann", "votes": 40}
        until(lambda: len(owned(two)) == 3, "one has all")
    finally:
        one.stop()
        two.stop()


def test_the_trouble_of_one_follower_is_not_the_others(service: Service) -> None:
    running = followers(service)
    loop = running.loop()
    service.votes("a:ann")
    loop.round()
    with service.database.begin() as tx:
        tx.execute(text("ALTER TABLE voter_count RENAME TO elsewhere"))
    service.votes("a:ann", "a:bob")
    for _ in range(3):
        loop.round()
    conditions = {condition.name: condition for condition in loop.conditions()}
    assert conditions["tally@1"].position == 3 and conditions["tally@1"].error is None
    assert conditions["voter_count@1"].position == 0 and conditions["voter_count@1"].error
    with service.database.begin() as tx:
        tx.execute(text("ALTER TABLE elsewhere RENAME TO voter_count"))
    until(lambda: bool(loop.round() or not any(c.error for c in loop.conditions())), "it goes on")
    until(lambda: loop.round() == 0 and not any(c.error for c in loop.conditions()), "all is followed")
    row = Reader(service.database, service.log).at(["voter_count"]).one(COUNT, "ann")
    assert row == {"voter": "ann", "votes": 2}


class TestReading:
    def test_the_position_is_the_least_of_the_projections_asked(self, service: Service) -> None:
        service.votes("a:ann")
        running = followers(service)
        running.drain()
        service.votes("a:bob")
        running.projections[0].step()
        reader = Reader(service.database, service.log)
        assert reader.at(["tally"]).position == 2
        both = reader.at(["tally", "voter_count"])
        assert both.position == 1
        assert both.one(TALLY, "a") == {"poll": "a", "votes": 1, "closed": False}
        assert both.stamp == {"service": "tally", "generation": 1, "position": 1}

    def test_a_view_that_is_behind_is_waited_for_and_not_for_ever(self, service: Service) -> None:
        service.votes("a:ann")
        running = followers(service)
        running.drain()
        service.votes("a:bob")
        reader = Reader(service.database, service.log)
        with pytest.raises(NotThereYet, match=r"at position 1; it did not reach 2 in 0.05 s"):
            reader.at(["tally"], after=2, timeout=0.05)
        later = threading.Timer(0.1, running.drain)
        later.start()
        assert reader.at(["tally"], as_of=2, timeout=PATIENCE_SECONDS).position == 2
        later.join()

    def test_the_future_is_not_known(self, service: Service) -> None:
        service.votes("a:ann")
        followers(service).drain()
        reader = Reader(service.database, service.log)
        with pytest.raises(NotYetKnown, match="no position 9 yet"):
            reader.at(["tally"], as_of=9, timeout=0.05)
        with pytest.raises(NotYetKnown, match="future"):
            reader.at(["tally"], as_of=service.clock() + timedelta(seconds=1))
        with pytest.raises(NotYetKnown, match="time zone"):
            reader.at(["tally"], as_of=service.clock().replace(tzinfo=None))

    def test_an_instant_means_what_had_been_recorded_by_then(self, service: Service) -> None:
        service.votes("a:ann")
        then = service.clock()
        service.clock.pass_(minutes=5)
        service.votes("a:bob")
        followers(service).drain()
        reader = Reader(service.database, service.log)
        row = reader.at(["tally"], as_of=then + timedelta(minutes=1)).one(TALLY, "a")
        assert row is not None and row["votes"] == 1
        assert reader.at(["tally"], as_of=then - timedelta(days=1)).many(TALLY) == []

    def test_a_projection_that_nobody_keeps_is_named(self, service: Service) -> None:
        with pytest.raises(ViewNotBuilt, match="no projection census"):
            Reader(service.database, service.log).at(["census"], timeout=0.02)

    def test_many_orders_limits_and_filters(self, service: Service) -> None:
        service.votes("a:ann", "b:ann", "b:bob", "c:ann", "c!")
        followers(service).drain()
        snapshot = Reader(service.database, service.log).at(["tally"])
        rows = snapshot.many(TALLY, TALLY.c.closed.is_(False), order_by=TALLY.c.votes.desc(), limit=1)
        assert [row["poll"] for row in rows] == ["b"]
        assert [row["poll"] for row in snapshot.many(TALLY, order_by=[TALLY.c.votes])] == ["a", "c", "b"]


def test_the_tail_reads_once_for_all_and_skips_nothing(service: Service) -> None:
    reads = 0
    log = service.log
    original = log.records

    def counted(*args: int) -> object:
        nonlocal reads
        reads += 1
        return original(*args)

    log.records = counted
    tail = Tail(log)
    service.votes(*["a:ann"] * 10)
    assert [e.position for e in tail.read(0, 4)] == [1, 2, 3, 4]
    assert [e.position for e in tail.read(4, 100)] == [5, 6, 7, 8, 9, 10]
    assert [e.position for e in tail.read(2, 3)] == [3, 4, 5]
    assert [e.position for e in tail.read(0, 100)] == list(range(1, 11))
    assert reads == 2
    assert tail.read(10, 5) == []
    service.votes("b:bob")
    assert [e.position for e in tail.read(10, 5)] == [11]
    assert tail.wait(11, 0.01) == 11


def test_many_wait_and_one_asks_the_log(service: Service) -> None:
    tail = Tail(service.log)
    heads: list[int] = []
    waiting = [threading.Thread(target=lambda: heads.append(tail.wait(0, PATIENCE_SECONDS))) for _ in range(5)]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)
    service.votes("a:ann")
    for thread in waiting:
        thread.join(PATIENCE_SECONDS)
    assert heads == [1] * 5
