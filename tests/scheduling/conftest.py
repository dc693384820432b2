"""What the tests of scheduling begin with."""

import pytest
from scheduling_world import World


@pytest.fixture
def world() -> World:
    """A program in memory."""
    return World()
