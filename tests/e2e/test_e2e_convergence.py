"""Whatever the order across services and people, whatever is repeated or lost: the same rows in the end.

Real services, feeds, receivers and followers; the broker is the one of ``e2e_delivery``. What happens before is the
same for all examples and copied; then the same commands are issued at each service while events travel as chance has
it.
"""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import time, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from e2e_delivery import Delivery, Do
from e2e_house import House, opened
from e2e_program import BEGIN, MONDAY, Program, at, named
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli.simulator.model.medications import SERTRALINE

TUESDAY, WEDNESDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 4))
NOON = at(WEDNESDAY, 12)
LATER = at(MONDAY + timedelta(days=16), 12)
ROUNDS = 120
POSITIONS = ("place",)
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CONTROL_ID = re.compile(r"DB[0-9A-F]{18}")
"""Of a message to a hospital: it follows from the notice's id."""
_PHQ_9 = {"instrument": "phq_9", "occasion": "admission", "answers": [1] * 8 + [2]}

unhurried = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Rows(dict[str, Any]):
    """Too many to be shown with a failing example."""

    def __repr__(self) -> str:
        return f"<rows of {len(self)} views>"


class Prepared:
    """A folder in which a program has come as far as Wednesday noon, to be copied; and the people in it."""

    def __init__(self, folder: Path, seats: int, census: int) -> None:
        self.folder = folder
        with opened(folder, BEGIN) as house:
            program = self._program(house, census)
            program.open_track()
            program.plan("group", "group_therapy", "therapist", "MO,WE,FR", time(18), 120, 3, seats=seats)
            program.plan("clinic", "medication_management", "prescriber", "TH", time(9), 30, 3, seats=max(seats - 4, 1))
            self.members = [program.admit(number, priority=9 - number) for number in range(8)]
            house.settle()
            for member in self.members:
                if member.outcome == "admitted":
                    program.staff.post(
                        f"/scheduling/series/{program.id('group')}/bookings",
                        {"participant_id": member.participant_id, "from": MONDAY, "through": LATER.date()},
                    )
            house.settle()
            house.pass_time(NOON)
            waitlisted = [member for member in self.members if member.outcome == "waitlisted"]
            self.turn = {member.episode_id: -number for number, member in enumerate(waitlisted)}
            """Episode on the waitlist → its turn: each had a higher priority than the one before."""
            self.reviews = {member.participant_id: program.medication(member)["reviews"] for member in self.members[:5]}
            self.bookings = {member.participant_id: program.bookings(member) for member in self.members}
            self.compared = {member.participant_id: program.marks(member) for member in self.members[:5]}

    def _program(self, house: House, census: int = 0) -> Program:
        return Program(house, "convergence", census=census)

    @contextmanager
    def copy(self) -> Iterator[House]:
        with TemporaryDirectory() as folder:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            with opened(Path(folder), NOON) as house:
                yield house

    def final(self, deliver: Callable[[House], None]) -> "Rows":
        """The rows of all views after the delivery and two more weeks; every projection can be built again from its own
        log to the byte."""
        with self.copy() as house:
            deliver(house)
            house.pass_time(LATER, timedelta(days=2))
            rows = house.rows()
            assert {name: one.difference for name, one in house.rebuilt().items() if not one.identical} == {}
            return Rows(rows)

    def commands(self) -> Mapping[str, Sequence[Do]]:
        """What is done on Wednesday. Nobody is the subject of two services' decisions of which the later would be
        refused: such a race is decided by who comes first, and rightly so."""
        stays, scored, leaving, cancelling, absent, away, mistaken, moving = self.members
        hospital = Program(_Nowhere(), "convergence").hospital
        message = [
            hospital.admission(stays.person, "V0", at(TUESDAY, 9)),
            hospital.discharge(stays.person, "V0", at(TUESDAY, 9), at(WEDNESDAY, 9)),
            hospital.cancel_discharge(stays.person, "V0", at(TUESDAY, 9), at(WEDNESDAY, 10)),
            hospital.order(absent.person, "RX1", SERTRALINE, "NW", at(WEDNESDAY, 8)),
            hospital.admission(mistaken.person, "V1", at(TUESDAY, 20)),
            hospital.cancel_admission(mistaken.person, "V1", at(WEDNESDAY, 11)),
            hospital.update(moving.person, "V2", at(WEDNESDAY, 11)),
        ]
        monday = next(
            (one for one in self.bookings[absent.participant_id] if one["component"] == "group_therapy"), None
        )
        found: dict[str, list[Do]] = {
            "interop": [_sends(one) for one in message],
            "enrollment": [
                _posts(f"/enrollment/episodes/{scored.episode_id}/scores", _PHQ_9),
                _posts(f"/enrollment/episodes/{leaving.episode_id}/discharge", {"reason": "administrative"}),
                _posts(f"/enrollment/episodes/{away.episode_id}/waitlist-departure", {"reason": "moved_away"})
                if away.outcome == "waitlisted"
                else _posts(f"/enrollment/episodes/{away.episode_id}/suspension", {"reason": "travel"}),
            ],
            "medication_review": [
                _posts(
                    f"/medication_review/participants/{absent.participant_id}/medications",
                    {
                        "source": "self_report",
                        "name": "sertraline",
                        "code": "312940",
                        "system": "rxnorm",
                        "dose": "50 mg",
                    },
                ),
            ],
        }
        (reconciliation,) = self.reviews[cancelling.participant_id]
        path = f"/medication_review/episodes/{cancelling.episode_id}/reconciliations/{reconciliation['review_id']}"
        found["medication_review"].append(
            _posts(f"{path}/completion", {"compared": self.compared[cancelling.participant_id]})
        )
        if monday is not None:
            found["attendance"] = [_posts(f"/attendance/bookings/{monday['booking_id']}/excuse", {"reason": "illness"})]
        friday = [one for one in self.bookings[cancelling.participant_id] if one["local_date"] == FRIDAY.isoformat()]
        found["scheduling"] = [
            _posts(f"/scheduling/sessions/{one['session_id']}/bookings/{one['booking_id']}/cancellation", {})
            for one in friday
        ]
        return found


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Seats and places for everybody."""
    return Prepared(tmp_path_factory.mktemp("roomy") / "house", seats=20, census=20)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Five places for eight, four seats for five."""
    return Prepared(tmp_path_factory.mktemp("crowded") / "house", seats=4, census=5)


