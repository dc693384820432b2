"""What was answered is answered again as of then; what was changed afterwards is found and named."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from e2e_house import House, opened
from e2e_program import BEGIN, Program
from e2e_questions import Question, ask, queries, questions
from e2e_stories import STORIES, play

from events.follow.parking import Parking
from events.log.database import Database
from events.log.ledger import verify
from services.attendance.projections.participant_attendance import ParticipantAttendance
from services.platform.service import Service
from tests.support.plans import Step, listening

PEOPLE = (0, 2, 3, 5, 6, 7)
EVERY = 6
"""Asking everything is slow, so it is done after every so many steps; the steps are all in different states."""


class Remembering(House):
    """Asks everything now and then, also while services have not heard of one another's news, and keeps the answers."""

    def __init__(self, folder: Path) -> None:
        with listening() as self.asked:
            super().__init__(folder, BEGIN)
        self.steps: list[tuple[str, Step]] = []
        self.kept: list[tuple[Question, dict[str, Any]]] = []
        self._steps = 0
        self._everybody = [str(Program(self).id("participant", number)) for number in PEOPLE]

    def step(self, name: str) -> int:
        done = super().step(name)
        self._steps += 1
        if done and self._steps % EVERY == 0:
            client = self.client()
            everything = questions(self, client, self._everybody)
            self.kept += [(question, ask(client, question)) for question in everything]
        return done

    def differing(self) -> list[Question]:
        """The questions whose answer as of the position of then is another now."""
        client = self.client()
        return [
            question
            for question, then in self.kept
            if "position" in then and ask(client, question, as_of=then["position"]["position"]) != then
        ]


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remembering]:
    """All stories were played. Meanwhile a view could not take a participant's outcomes for a while: that was parked,
    and retried in the end."""
    house = Remembering(tmp_path_factory.mktemp("remembering"))
    service = house.services["attendance"]
    (follower,) = (one for one in service.followers.projections if isinstance(one.projection, ParticipantAttendance))
    settled = follower.projection.settled

    def failing(event: Any, rows: Any) -> None:
        if event.data["participant_id"] == str(Program(house).id("participant", 10)):
            raise ZeroDivisionError
        settled(event, rows)

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(follower.projection, "settled", failing)
            ended = play(Program(house).open(), STORIES)
        parking = Parking(service.database, service.log)
        (parked,) = parking.list()
        assert parked.waiting >= 3
        parking.retry(parked.id)
        house.settle()
        assert house.parked() == []
        assert {name for name, failure in ended.items() if failure} == {"repeated_no_shows_ask_for_a_medication_review"}
        house.steps = list(house.asked.steps())
        yield house
    finally:
        house.close()


def test_answers_are_the_same_as_of_then(remembering: Remembering) -> None:
    assert {service for (service, _, _), _ in remembering.kept} == set(remembering.services)
    answered = {(service, _shape(path)) for (service, path, _), then in remembering.kept if "position" in then}
    asked = {(service, _shape(re.sub(r"{[^}]*}", "", route.template))) for service, route in queries(remembering)}
    assert asked - answered == set(), "every query of every service was answered at least once"
    assert len(remembering.kept) > 500
    assert remembering.differing() == []


def test_a_rebuild_gives_the_same_rows_and_answers(remembering: Remembering) -> None:
    assert {name: one.difference for name, one in remembering.rebuilt().items() if not one.identical} == {}
    remembering.settle()
    assert remembering.differing() == []


# what it costs in a long log

WHOLE = {
    "attendance": {"absence_steps", "absences", "early_warnings", "episodes", "open_weeks"},
    "enrollment": {"alias", "census", "due", "episode", "offer", "person", "plan_of_care", "score"},
    "interop": {"hospital_message", "hospital_notice", "hospital_traffic", "stranger"},
    "medication_review": {"due", "pdmp_checks_due"},
    "scheduling": {"calendar_feeds", "closures", "facilitators", "rooms", "series", "sessions"},
}
"""Views of which somebody asks for all that hold, so all that hold are read: lists of what is open, and of everybody or
everything there is. What does not hold any more is not read for them either."""
LASTING = {"track_id", "facilitator_id", "room_id", "hospital", "about", "whose_id"}
"""What is there for as long as the program: with time ever more is about it, so it takes dates, too, to find little."""
SMALL = {"feed_head", "follow_held", "inbox_checkpoint", "log_generation", "log_settled", "rule_pack_said", "told"}
"""Tables whose size has nothing to do with how much happens; what is parked; what was told at once."""
ONE_ROW = ("ORDER BY ledger.position DESC LIMIT", "max(log.position)", "max(position)", "max(feed.place)")
"""The end of an index is read where these are asked for, whatever the plan calls it."""
STANDING = ("valid_to=? AND due_at>? AND due_at<?", "valid_to=? AND valid_from>?", "valid_to=? AND due_at>?")
"""Deadlines: of those that stand those that fell due since the last look, those set since, and the next."""
AT_THE_START = ("valid_to = ? LIMIT", "substr(type, ?, ?) = ?")
"""A follower begins: it reads the current rows of its views, and what was parked since it ended."""


def test_nothing_is_searched_for_in_all_that_ever_was(remembering: Remembering) -> None:
    """What commands, followers, deadlines and questions ask for is found by an index, without what held formerly: so it
    costs the same however long the log is. ``WHOLE`` names the lists that people ask for whole."""
    steps = [(name, step) for name, step in remembering.steps if name in remembering.services]
    assert {name for name, _ in steps} == set(remembering.services)
    views = {name: _views(service) for name, service in remembering.services.items()}
    assert [(name, step) for name, step in steps if not _bounded(name, step, views[name])] == []


