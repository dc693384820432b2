"""What the tests of enrollment begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from enrollment_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Enrollment on a log of its own."""
    made = World(tmp_path)
    yield made
    made.close()
