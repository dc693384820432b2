"""A decision reads what is new in a long stream, and what it reads is never another decision's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent

from events.log.commands import Context, Unit
from events.log.database import Database
from events.log.log import EventLog
from events.log.remembered import EVERY
from events.log.types import TypeRegistry
from events.log.vault import ERASED, Vault
from tests.support.library import NOW, Library, Shelf

DOOR = UUID(int=7)


class Door(Aggregate):
    """A door of the library and who went through it; nothing of it is personal."""

    TOPIC = "library.door"

    class Created(Aggregate.Created):
        TOPIC = "library.door.built"

    class Passed(Aggregate.Event):
        TOPIC = "library.door.passed"
        whose: str

    @event(Created)
    def __init__(self) -> None:
        self.passed: list[str] = []

    @event(Passed)
    def _passed(self, whose: str) -> None:
        self.passed.append(whose)


@dataclass(frozen=True)
class Pass:
    whose: str


class Doors:
    """One process that lets people through; what it reads of the stream is noted."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]):
        self.log = EventLog(database, TypeRegistry("library", [Door, Shelf]), vault, clock)
        self.read: list[int] = []
        select = self.log.recorder.select_events

        def noting(stream: UUID | str, **how: Any) -> Sequence[StoredEvent]:
            found = select(stream, **how)
            self.read.append(len(found))
            return found

        self.log.recorder.select_events = noting  # type: ignore[method-assign]  # watched, otherwise as it is

    def pass_(self, whose: str, refuse: bool = False) -> list[str]:
        """All who have passed by then."""
        seen: list[str] = []

        def decide(unit: Unit) -> dict[str, Any]:
            door = unit.find(Door, DOOR) or unit.add(Door._create(Door.Created, id=DOOR, timestamp=NOW))
            door.trigger_event(Door.Passed, timestamp=NOW, whose=whose)
            if refuse:
                raise PermissionError(whose)
            seen[:] = door.passed
            return {}

        self.log.execute(Pass(whose), Context(uuid4(), NOW, "ada", frozenset(), "correlation"), decide)
        return seen


@pytest.fixture
def doors(database: Database, vault: Vault, clock: Callable[[], datetime]) -> Doors:
    return Doors(database, vault, clock)


def test_a_decision_reads_no_more_of_a_stream_however_long_it_is(doors: Doors) -> None:
    names = [str(number) for number in range(5 * EVERY)]
    assert [doors.pass_(name) for name in names][-1] == names
    assert max(doors.read) <= EVERY, "and the stream has five times as many"


def test_what_a_refused_decision_did_is_not_remembered(doors: Doors) -> None:
    for number in range(2 * EVERY):
        doors.pass_(str(number))
    with pytest.raises(PermissionError):
        doors.pass_("nobody", refuse=True)
    assert "nobody" not in doors.pass_("last")


def test_what_another_process_has_decided_is_seen(
    doors: Doors, database: Database, vault: Vault, clock: Callable[[], datetime]
) -> None:
    another = Doors(database, vault, clock)
    names = [str(number) for number in range(4 * EVERY)]
    for number, name in enumerate(names):
        seen = (doors, another)[number % 3 == 0].pass_(name)
    assert seen == names


def test_personal_fields_are_not_remembered_beyond_their_key(library: Library, vault: Vault, data_dir: Path) -> None:
    shelf = uuid4()
    library.put_up(shelf)
    for number in range(2 * EVERY):
        library.place(shelf, str(number))
    assert library.log.suppose(lambda unit: unit.get(Shelf, shelf).keeper) == "Ada Lovelace"
    vault.destroy(str(shelf))
    assert library.log.suppose(lambda unit: unit.get(Shelf, shelf).keeper) is ERASED
