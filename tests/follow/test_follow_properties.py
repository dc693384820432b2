"""Rows are a function of the log, and the past answers as it did when it was the present."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from follow_tally import TALLY, VOTER, Service, Tally, all_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.follow import rebuild as rebuilding
from events.follow import rows
from events.follow.parking import Parking
from events.follow.projecting import ProjectionFollower
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from events.follow.view import OPEN

POLLS = ("a", "b", "c")
VOTERS = ("ann", "bob", "-ann", "cid")
VOTES = st.one_of(
    st.builds(lambda poll, voter: f"{poll}:{voter}", st.sampled_from(POLLS), st.sampled_from(VOTERS)),
    st.builds(lambda poll: f"{poll}!", st.sampled_from(POLLS)),
)
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def empty_service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tally", "keys"):
            (Path(folder) / name).mkdir()
        service = Service(f"sqlite:///{folder}/tally/tally.db", f"sqlite:///{folder}/keys/keys.db")
        Tally.broken.clear()
        try:
            yield service
        finally:
            Tally.broken.clear()
            service.close()


def follower(service: Service, batch: int) -> ProjectionFollower:
    made = ProjectionFollower(Tally(), service.database, service.log)
    made.batch = batch
    return made


def drain(following: ProjectionFollower) -> None:
    while following.step():
        pass


def naive(votes: list[str]) -> dict[str, dict[str, Any]]:
    """The tallies by plain replay, in order."""
    polls: dict[str, dict[str, Any]] = {}
    for vote in votes:
        poll, _, voter = vote.rstrip("!").partition(":")
        row = polls.setdefault(poll, {"poll": poll, "votes": 0, "closed": False})
        if vote.endswith("!"):
            row["closed"] = True
        else:
            row["votes"] = row["votes"] * 2 + (-1 if voter.startswith("-") else 1)
    return polls


def answers(service: Service, position: int | None = None) -> tuple[int, list[Any], list[Any]]:
    snapshot = Reader(service.database, service.log).at(["tally"], as_of=position)
    return snapshot.position, snapshot.many(TALLY), snapshot.many(VOTER)


@QUICK
@given(st.lists(VOTES, min_size=1, max_size=25), st.integers(1, 9))
def test_every_position_answers_as_a_naive_replay_up_to_it(votes: list[str], batch: int) -> None:
    with empty_service() as service:
        service.votes(*votes)
        drain(follower(service, batch))
        for position in range(len(votes) + 1):
            tallies = {row["poll"]: row for row in answers(service, position)[1]}
            assert tallies == naive(votes[:position])


@QUICK
@given(st.lists(VOTES, min_size=1, max_size=25), st.integers(1, 9))
def test_versions_of_a_row_follow_on_one_another_and_differ(votes: list[str], batch: int) -> None:
    with empty_service() as service:
        service.votes(*votes)
        drain(follower(service, batch))
        for poll in POLLS:
            versions = [row for row in service.table(TALLY) if row["poll"] == poll]
            for one, next_ in pairwise(versions):
                assert one["valid_to"] == next_["valid_from"]
                assert (one["votes"], one["closed"]) != (next_["votes"], next_["closed"])
            assert all(version["valid_from"] < version["valid_to"] for version in versions)
            assert not versions or versions[-1]["valid_to"] == OPEN


@QUICK
@given(st.lists(VOTES, min_size=1, max_size=25), st.integers(1, 9), st.integers(1, 9), st.data())
def test_batches_and_restarts_leave_no_trace_in_the_rows(
    votes: list[str], batch: int, other: int, data: st.DataObject
) -> None:
    with empty_service() as one, empty_service() as two:
        one.votes(*votes)
        drain(follower(one, batch))
        following = follower(two, other)
        for vote in votes:
            two.votes(vote)
            if data.draw(st.booleans()):
                following.step()
            if data.draw(st.booleans()):
                following.forget()
        drain(following)
        assert all_rows(one) == all_rows(two)


@QUICK
@given(
    st.lists(VOTES, min_size=3, max_size=20),
    st.lists(VOTES, max_size=10),
    st.sets(st.integers(1, 20), max_size=6),
    st.integers(1, 7),
    st.data(),
)
def test_parked_events_retried_later_leave_the_same_history_for_everyone(
    votes: list[str], more: list[str], broken: set[int], batch: int, data: st.DataObject
) -> None:
    with empty_service() as service:
        following = follower(service, batch)
        parking = Parking(service.database, service.log)
        recorded = []
        Tally.broken |= broken
        service.votes(*votes)
        while following.step():
            recorded.append(answers(service))
        for vote in more:
            if data.draw(st.booleans()) and Tally.broken:
                Tally.broken.discard(data.draw(st.sampled_from(sorted(Tally.broken))))
            if data.draw(st.booleans()):
                for parked in parking.list():
                    parking.retry(parked.id)
            service.votes(vote)
            if data.draw(st.booleans()):
                following.forget()
            while following.step():
                recorded.append(answers(service))
        Tally.broken.clear()
        while held := parking.list():
            parking.retry(held[0].id)
            drain(following)
            recorded.append(answers(service))

        position, tallies, _ = answers(service)
        assert {row["poll"]: row for row in tallies} == naive([*votes, *more])
        assert rebuild(service.database, service.log, Tally()).identical
        for position, tallies, voters in recorded:
            assert answers(service, position) == (position, tallies, voters)


@settings(QUICK, max_examples=10)
@given(st.lists(VOTES, min_size=1, max_size=20), st.integers(1, 9), st.integers(0, 3), st.integers(0, 3), st.data())
def test_how_much_is_held_in_memory_leaves_no_trace_in_the_rows(
    votes: list[str], batch: int, load: int, hold: int, data: st.DataObject
) -> None:
    with empty_service() as plenty, empty_service() as little, pytest.MonkeyPatch.context() as patch:
        plenty.votes(*votes)
        drain(follower(plenty, 1000))
        patch.setattr(rows, "LOAD_UP_TO", load)
        patch.setattr(rows, "HOLD_UP_TO", hold)
        patch.setattr(rebuilding._Builder, "batch", batch)
        following = follower(little, batch)
        little.votes(*votes)
        while following.step():
            if data.draw(st.booleans()):
                following.forget()
        assert all_rows(little) == all_rows(plenty)
        assert rebuild(little.database, little.log, Tally()).identical
        assert all_rows(little) == all_rows(plenty)
