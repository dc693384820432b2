"""A house per test, and one town of processes for all tests that need one: each plays a program of its own in it."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

pytest.register_assert_rewrite("e2e_house", "e2e_program", "e2e_simulated", "e2e_stories", "e2e_town")

from e2e_house import House, opened  # noqa: E402 (their asserts are rewritten)
from e2e_program import BEGIN  # noqa: E402 (the same)
from e2e_simulated import Simulated, simulated  # noqa: E402 (the same)
from e2e_town import Servers, Town  # noqa: E402 (the same)
from psycopg import sql  # noqa: E402 (the same)

from tests.support.rabbit import Management  # noqa: E402 (the same)
from tests.support.servers import MANAGEMENT, POSTGRES, RABBITMQ  # noqa: E402 (the same)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path, BEGIN) as found:
        yield found


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A small simulated program, as it was told by all services: closed once, and once but for a wrong forecast; two
    people merged by mistake; make-ups, a transfer, the kiosk, a room repaired."""
    return simulated(tmp_path_factory.mktemp("simulated") / "house", participants=16, weeks=3, seed=251)


@pytest.fixture(scope="package")
def servers() -> Iterator[Servers]:
    """Databases, a role and a virtual host of these tests' own."""
    missing = [name for name in (POSTGRES, RABBITMQ, MANAGEMENT) if name not in os.environ]
    if missing:
        pytest.fail(f"{', '.join(missing)} not set\nhint: run ./daybook test, which provides servers", pytrace=False)
    name, password = f"daybook_e2e_{secrets.token_hex(6)}", secrets.token_hex(16)
    admin, broker = os.environ[POSTGRES], os.environ[RABBITMQ]
    management = Management(os.environ[MANAGEMENT])
    role, log, keys = (sql.Identifier(one) for one in (name, name, f"{name}_keys"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(log))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(keys, role))
    management.add_vhost(name)
    host = urlsplit(admin).netloc.rpartition("@")[2]
    yield Servers(
        owner=_with(admin, path=f"/{name}"),
        service=_with(admin, path=f"/{name}", netloc=f"{name}:{password}@{host}"),
        role=name,
        keys=_with(admin, path=f"/{name}_keys", netloc=f"{name}:{password}@{host}"),
        broker=_with(broker, path=f"/{name}"),
    )
    management.delete_vhost(name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(log))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(keys))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture(scope="package")
def town(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Until the last test of this folder: what it costs while nobody asks, other tests would pay."""
    built = Town(tmp_path_factory.mktemp("town"), servers, BEGIN)
    try:
        yield built.start()
    finally:
        built.close()


def _with(url: str, **parts: str) -> str:
    return urlunsplit(urlsplit(url)._replace(**parts))
