"""Migrating again and again, as an owner that is no superuser, beside a service that keeps views of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text

from events.follow.rebuild import rebuild
from events.follow.rights import allow_views
from events.log import postgres
from events.log.commands import Context
from events.log.database import Appended, Database
from services.platform import keyring, settings
from services.platform.clock import SimulatedClock
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.roles import ALL
from services.platform.service import Service, Surroundings, migrate
from services.platform.settings import Settings
from services.platform.web import Query
from tests.conftest import PostgresRole
from tests.platform.library import NOW, BuyBook, Shelf, books, readers
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.postgres import OF_THIS_DATABASE

pytestmark = pytest.mark.processes

ROLES = frozenset({"coordinator"})


def as_owner(owner: PostgresRole, role: PostgresRole) -> Settings:
    return settings.load({}, database=owner.url, service_role=role.name)


@contextmanager
def running(role: PostgresRole, folder: Path) -> Iterator[Service]:
    """The library's service as its role, without its loops."""
    given = settings.load({}, database=role.url, data=folder)
    around = Surroundings(given, SimulatedClock(NOW), keyring.load(given), Packs.load(), Metrics(), Appended())
    service = Service(books(), around, ALL, {})
    try:
        yield service
    finally:
        service.close()
        around.keyring.vault.close()


def buy(service: Service, title: str) -> None:
    context = Context(uuid4(), NOW, "someone", ROLES, "test")
    service.application.buy(BuyBook(uuid4(), title, 1), context)
    service.followers.drain()


def titles(service: Service) -> list[str]:
    asked = Query({"at_least": 0}, None, None, "someone", ROLES, "test")
    return sorted(row["title"] for row in service.application.shelf(asked)["books"])


def test_a_second_migration_leaves_the_services_views_alone_and_its_rights_right(
    postgres_owner: PostgresRole, postgres_role: PostgresRole, tmp_path: Path
) -> None:
    owner = as_owner(postgres_owner, postgres_role)
    migrate(books(), owner)
    with running(postgres_role, tmp_path) as service:
        buy(service, "Amerika")
        migrate(books(), owner)
        buy(service, "The Castle")
        assert titles(service) == ["Amerika", "The Castle"]
        assert rebuild(service.database, service.log, Shelf()).identical
        migrate(books(), owner)
    with running(postgres_role, tmp_path) as another:
        buy(another, "The Trial")
        assert titles(another) == ["Amerika", "The Castle", "The Trial"]
    for change in ("UPDATE enrollment.log SET state = ''", "DELETE FROM enrollment.log", "TRUNCATE enrollment.log"):
        with psycopg.connect(postgres_role.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(change.encode())


def test_a_table_that_a_later_version_adds_is_granted_by_the_next_migration(
    postgres_owner: PostgresRole, postgres_role: PostgresRole
) -> None:
    migrate(books(), as_owner(postgres_owner, postgres_role))
    with psycopg.connect(postgres_role.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE enrollment.of_the_service (n integer GENERATED ALWAYS AS IDENTITY)")
    added = MetaData()
    table = Table("added_later", added, Column("n", Integer, primary_key=True))  # numbered by a sequence
    owner = Database.open(postgres_owner.url, "enrollment")
    owner.migrate(service_role=postgres_role.name, extra=[added])
    owner.close()
    service = Database.open(postgres_role.url, "enrollment")
    with service.begin() as tx:
        tx.execute(table.insert())
        tx.execute(table.update().values(n=7))
        assert tx.execute(table.delete().returning(table.c.n)).scalars().all() == [7]
    service.close()


def test_services_may_be_migrated_at_the_same_time_and_each_by_several(
    postgres_owner: PostgresRole, postgres_role: PostgresRole
) -> None:
    owner = as_owner(postgres_owner, postgres_role)
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(migrate, definition, owner) for definition in (books(), readers()) for _ in range(3)]:
            done.result(PATIENCE_SECONDS)
    with psycopg.connect(postgres_role.url) as connection:
        for service in ("enrollment", "scheduling"):
            found = connection.execute(f"SELECT count(*) FROM {service}.log".encode()).fetchone()
            assert found == (0,)


def test_views_are_allowed_after_a_migration_that_is_under_way(
    postgres_owner: PostgresRole, postgres_role: PostgresRole
) -> None:
    migrate(books(), as_owner(postgres_owner, postgres_role))
    under_way, waiting = (Database.open(postgres_owner.url, "enrollment") for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        with under_way.begin() as tx:
            postgres.migrate(tx, "enrollment", (), postgres_role.name)
            allowed = pool.submit(allow_views, waiting, postgres_role.name)
            until_somebody_waits(tx)
        allowed.result(PATIENCE_SECONDS)
    under_way.close()
    waiting.close()


def until_somebody_waits(tx: Any) -> None:
    waits = text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND {OF_THIS_DATABASE}")
    until(lambda: tx.scalar(waits), "somebody waits")