@pytest.fixture(scope="module")
def in_order(roomy: Prepared) -> Rows:
    """The rows when everything is told at once and nothing is lost."""

    def deliver(house: House) -> None:
        for commands in roomy.commands().values():
            for command in commands:
                command(house)
                house.settle()

    return roomy.final(deliver)


@unhurried
@given(chance=st.randoms(use_true_random=False))
def test_where_nothing_is_contended_the_rows_are_the_same(roomy: Prepared, in_order: Rows, chance: Any) -> None:
    found = roomy.final(lambda house: Delivery(house, chance, roomy.commands()).run(ROUNDS))
    assert unlike(found, in_order) == {}


def plain(rows: list[dict[str, Any]], ids: Set[str]) -> list[str]:
    """Without positions, which tell the order in which things became known, and without ids that follow from them:
    those are none of ``ids``."""

    def known(found: re.Match[str]) -> str:
        return found[0] if found[0] in ids else "id"

    told = (sorted((name, value) for name, value in row.items() if name not in POSITIONS) for row in rows)
    return sorted(CONTROL_ID.sub("id", UUIDS.sub(known, repr(one))) for one in told)


def unlike(found: Rows, wanted: Rows) -> dict[str, list[str]]:
    """View → rows that only one of the two has."""
    ids = set(UUIDS.findall(str(dict(found)))) & set(UUIDS.findall(str(dict(wanted))))
    both = {name: (set(plain(found[name], ids)), set(plain(wanted[name], ids))) for name in wanted}
    return {name: sorted(here ^ there) for name, (here, there) in both.items() if here != there}


@unhurried
@given(chance=st.randoms(use_true_random=False))
def test_where_seats_are_contended_every_invariant_holds(crowded: Prepared, chance: Any) -> None:
    rows = crowded.final(lambda house: Delivery(house, chance, crowded.commands()).run(ROUNDS))
    seats = {one["session_id"]: one["seats"] for one in rows["scheduling.sessions"]}
    held = [one for one in rows["scheduling.bookings"] if one["state"] == "booked"]
    for session_id, taken in Counter(one["session_id"] for one in held).items():
        assert taken <= seats[session_id]
    for one, other in combinations(held, 2):
        if one["participant_id"] == other["participant_id"]:
            apart = one["ends_at"] <= other["starts_at"] or other["ends_at"] <= one["starts_at"]
            assert apart, "a participant is in one place at a time"
    (track,) = rows["enrollment.census"]
    admitted = [one for one in rows["enrollment.episode"] if one["status"] == "admitted"]
    waiting = [one for one in rows["enrollment.episode"] if one["status"] == "waiting"]
    assert len(admitted) <= track["census_limit"]
    assert waiting == [] or len(admitted) == track["census_limit"], "nobody waits for a place that is free"
    turns = [crowded.turn[one["episode_id"]] for one in waiting]
    taken = [crowded.turn[one["episode_id"]] for one in admitted if one["episode_id"] in crowded.turn]
    assert all(first < later for first in taken for later in turns), "whoever was before in turn has the place"


class _Nowhere:
    def client(self, *roles: str) -> None:
        return None


def _posts(path: str, body: Mapping[str, Any]) -> Do:
    """Under an id of its own, so that ids that follow from it are the same in every example."""
    return lambda house: house.client().post(path, body, command_id=named(path))


def _sends(message: bytes) -> Do:
    return lambda house: house.send(message)
