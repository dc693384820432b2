"""Several copies of a service: who lost the work cannot write, and the work is divided evenly."""

from collections.abc import Iterator

import pytest
from follow_tally import TALLY, Service, Tally, all_rows
from sqlalchemy.exc import DBAPIError

from events.follow import lease
from events.follow.checkpoint import LostLease
from events.follow.lease import Leases, fair_share
from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.follow.sealing import Sealing
from events.log import ledger, postgres

KIND = "queue"
QUEUES = ["inbox.0", "inbox.1", "inbox.2", "inbox.3"]


def drain(follower: ProjectionFollower) -> None:
    while follower.step():
        pass


def test_a_copy_that_was_frozen_and_wakes_up_cannot_write(service: Service) -> None:
    frozen = ProjectionFollower(Tally(), service.database, service.log)
    service.votes("a:ann", "b:bob")
    drain(frozen)
    service.votes("a:bob", "b:cid")
    batch = frozen.read()
    frozen.process(batch)  # here it froze: handled, not yet written
    other = ProjectionFollower(Tally(), service.database, service.another_log())
    drain(other)
    service.votes("b:dan")
    after = all_rows(service)
    with pytest.raises(LostLease), service.database.begin() as tx:
        frozen.flush(tx)
    assert all_rows(service) == after
    frozen.forget()
    drain(frozen)
    assert rebuild(service.database, service.log, Tally()).identical
    votes = Reader(service.database, service.log).at(["tally"]).one(TALLY, "b")
    assert votes is not None and votes["votes"] == 7


def test_a_frozen_copy_cannot_park_either(service: Service) -> None:
    service.votes("a:ann", "a:bob")
    frozen = ProjectionFollower(Tally(), service.database, service.log)
    batch = frozen.read()
    Tally.broken.add(2)
    frozen.process(batch)
    Tally.broken.clear()
    drain(ProjectionFollower(Tally(), service.database, service.another_log()))
    with pytest.raises(LostLease), service.database.begin() as tx:
        frozen.flush(tx)
    assert service.log.head() == 2, "no record of a parking that never was"


@pytest.mark.processes
def test_a_copy_that_froze_before_its_commit_loses_its_locks_within_the_time_out(
    postgres_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(postgres_url, keys_url)
    service.votes("a:ann", "b:bob", "a:bob", "b:cid")
    drain(ProjectionFollower(Tally(), service.database, service.log))
    monkeypatch.setattr(postgres, "IDLE_SECONDS", 1)
    frozen = Service(postgres_url, keys_url, migrate=False)
    follower = ProjectionFollower(Tally(), frozen.database, frozen.log)
    Tally.broken.add(6)
    service.votes("a:cid", "b:ann", "b:dan", "c:ann")
    follower.process(follower.read())
    Tally.broken.clear()
    with pytest.raises(DBAPIError), frozen.database.begin() as tx:
        follower.flush(tx)  # here it froze: rows, checkpoint and a record of parking written, nothing committed
        drain(ProjectionFollower(Tally(), service.database, service.log))
    assert service.log.head() == 8
    votes = Reader(service.database, service.log).at(["tally"], after=8).one(TALLY, "b")
    assert votes is not None and votes["votes"] == 15
    assert rebuild(service.database, service.log, Tally()).identical
    for one in (service, frozen):
        one.close()


def test_two_sealers_make_one_chain(service: Service) -> None:
    service.votes("a:ann")
    first, second = Sealing(service.database, service.log), Sealing(service.database, service.log)
    assert first.step() == second.step() + 1 == 1
    service.votes("a:bob", "a:cid")
    assert first.step() == 2
    with pytest.raises(LostLease):
        second.step()
    assert second.step() == 0
    verified = ledger.verify(service.database)
    assert verified.ok and verified.events == 3


class Copies:
    """Copies that balance in turn, on a database clock that the test moves."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch):
        self._service = service
        self.now = 1_000.0
        monkeypatch.setattr(lease, "_now", lambda tx: self.now)
        self.alive: dict[str, Leases] = {}

    def join(self, *names: str) -> None:
        for name in names:
            self.alive[name] = Leases(self._service.database, name, ttl=10)

    def settle(self) -> dict[str, list[str]]:
        """What each has after everyone has balanced a few times."""
        held: dict[str, list[str]] = {}
        for _ in range(3):
            self.now += 1
            held = {name: sorted(copy.balance(KIND, QUEUES)) for name, copy in self.alive.items()}
        return held


@pytest.fixture
def copies(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copies]:
    yield Copies(service, monkeypatch)


def shares(held: dict[str, list[str]]) -> list[int]:
    everything = [name for names in held.values() for name in names]
    assert sorted(everything) == QUEUES, "each queue has one owner"
    return sorted(map(len, held.values()), reverse=True)


def test_copies_come_and_go_and_the_shares_stay_fair(copies: Copies) -> None:
    copies.join("one")
    assert shares(copies.settle()) == [4]
    copies.join("two")
    assert shares(copies.settle()) == [2, 2]
    copies.join("three")
    assert shares(copies.settle()) == [2, 1, 1]
    del copies.alive["one"]  # killed: its leases expire
    copies.now += 11
    assert shares(copies.settle()) == [2, 2]
    copies.alive.pop("two").release()  # an orderly stop
    assert shares(copies.settle()) == [4]


def test_nothing_moves_while_nobody_comes_or_goes(copies: Copies) -> None:
    copies.join("one", "two")
    before = copies.settle()
    tokens = {name: dict(copy.balance(KIND, QUEUES)) for name, copy in copies.alive.items()}
    for _ in range(10):
        assert copies.settle() == before
    assert tokens == {name: dict(copy.balance(KIND, QUEUES)) for name, copy in copies.alive.items()}


def test_the_token_grows_when_work_changes_hands(copies: Copies) -> None:
    copies.join("one")
    copies.settle()
    first = copies.alive["one"].token(KIND, "inbox.0")
    copies.alive.clear()
    copies.now += 11
    copies.join("two")
    copies.settle()
    second = copies.alive["two"].token(KIND, "inbox.0")
    assert first is not None and second is not None and second > first


def test_a_lease_runs_out_by_the_own_clock_of_a_copy_that_cannot_renew(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Leases(service.database, "one", ttl=10)
    held.balance(KIND, QUEUES)
    assert held.owns(KIND, "inbox.0")
    started = lease.time.monotonic()
    monkeypatch.setattr(lease.time, "monotonic", lambda: started + 10.5)
    assert not held.owns(KIND, "inbox.0")
    assert held.token(KIND, "inbox.0") is None


@pytest.mark.parametrize("units", range(9))
@pytest.mark.parametrize("copies_", [["a"], ["a", "b"], ["a", "b", "c"], list("abcde")])
def test_shares_differ_by_one_at_most_and_make_the_whole(units: int, copies_: list[str]) -> None:
    each = [fair_share("relay", copies_, copy, units) for copy in copies_]
    assert sum(each) == units
    assert max(each) - min(each) <= 1
