"""The servers a benchmark needs, and in them a database or a virtual host of its own."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.support import servers
from tests.support.rabbit import Management


class Unusable(Exception):
    """A server that would make the figures worthless; the message has a hint."""


@dataclass(frozen=True)
class Servers:
    """URLs whose users may create databases and virtual hosts."""

    postgres: str
    rabbitmq: str
    management: str

    @contextmanager
    def database(self) -> Iterator[str]:
        """URL of a new, empty database for as long as the block lasts."""
        name = f"daybook_bench_{secrets.token_hex(6)}"
        with psycopg.connect(self.postgres, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield _with_path(self.postgres, f"/{name}")
        finally:
            with psycopg.connect(self.postgres, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def broker(self) -> Iterator[str]:
        """URL of a new, empty virtual host for as long as the block lasts."""
        name = f"daybook-bench-{secrets.token_hex(6)}"
        management = Management(self.management)
        management.add_vhost(name)
        try:
            yield _with_path(self.rabbitmq, f"/{name}")
        finally:
            management.delete_vhost(name)


@contextmanager
def provided(database: str | None, broker: str | None) -> Iterator[Servers]:
    """The servers given, those of the environment, or private ones that end with the block.

    Raises ``Unusable`` for a PostgreSQL server that does not write what it confirms, and ``ServerUnavailable``.
    """
    for variable, given in ((servers.POSTGRES, database), (servers.RABBITMQ, broker)):
        if given:
            os.environ[variable] = given
    found = servers.provide()
    try:
        with psycopg.connect(found[servers.POSTGRES]) as connection:
            for name in ("fsync", "full_page_writes"):
                if connection.execute(f"SHOW {name}".encode()).fetchall() != [("on",)]:
                    raise Unusable(f"this PostgreSQL server runs with {name} off, so its commits are not durable")
        yield Servers(found[servers.POSTGRES], found[servers.RABBITMQ], found[servers.MANAGEMENT])
    finally:
        servers.stop()


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))
