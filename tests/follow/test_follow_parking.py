"""An event that cannot be handled holds back its key and nobody else, and history remembers it."""

from follow_tally import TALLY, Service, Tally, all_rows

from events.follow.parking import Parking
from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader


def drain(follower: ProjectionFollower) -> None:
    while follower.step():
        pass


def test_a_failing_event_holds_back_its_key_and_nobody_else(service: Service) -> None:
    Tally.broken.add(2)
    service.votes("a:ann", "a:bob", "b:bob", "a:cid")
    drain(ProjectionFollower(Tally(), service.database, service.log))
    snapshot = Reader(service.database, service.log).at(["tally"])
    assert {row["poll"]: row["votes"] for row in snapshot.many(TALLY)} == {"a": 1, "b": 1}
    (parked,) = Parking(service.database, service.log).list()
    assert (parked.id, parked.key, parked.error, parked.waiting) == ("tally@1:2", "a", "ZeroDivisionError", 1)
    assert parked.handler == "tally.cast"


def test_a_retried_event_leaves_what_in_order_handling_would_have_left(service: Service) -> None:
    Tally.broken.add(2)
    service.votes("a:ann", "a:bob", "b:bob", "a:-cid", "a:dan")
    follower = ProjectionFollower(Tally(), service.database, service.log)
    drain(follower)
    Tally.broken.clear()
    parking = Parking(service.database, service.log)
    released_at = parking.retry("tally@1:2")
    drain(follower)
    assert not parking.list()
    votes = Reader(service.database, service.log).at(["tally"]).one(TALLY, "a")
    assert votes is not None and votes["votes"] == ((1 * 2 + 1) * 2 - 1) * 2 + 1
    assert [row["valid_from"] for row in all_rows(service)["tally"] if row["poll"] == "a"] == [1, released_at]


def test_what_fails_again_is_parked_again(service: Service) -> None:
    Tally.broken |= {2, 3}
    service.votes("a:ann", "a:bob", "a:cid", "a:dan")
    follower = ProjectionFollower(Tally(), service.database, service.log)
    drain(follower)
    parking = Parking(service.database, service.log)
    Tally.broken.discard(2)
    parking.retry("tally@1:2")
    drain(follower)
    (parked,) = parking.list()
    assert (parked.id, parked.waiting) == ("tally@1:3", 1)
    parking.discard("tally@1:3")
    drain(follower)
    assert not parking.list()
    votes = Reader(service.database, service.log).at(["tally"]).one(TALLY, "a")
    assert votes is not None and votes["votes"] == 7
