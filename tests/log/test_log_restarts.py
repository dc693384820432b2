"""PostgreSQL is killed under load: every command gets a definite answer in the end, and the log agrees with the
answers."""

import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError

from events.log.commands import Answer
from events.log.database import Database
from events.log.errors import OutcomeUnknown
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from tests.support.library import Library, Shelf
from tests.support.servers import PrivatePostgres

pytestmark = pytest.mark.processes

WRITERS = 4


def until_answered(library: Library, shelf: UUID, title: str) -> Answer:
    """What a client does: the same command id until the outcome is known."""
    context = library.context()
    while True:
        try:
            return library.place(shelf, title, context)
        except OutcomeUnknown:
            continue


def read_all(library: Library) -> list[int]:
    positions = [0]
    while True:
        try:
            found = library.log.records(positions[-1], 100)
        except OperationalError:
            continue
        if not found:
            return positions[1:]
        positions += [record.position for record in found]


def test_a_killed_server_loses_nothing_and_doubles_nothing(private_postgres: PrivatePostgres, vault: Vault) -> None:
    database = Database.open(private_postgres.url, "library")
    database.migrate()
    library = Library(EventLog(database, TypeRegistry("library", [Shelf]), vault, lambda: datetime.now(UTC)))
    answers: dict[str, Answer] = {}
    shelves = [uuid4() for _ in range(WRITERS)]
    for shelf in shelves:
        library.put_up(shelf)
    stop = threading.Event()

    def write(shelf: UUID) -> None:
        number = 0
        while not stop.is_set():
            title = f"{shelf} {number}"
            answers[title] = until_answered(library, shelf, title)
            number += 1

    writers = [threading.Thread(target=write, args=(shelf,)) for shelf in shelves]
    for writer in writers:
        writer.start()
    for _ in range(2):
        stop.wait(0.7)
        private_postgres.kill()
        private_postgres.start()
    stop.wait(0.7)
    stop.set()
    for writer in writers:
        writer.join()

    stored = {e.data["title"]: e.position for e in library.log.read(0, 100_000) if "title" in e.data}
    assert stored == {title: answer.position for title, answer in answers.items()}
    assert read_all(library) == sorted(
        [*stored.values(), *(e.position for e in library.log.read(0, 99) if e.version == 1)]
    )
    database.close()
