"""What the tests of medication review begin with."""

from collections.abc import Iterator

import pytest
from medication_review_told import NOW

from services.medication_review.wiring import define
from tests.support.whole_service import WholeService, opened


@pytest.fixture
def service() -> Iterator[WholeService]:
    """The whole service on a log of its own."""
    with opened(define, NOW) as running:
        yield running
