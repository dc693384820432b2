"""A rebuild gives the same rows, notices when it does not, and never disturbs the live ones."""

import threading
from typing import Any

import pytest
from follow_tally import TALLY, VOTER, Service, Tally, all_rows
from sqlalchemy import inspect

from events.follow import rebuild as rebuilding
from events.follow import rows
from events.follow.checkpoint import LostLease
from events.follow.comparing import Difference, first_difference
from events.follow.meanwhile import meanwhile
from events.follow.parking import Parking
from events.follow.projecting import ProjectionFollower
from events.follow.projection import handles
from events.follow.reading import Reader, ViewNotBuilt
from events.follow.rebuild import RebuildFailed, RebuildResult, rebuild
from events.follow.rows import Rows
from events.log import postgres
from events.log.database import Database
from events.log.event import Event
from events.log.log import EventLog


def drain(follower: ProjectionFollower) -> ProjectionFollower:
    while follower.step():
        pass
    return follower


@pytest.fixture
def voted(service: Service) -> Service:
    """A service whose projection has caught up with a few votes."""
    service.votes("a:ann", "b:bob", "a:bob", "a:-ann", "b!", "a:cid", "c:dan")
    drain(ProjectionFollower(Tally(), service.database, service.log))
    return service


def test_the_same_log_gives_the_same_rows(voted: Service) -> None:
    before = all_rows(voted)
    progress: list[int] = []
    result = rebuild(voted.database, voted.log, Tally(), progress=lambda events, rate: progress.append(events))
    assert result.identical and result.difference is None
    assert (result.events, result.position, progress) == (7, 7, [7])
    assert all_rows(voted) == before


