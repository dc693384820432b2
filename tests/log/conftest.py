"""A small log to try things on, on both databases."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from tests.support.library import MASTER_KEY, Library, Shelf


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def log_url(request: pytest.FixtureRequest, data_dir: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{data_dir / 'library.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(log_url: str) -> Iterator[Database]:
    opened = Database.open(log_url, "library")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def vault(keys_url: str) -> Iterator[Vault]:
    opened = Vault.connect(keys_url, MASTER_KEY)
    yield opened
    opened.close()


@pytest.fixture
def registry() -> TypeRegistry:
    return TypeRegistry("library", [Shelf])


@pytest.fixture
def library(database: Database, registry: TypeRegistry, vault: Vault, clock: Callable[[], datetime]) -> Library:
    return Library(EventLog(database, registry, vault, clock))
