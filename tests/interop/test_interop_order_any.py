"""Order per patient whatever happens: any traffic, and several copies of the gateway at once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.follow.lease import Leases
from events.follow.rebuild import rebuild
from services.interop.domain.commands import DiscardMessage, ReplayMessage
from services.interop.domain.errors import InteropError
from services.interop.projections.messages import Messages
from services.interop.projections.standing import StandingInLine
from services.interop.projections.traffic import Traffic
from services.platform.web import Query
from tests.interop.gateway import Gateway, er7, gateway

PEOPLE = 3
NUMBERS = "123456"

numbers = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3, unique=True)
arrival = st.tuples(st.just("receive"), numbers)
merge = st.tuples(st.just("merge"), st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=2, unique=True))
register = st.tuples(st.just("register"), st.integers(0, PEOPLE - 1), st.sampled_from(NUMBERS))
alias = st.tuples(st.sampled_from(("merged", "unmerged")), st.permutations(range(PEOPLE)))
decision = st.tuples(st.sampled_from(("discard", "replay")), st.integers(0, 3))
happenings = st.lists(st.one_of(arrival, arrival, arrival, merge, register, alias, decision), min_size=5, max_size=25)


def message(numbers: list[str]) -> bytes:
    pid = "PID|1||" + "~".join(f"{one}^^^RIVERSIDE^MR" for one in numbers) + "||Umberleigh^Eudora"
    return er7("ORU^R01", "", "OBR|1", "OBX|1|NM|1^x^LN||1|u|||||F", pid=pid)


def parked(found: Gateway) -> list[UUID]:
    rows = found.application.queries.messages(Query({"state": "parked", "limit": 1000}))["messages"]
    return [UUID(row["message_id"]) for row in reversed(rows)]


class World:
    """Some people with numbers of their own, so that many worlds fit in one gateway."""

    def __init__(self, found: Gateway) -> None:
        self.found = found
        self.began = found.log.head()
        self.people = [uuid4() for _ in range(PEOPLE)]
        self.name = uuid4().hex
        self.words: dict[str, int] = {}

    def happen(self, what: str, *how: Any) -> None:
        getattr(self, what)(*how)

    def receive(self, numbers: list[str]) -> None:
        self.found.receive(message([self.number(one) for one in numbers]), settle=False)

    def merge(self, pair: list[str]) -> None:
        survivor, retired = (self.number(one) for one in pair)
        pid = f"PID|1||{survivor}^^^RIVERSIDE^MR||Umberleigh^Eudora"
        self.found.receive(er7("ADT^A40", "", f"MRG|{retired}^^^RIVERSIDE", pid=pid), settle=False)

    def register(self, person: int, number: str) -> None:
        self.found.register(self.people[person], self.number(number))

    def merged(self, people: list[int]) -> None:
        self._says("merged", *people[:2])

    def unmerged(self, people: list[int]) -> None:
        self._says("unmerged", *people[:2])

    def _says(self, what: str, surviving: int, retired: int) -> None:
        """Enrollment does, once more about the retired one."""
        about = str(self.people[retired])
        self.words[about] = self.words.get(about, 0) + 1
        ids = {"told_to": about, "surviving_id": str(self.people[surviving]), "retired_id": about}
        data = {**ids, "revision": self.words[about]}
        self.found.hear(f"enrollment.participants_{what}.v1", data, key=about)

    def discard(self, which: int) -> None:
        self._decide(which, DiscardMessage, "unusable")

    def replay(self, which: int) -> None:
        self._decide(which, ReplayMessage)

    def number(self, one: str) -> str:
        return f"{self.name}-{one}"

    def _decide(self, which: int, command: Callable[..., object], *how: str) -> None:
        self.found.followers.drain()
        if waiting := parked(self.found):
            self.found.execute(command(waiting[which % len(waiting)], *how))


def decide_on_all(found: Gateway) -> None:
    """Discards whatever is parked until nothing is."""
    found.followers.drain()
    while waiting := parked(found):
        found.execute(DiscardMessage(waiting[0], "unusable"))


def overtaken(found: Gateway, since: int = 0) -> list[tuple[int, int]]:
    """Positions of receipt: of messages that were not settled when a later one with one of their numbers was applied,
    and of that one."""
    unsettled: dict[UUID, tuple[int, set[str]]] = {}
    found_wrong = []
    for event in found.log.read(since, 1_000_000):
        kind = event.type.removeprefix("interop.message.")
        if kind == "received" and event.data["outcome"] == "accepted":
            unsettled[event.stream] = event.position, set(event.data["lookups"])
        elif kind in ("applied", "discarded", "forgotten"):
            position, lookups = unsettled.pop(event.stream)
            if kind == "applied":
                ahead = [one for one, others in unsettled.values() if one < position and lookups & others]
                found_wrong += [(one, position) for one in ahead]
    return found_wrong


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@given(what=happenings)
@settings(max_examples=40, deadline=None)
def test_nothing_is_overtaken_and_nothing_is_left_behind(hospital: Gateway, what: list[tuple[Any, ...]]) -> None:
    world = World(hospital)
    world.register(0, "1")
    world.register(1, "2")
    for kind, *how in what:
        world.happen(kind, *how)
    decide_on_all(hospital)
    assert overtaken(hospital, world.began) == []
    counts = hospital.summary()
    assert (counts["pending"], counts["held_up"]) == (0, 0)


def test_a_rebuild_gives_the_same_order(tmp_path: Path) -> None:
    with gateway(tmp_path) as found:
        world = World(found)
        for what in (("register", 0, "1"), ("register", 1, "2"), ("receive", ["1", "2"]), ("receive", ["2", "3"])):
            world.happen(*what)
        found.followers.drain()
        for projection in (Messages(), Traffic(), StandingInLine()):
            assert rebuild(found.log.database, found.log, projection).identical
        assert found.summary()["held_up"] == 1


@pytest.mark.processes
def test_nothing_is_overtaken_with_several_copies(tmp_path: Path, postgres_url: str) -> None:
    """Two copies receive at once and share the followers by leases, while an operator decides."""
    with gateway(tmp_path, url=postgres_url) as one, gateway(tmp_path, url=postgres_url) as two:
        for number in "123":
            one.register(uuid4(), number)
        sets = [["4"], ["1", "4"], ["1"], ["1", "2"], ["2", "5"], ["5"], ["5", "6"], ["3"], ["4", "6"], ["6"]]
        loops = [copy.followers.loop(Leases(copy.log.database, name)) for copy, name in ((one, "one"), (two, "two"))]
        traffic = [
            threading.Thread(target=lambda copy=copy: [copy.receive(message(s), settle=False) for s in sets * 3])
            for copy in (one, two)
        ]
        for thread in (*loops, *traffic):
            thread.start()
        for thread in traffic:
            thread.join()
        for which in parked(one):
            try:
                one.execute(DiscardMessage(which, "unusable"), settle=False)
            except InteropError:
                continue
        for loop in loops:
            loop.stop()
    with gateway(tmp_path, url=postgres_url) as after:
        decide_on_all(after)
        counts = after.summary()
        assert (counts["received"], counts["pending"], counts["held_up"]) == (60, 0, 0)
        assert counts["applied"] > 20 and overtaken(after) == []
