"""Projections follow the log and keep every version of their rows."""

from follow_tally import TALLY, VOTER, Service, Tally

from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader


def drained(follower: ProjectionFollower) -> ProjectionFollower:
    while follower.step():
        pass
    return follower


def test_rows_are_what_the_log_says(service: Service) -> None:
    service.votes("a:ann", "b:bob", "a:bob", "a:-ann", "b!")
    drained(ProjectionFollower(Tally(), service.database, service.log))
    snapshot = Reader(service.database, service.log).at(["tally"])
    assert snapshot.position == 5
    assert snapshot.one(TALLY, "a") == {"poll": "a", "votes": 5, "closed": False}
    assert snapshot.many(VOTER) == [
        {"poll": "a", "voter": "ann", "times": 0},
        {"poll": "a", "voter": "bob", "times": 1},
    ]
    assert snapshot.count(TALLY, TALLY.c.closed) == 1