def test_a_rebuild_that_cannot_hold_all_rows_in_memory_gives_the_same(
    voted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = all_rows(voted)
    monkeypatch.setattr(rows, "HOLD_UP_TO", 1)
    monkeypatch.setattr(rebuilding._Builder, "batch", 2)
    result = rebuild(voted.database, voted.log, Tally())
    assert result.identical and result.events == 7
    assert all_rows(voted) == before


def test_what_was_put_in_place_has_keys_and_indexes(voted: Service) -> None:
    def found() -> list[Any]:
        with voted.database.read() as connection:
            inspector = inspect(connection)
            return [
                (
                    inspector.get_pk_constraint(name)["constrained_columns"],
                    sorted(index["column_names"] for index in inspector.get_indexes(name)),
                    sorted((column["name"], column["nullable"]) for column in inspector.get_columns(name)),
                )
                for name in ("tally", "voter")
            ]

    live = found()
    assert live[0][0] == ["poll", "valid_from"]
    for _ in range(2):
        rebuild(voted.database, voted.log, Tally())
        assert found() == live


def test_one_changed_row_makes_the_comparison_false(voted: Service) -> None:
    with voted.database.begin() as tx:
        tx.execute(TALLY.table.update().where(TALLY.c.poll == "b", TALLY.c.valid_from == 2).values(votes=9))
    result = rebuild(voted.database, voted.log, Tally())
    assert not result.identical
    assert result.difference is not None
    assert (result.difference.view, result.difference.key, result.difference.columns) == ("tally", ("b",), ("votes",))
    assert rebuild(voted.database, voted.log, Tally()).identical, "the rebuilt rows were put in place"


def test_a_missing_and_an_added_row_are_noticed(voted: Service) -> None:
    with voted.database.begin() as tx:
        tx.execute(VOTER.table.delete().where(VOTER.c.voter == "cid"))
    difference = rebuild(voted.database, voted.log, Tally(), replace_live=False).difference
    assert difference is not None and (difference.key, difference.columns) == (("a", "cid"), ("row",))


def test_a_rebuild_goes_beside_a_live_follower(voted: Service) -> None:
    live = drain(ProjectionFollower(Tally(), voted.database, voted.log))
    voted.votes("a:eve")
    result = rebuild(voted.database, voted.log, Tally())
    assert result.identical
    with pytest.raises(LostLease):
        live.step()
    voted.votes("a:fay")
    drain(live)
    votes = Reader(voted.database, voted.log).at(["tally"], after=9).one(TALLY, "a")
    assert votes is not None and votes["votes"] == 47


@pytest.mark.processes
def test_a_rebuild_that_catches_up_at_the_end_asks_for_no_second_connection_of_a_half(
    postgres_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live follower goes on while rows are compared, and once more while the rebuild catches up with that."""
    service = Service(postgres_url, f"sqlite:///{tmp_path}/keys.db")
    service.votes("a:ann", "b:bob", "a:bob", "c:cid")
    live = drain(ProjectionFollower(Tally(), service.database, service.log))
    monkeypatch.setattr(rows, "HOLD_UP_TO", 1)  # so that rows have to be looked up
    monkeypatch.setattr(postgres, "POOL_SECONDS", 3.0)
    alone = Database.open(postgres_url, "tally", connections=2)
    log = EventLog(alone, service.log.registry, service.vault, service.clock)
    compare, late = rebuilding.first_difference, [("b:dan", "a:-ann"), ("c:eve", "a:fay")]

    def goes_on(*_: Any) -> None:
        service.votes(*late.pop(0))
        drain(live)

    def compared(*given: Any) -> Any:
        if len(late) == 2:
            goes_on()
        return compare(*given)

    def progressed(*_: Any) -> None:
        if len(late) == 1:
            goes_on()

    monkeypatch.setattr(rebuilding, "first_difference", compared)
    try:
        assert rebuild(alone, log, Tally(), progress=progressed).identical
        assert late == []
        votes = Reader(service.database, service.log).at(["tally"], as_of=8).one(TALLY, "a")
        assert votes == {"poll": "a", "votes": 11, "closed": False}
    finally:
        alone.close()
        service.close()


def test_an_interrupted_rebuild_leaves_nothing_in_the_way(voted: Service) -> None:
    before = all_rows(voted)

    def interrupt(events: int, rate: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(voted.database, voted.log, Tally(), progress=interrupt)
    assert all_rows(voted) == before
    assert rebuild(voted.database, voted.log, Tally()).identical


@pytest.mark.parametrize("when", ["building", "comparing"])
@pytest.mark.parametrize("replace_live", [True, False])
def test_of_two_rebuilds_the_later_one_wins_and_the_other_is_told(
    voted: Service, monkeypatch: pytest.MonkeyPatch, when: str, replace_live: bool
) -> None:
    before = all_rows(voted)
    begun: list[str] = []
    others: list[RebuildResult] = []

    def another() -> None:
        if not begun:
            begun.append("once")
            others.append(rebuild(voted.database, voted.log, Tally()))

    def compare(*arguments: Any) -> Difference | None:
        if when == "comparing":
            another()
        return first_difference(*arguments)

    monkeypatch.setattr("events.follow.rebuild.first_difference", compare)
    with pytest.raises(LostLease):
        rebuild(
            voted.database,
            voted.log,
            Tally(),
            replace_live=replace_live,
            progress=lambda events, rate: another() if when == "building" else None,
        )
    assert [other.identical for other in others] == [True]
    assert all_rows(voted) == before


def test_a_rebuild_that_slept_through_another_does_not_take_a_third_ones_place(voted: Service) -> None:
    asleep, wake = threading.Event(), threading.Event()

    def sleeps(events: int, rate: float) -> None:
        asleep.set()
        wake.wait()

    sleeper = meanwhile("sleeper", lambda: rebuild(voted.database, voted.log, Tally(), progress=sleeps))
    asleep.wait()
    assert rebuild(voted.database, voted.log, Tally()).identical

    def wakes(events: int, rate: float) -> None:
        wake.set()
        assert isinstance(sleeper.exception(), LostLease)

    assert rebuild(voted.database, voted.log, Tally(), progress=wakes).identical


def test_a_failure_that_history_does_not_know_ends_the_rebuild(voted: Service) -> None:
    before = all_rows(voted)
    Tally.broken.add(4)
    with pytest.raises(RebuildFailed, match=r"vote_withdrawn.v1 at position 4 \(ZeroDivisionError\)"):
        rebuild(voted.database, voted.log, Tally())
    Tally.broken.clear()
    assert all_rows(voted) == before


def test_a_rebuild_parks_where_history_parked(service: Service) -> None:
    Tally.broken.add(2)
    service.votes("a:ann", "a:bob", "b:bob", "a:cid")
    live = drain(ProjectionFollower(Tally(), service.database, service.log))
    Tally.broken.clear()
    assert rebuild(service.database, service.log, Tally()).identical, "still parked"
    Parking(service.database, service.log).retry("tally@1:2")
    with pytest.raises(LostLease):
        live.step()
    drain(live)
    assert rebuild(service.database, service.log, Tally()).identical, "released"


class TallyTwo(Tally):
    """Counts plainly."""

    version = 2

    @handles("ballot.vote_cast.v1")
    def cast(self, event: Event, rows: Rows) -> None:
        row = self._row(event, rows)
        rows.put(TALLY, row | {"votes": row["votes"] + 1})


def test_a_new_version_is_built_beside_the_old_and_takes_its_place(voted: Service) -> None:
    new = ProjectionFollower(TallyTwo(), voted.database, voted.log)
    new.batch = 3
    new.step()
    old_reader = Reader(voted.database, voted.log, versions={"tally": 1})
    new_reader = Reader(voted.database, voted.log, versions={"tally": 2})
    assert new.building
    assert len(old_reader.at(["tally"]).many(TALLY)) == 3, "the old version still answers"
    with pytest.raises(ViewNotBuilt):
        new_reader.at(["tally"], timeout=0.02)
    drain(new)
    assert not new.building
    votes = new_reader.at(["tally"]).one(TALLY, "c")
    assert votes is not None and votes["votes"] == 1
    with pytest.raises(ViewNotBuilt):
        old_reader.at(["tally"], timeout=0.02)
    voted.votes("c:eve")
    drain(new)
    votes = new_reader.at(["tally"], after=8).one(TALLY, "c")
    assert votes is not None and votes["votes"] == 2
    assert rebuild(voted.database, voted.log, TallyTwo()).identical
