import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from transport_world import Hearer, Source, sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The database URL of a service, on both databases."""
    if request.param == "sqlite":
        return lambda name: sqlite_url(tmp_path, name)
    postgres_url: str = request.getfixturevalue("postgres_url")
    return lambda name: postgres_url


@pytest.fixture
def source(url: Callable[[str], str], keys_url: str) -> Iterator[Source]:
    """A service with nothing told yet."""
    made = Source(url("medication_review"), keys_url)
    yield made
    made.database.close()


@pytest.fixture
def hearer(url: Callable[[str], str], keys_url: str, source: Source) -> Iterator[Hearer]:
    """A service that has heard nothing yet."""
    made = Hearer(url("attendance"), keys_url, [source.local])
    yield made
    made.close()
