"""An event that cannot be handled holds back its key and nobody else, and history remembers it."""

from follow_tally import NAMES, TALLY, TYPES, VOTER, Service, Tally, all_rows

from events.follow.follower import Unwritable
from events.follow.held import PARKED
from events.follow.parking import Parking
from events.follow.projecting import ProjectionFollower
from events.follow.projection import handles
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.follow.rows import Rows
from events.log.event import Event
from events.log.reading import RECEIVED
from events.log.schema import LOG


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


def test_a_record_that_cannot_be_decoded_parks_its_key_and_stops_nobody(service: Service) -> None:
    service.votes("a:ann")
    with service.database.begin() as tx:
        state = b'{"subject": "a", "data": {"voter": "bob"}}'
        tx.execute(LOG.insert().values(stream=NAMES, version=1, recorded_at=1, type=RECEIVED + TYPES[0], state=state))
    service.votes("a:cid", "b:bob")
    follower = ProjectionFollower(Tally(), service.database, service.log)
    drain(follower)
    (parked,) = Parking(service.database, service.log).list()
    assert (parked.position, parked.key, parked.error, parked.waiting) == (2, "a", "UnreadableEvent", 1)
    Parking(service.database, service.log).discard(parked.id)
    drain(follower)
    snapshot = Reader(service.database, service.log).at(["tally"])
    assert {row["poll"]: row["votes"] for row in snapshot.many(TALLY)} == {"a": 3, "b": 1}
    assert rebuild(service.database, service.log, Tally()).identical


class Careless(Tally):
    """Writes what PostgreSQL cannot store, which shows only when the batch is written."""

    @handles("ballot.vote_cast.v1")
    def cast(self, event: Event, rows: Rows) -> None:
        super().cast(event, rows)
        if event.data["voter"] == "surrogate":
            rows.put(VOTER, {"poll": event.key, "voter": "\ud800", "times": 1})


def test_what_the_database_refuses_parks_the_event_at_fault_only(service: Service) -> None:
    service.votes("a:ann", "b:surrogate", "b:bob", "c:cid")
    follower = ProjectionFollower(Careless(), service.database, service.log)
    refused = 0
    for _ in range(20):
        try:
            if not follower.step():
                break
        except Unwritable:
            refused += 1
    assert refused == 2, "once the batch, once the event alone"
    (parked,) = Parking(service.database, service.log).list()
    assert (parked.position, parked.error, parked.waiting) == (2, "UnicodeEncodeError", 1)
    snapshot = Reader(service.database, service.log).at(["tally"])
    assert {row["poll"]: row["votes"] for row in snapshot.many(TALLY)} == {"a": 1, "c": 1}


def test_what_is_parked_tells_nothing_of_the_event_or_the_errors_text(service: Service) -> None:
    Tally.broken.add(1)
    service.votes("a:ann")
    ProjectionFollower(Tally(), service.database, service.log).step()
    (note,) = [event for event in service.log.read(0, 10) if event.type == PARKED]
    assert dict(note.data) == {
        "follower": "tally@1",
        "event": 1,
        "attempt": 1,
        "type": "ballot.vote_cast.v1",
        "error": "ZeroDivisionError",
        "handler": "tally.cast",
    }
