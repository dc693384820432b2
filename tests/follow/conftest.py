import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from follow_tally import Service, Tally


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """A service with an empty log, on both databases."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/tally/tally.db"
    else:
        url = request.getfixturevalue("postgres_url")
    (tmp_path / "tally").mkdir()
    (tmp_path / "keys").mkdir()
    made = Service(url, f"sqlite:///{tmp_path}/keys/keys.db")
    Tally.broken.clear()
    yield made
    Tally.broken.clear()
    made.close()
