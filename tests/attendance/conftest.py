"""What the tests of attendance begin with."""

from collections.abc import Iterator

import pytest
from attendance_told import NOW

from services.attendance.wiring import define
from tests.support.whole_service import WholeService, opened


@pytest.fixture
def service() -> Iterator[WholeService]:
    """The whole service on a log of its own."""
    with opened(define, NOW) as running:
        yield running
