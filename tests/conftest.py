"""Fixtures for all tests: a database, a role, a virtual host of its own for each; a clock that stands still."""

import gc
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from tests.support.rabbit import Management
from tests.support.servers import MANAGEMENT, POSTGRES, RABBITMQ, PrivatePostgres, PrivateRabbit

# The same examples at each run and on any machine: a suite that fails by chance is not believed when it fails.
# Others are tried with --hypothesis-profile=default.
settings.register_profile(
    "daybook", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("daybook")


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


def _server(variable: str) -> str:
    url = os.environ.get(variable)
    if not url:
        pytest.fail(
            f"this test needs a server and {variable} is not set\n"
            "hint: run ./daybook test, which provides one (or export what `python -m tests.support.servers` prints)",
            pytrace=False,
        )
    return url


@contextmanager
def _administration() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(_server(POSTGRES), autocommit=True) as connection:
        yield connection


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))


@contextmanager
def fresh_database() -> Iterator[str]:
    """URL of a new, empty database, as its owner; for fixtures of a wider scope."""
    name = f"daybook_{secrets.token_hex(8)}"
    with _administration() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield _with_path(_server(POSTGRES), f"/{name}")
    with _administration() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """URL of a fresh, empty database of this test, as its owner."""
    with fresh_database() as url:
        yield url


@dataclass(frozen=True)
class PostgresRole:
    """A role that is no superuser; ``url`` connects to the test's database as this role."""

    name: str
    url: str


@contextmanager
def _new_role(prefix: str, postgres_url: str) -> Iterator[PostgresRole]:
    name, password = f"{prefix}_{secrets.token_hex(8)}", secrets.token_hex(16)
    with _administration() as connection:
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
    parts = urlsplit(postgres_url)
    netloc = f"{name}:{password}@{parts.netloc.rpartition('@')[2]}"
    yield PostgresRole(name, urlunsplit(parts._replace(netloc=netloc)))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(name)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def postgres_role(postgres_url: str) -> Iterator[PostgresRole]:
    """A service's role: may connect, owns nothing, has no rights but those that a migration grants."""
    with _new_role("service", postgres_url) as role:
        yield role


@pytest.fixture
def postgres_owner(postgres_url: str) -> Iterator[PostgresRole]:
    """An owner's role as in production: the database is its own, and it is no superuser."""
    database = sql.Identifier(urlsplit(postgres_url).path.removeprefix("/"))
    change = sql.SQL("ALTER DATABASE {} OWNER TO {}")
    with _new_role("owner", postgres_url) as role:
        with _administration() as connection:
            connection.execute(change.format(database, sql.Identifier(role.name)))
        yield role
        with _administration() as connection:
            connection.execute(change.format(database, sql.SQL("CURRENT_USER")))


@pytest.fixture
def rabbitmq_management() -> Management:
    """The management API of the tests' RabbitMQ."""
    return Management(_server(MANAGEMENT))


@contextmanager
def fresh_vhost() -> Iterator[str]:
    """URL of a new virtual host; for fixtures of a wider scope."""
    management = Management(_server(MANAGEMENT))
    name = f"daybook-{secrets.token_hex(8)}"
    management.add_vhost(name)
    yield _with_path(_server(RABBITMQ), f"/{name}")
    management.delete_vhost(name)


@pytest.fixture
def rabbitmq_url() -> Iterator[str]:
    """URL of a virtual host of this test's own."""
    with fresh_vhost() as url:
        yield url


@pytest.fixture
def private_postgres() -> Iterator[PrivatePostgres]:
    """A started PostgreSQL of this test's own, to stop, kill and wipe."""
    server = PrivatePostgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def private_rabbitmq() -> Iterator[PrivateRabbit]:
    """A started RabbitMQ of this test's own, to stop, kill and wipe."""
    server = PrivateRabbit()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def keys_url(tmp_path: Path) -> str:
    """URL of a key store, outside the data folder as keys must be."""
    return f"sqlite:///{tmp_path / 'keys.sqlite'}"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty folder for logs."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> FixedClock:
    """Stands at 2026-03-02 09:00 UTC, a Monday, until it is advanced."""
    return FixedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