def _views(service: Service) -> set[str]:
    """The names of all views of a service, deadlines among them."""
    return {view.name for follower in service.followers.projections for view in follower.projection.views}


def _bounded(name: str, step: Step, views: set[str]) -> bool:
    """Whether it is found by values that something has; or holds and is asked for whole; or is new in the log."""
    if step.table in SMALL or any(part in step.statement for part in (*ONE_ROW, *AT_THE_START)):
        return True
    by = set(re.findall(r"(\w+)=", step.found_by)) - {"valid_to"}
    dated = re.search(r"(local_date|starts_at|valid_from)[<>]", step.found_by) is not None
    between_days = re.search(r"(local_date|starts_at)>\? AND \1<\?", step.found_by) is not None
    if by - LASTING or (by and dated) or between_days:
        return True
    if step.table in views:
        return (step.found_by.endswith("valid_to>?") and step.table in WHOLE[name]) or step.found_by in STANDING
    return step.found_by in ("position>?", "rowid>?", "rowid>? AND rowid<?")  # what is new; SQLite calls a position so


def _shape(path: str) -> str:
    """The path with its ids and codes taken out; the gateway's and scheduling's words are all that is left."""
    return "/".join(
        "" if any(map(str.isdigit, part)) or part.startswith("program-") else part for part in path.split("/")
    )


# what was changed afterwards


def _copied(house: House, name: str, folder: Path) -> Path:
    """A service's database as it is on disk now, with the guards against change taken off."""
    copy = folder / f"{name}.sqlite"
    with (
        closing(sqlite3.connect(house.folder / "logs" / f"{name}.sqlite")) as source,
        closing(sqlite3.connect(copy)) as to,
    ):
        source.backup(to)
        for (trigger,) in to.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            to.execute(f'DROP TRIGGER "{trigger}"')
        to.commit()
    return copy


def _verified(copy: Path, name: str) -> Any:
    database = Database.open(f"sqlite:///{copy}", name)
    try:
        return verify(database)
    finally:
        database.close()


@pytest.mark.parametrize("name", ["enrollment", "scheduling", "attendance", "medication_review", "interop"])
def test_one_changed_byte_of_a_log_is_found_where_it_is(remembering: Remembering, tmp_path: Path, name: str) -> None:
    whole = _copied(remembering, name, tmp_path)
    found = _verified(whole, name)
    assert (found.ok, found.unsealed, found.first_bad_position) == (True, 0, None)
    chance = Random(name)
    for attempt, position in enumerate(chance.sample(range(1, found.events + 1), 4)):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        copy = Path(shutil.copy(whole, folder))
        with closing(sqlite3.connect(copy)) as database:
            (state,) = database.execute("SELECT state FROM log WHERE position = ?", (position,)).fetchone()
            changed = bytearray(state)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            database.execute("UPDATE log SET state = ? WHERE position = ?", (bytes(changed), position))
            database.commit()
        after = _verified(copy, name)
        assert (after.ok, after.first_bad_position) == (False, position)


@pytest.mark.parametrize("column", ["stream", "version", "recorded_at", "type"])
def test_whatever_of_a_record_is_changed_it_is_found(remembering: Remembering, tmp_path: Path, column: str) -> None:
    copy = _copied(remembering, "enrollment", tmp_path)
    changes = {
        "stream": "UPDATE log SET stream = substr(stream, 2) || substr(stream, 1, 1) WHERE position = 7",
        "version": "UPDATE log SET version = version + 1000 WHERE position = 7",
        "recorded_at": "UPDATE log SET recorded_at = recorded_at + 1 WHERE position = 7",
        "type": "UPDATE log SET type = type || 's' WHERE position = 7",
    }
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute(changes[column]).rowcount == 1
        database.commit()
    found = _verified(copy, "enrollment")
    assert (found.ok, found.first_bad_position) == (False, 7)


@pytest.mark.parametrize("name", ["enrollment", "scheduling", "attendance", "medication_review", "interop"])
def test_one_changed_row_of_any_view_is_named(tmp_path: Path, remembering: Remembering, name: str) -> None:
    shutil.copytree(remembering.folder, tmp_path / "house")
    changed: dict[str, tuple[str, str]] = {}
    with closing(sqlite3.connect(tmp_path / "house" / "logs" / f"{name}.sqlite")) as database:
        for follower in remembering.services[name].followers.projections:
            for view in follower.projection.views:
                columns = [one for one in view.columns if one not in view.key]
                row = database.execute(f'SELECT rowid FROM "{view.name}" ORDER BY random() LIMIT 1').fetchone()
                if row and follower.projection.name not in changed:
                    database.execute(f'UPDATE "{view.name}" SET "{columns[-1]}" = 7 WHERE rowid = ?', row)
                    changed[follower.projection.name] = (view.name, columns[-1])
        database.commit()
    assert changed
    with opened(tmp_path / "house", remembering.clock()) as house:
        found = house.rebuilt(name)
        for projection, (view, column) in changed.items():
            difference = found[f"{name}.{projection}"].difference
            assert difference is not None, f"{projection} was found identical"
            assert (difference.view, difference.columns) == (view, (column,))
        assert all(one.identical for one in house.rebuilt(name).values()), "and the rebuild has put it right"
