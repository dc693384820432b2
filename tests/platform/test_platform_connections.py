"""A service opens no more connections to PostgreSQL than it may, and goes on with as few as two."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from events.follow import rows
from events.follow.parking import Parking
from events.follow.rebuild import rebuild
from events.log import postgres
from events.log.commands import Context, Unit
from events.log.database import Appended, Database
from events.log.errors import Busy
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from services.platform import keyring, roles, settings, status
from services.platform.clock import SystemClock
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.roles import ALL, Work
from services.platform.service import Service, Surroundings, migrate
from services.platform.web import Query
from tests.platform.library import Book, BuyBook, LendBook, Shelf, books, readers
from tests.support.patience import PATIENCE_SECONDS, until

CLERK = frozenset({"coordinator"})


@pytest.mark.parametrize(
    ("only", "most", "expected"),
    [
        (ALL, 12, 12),
        ({Work.COMMANDS}, 12, 12),
        ({Work.BACKGROUND}, 12, 12),
        ({Work.RELAY}, 12, 6),
        ({Work.FEED, Work.LEDGER, Work.RELAY}, 12, 10),
        ({Work.RELAY}, 2, 2),
    ],
)
def test_connections_follow_the_roles(only: frozenset[Work], most: int, expected: int) -> None:
    assert roles.connections(frozenset(only), most) == expected


@contextmanager
def running(url: str, folder: Path) -> Iterator[tuple[Service, Service]]:
    """Two services with all their loops in real threads, two connections each."""
    given = settings.load({}, database=url, data=folder, connections=2, compare_seconds=0.1)
    around = Surroundings(given, SystemClock(), keyring.load(given), Packs.load(), Metrics(), Appended())
    made = []
    for definition in (books(), readers()):
        migrate(definition, given)
        made.append(Service(definition, around, ALL, {}))
    teller, listener = made
    services = {service.name: service for service in made}
    try:
        for service in made:
            service.connect(services)
        for service in made:
            service.start()
        yield teller, listener
    finally:
        for service in made:
            service.ask_to_stop()
        for service in made:
            assert service.join(lambda: PATIENCE_SECONDS) == []
            service.close()
        around.keyring.vault.close()


@pytest.mark.processes
def test_two_connections_are_enough_for_everything_that_a_service_does_at_once(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "LOAD_UP_TO", 3)  # so that handlers have to look rows up
    with running(postgres_url, tmp_path) as (teller, listener), ThreadPoolExecutor(8) as crowd:
        bought = list(crowd.map(lambda n: buy(teller, f"book {n}"), range(30)))
        work = [crowd.submit(lend, teller, book, "somebody") for book in bought[:10]]
        work += [crowd.submit(ask, teller, "shelf", n) for n in range(10)]
        work += [crowd.submit(rebuild, teller.database, teller.log, Shelf())]
        work += [crowd.submit(status.document, teller) for _ in range(3)]
        work += [crowd.submit(status.measure, teller, Metrics()) for _ in range(3)]
        lend(teller, bought[-1], "nobody")  # which the projection cannot handle
        for each in work:
            each.result(120)
        until(lambda: len(ask(listener, "titles", 0)["titles"]) == 30, "it happens")
        parking = Parking(teller.database, teller.log)
        until(lambda: len(parking.list()) == 1, "it happens")
        parking.discard(parking.list()[0].id)
        until(lambda: parking.list() == [], "it happens")
        assert rebuild(teller.database, teller.log, Shelf()).identical
        assert len(ask(teller, "shelf", teller.log.head())["books"]) == 30
        assert [loop.conditions() for loop in teller.loops if any(c.error for c in loop.conditions())] == []
        assert open_connections(postgres_url, "enrollment") <= 2


@pytest.mark.processes
def test_no_more_connections_are_opened_and_who_finds_none_is_told_that_nothing_was_stored(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    monkeypatch.setattr(postgres, "POOL_SECONDS", 0.1)
    database = Database.open(postgres_url, "enrollment", connections=4)
    database.migrate()
    log = EventLog(database, TypeRegistry("enrollment", [Book]), vault, SystemClock())
    command, asked = BuyBook(uuid4(), "The Burrow", 1), context()

    def decide(unit: Unit) -> dict[str, str]:
        unit.add(Book._create(Book.Created, id=command.book_id, timestamp=asked.at, title=command.title, copies=1))
        return {}

    assert database.direct is not None
    with database.direct.connection(), database.direct.connection(), database.read(), database.read():
        assert open_connections(postgres_url, "enrollment") == 4
        with pytest.raises(Busy, match=r"no connection .* free for 0\.1 seconds"):
            log.execute(command, asked, decide)
        with pytest.raises(Busy), database.begin():
            pass
        with pytest.raises(Busy), database.look():
            pass
    assert not log.execute(command, asked, decide).repeated
    assert open_connections(postgres_url, "enrollment") <= 4
    database.close()


@pytest.fixture
def vault(keys_url: str) -> Iterator[Vault]:
    opened = Vault.connect(keys_url, bytes(32))
    yield opened
    opened.close()


def context() -> Context:
    return Context(uuid4(), datetime.now(UTC), "someone", CLERK, "test")


def buy(service: Service, title: str) -> UUID:
    book = uuid4()
    service.application.buy(BuyBook(book, title, 1), context())
    return book


def lend(service: Service, book: UUID, reader: str) -> None:
    service.application.lend(LendBook(book, reader), context())


def ask(service: Service, question: str, after: int) -> Any:
    asked = Query({"at_least": 0}, None, after, "someone", CLERK, "test")
    return getattr(service.application, question)(asked)


def open_connections(url: str, service: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        found = connection.execute(query, [f"daybook {service}"]).fetchone()
    assert found is not None
    return int(found[0])
