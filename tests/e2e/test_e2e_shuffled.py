"""Whatever the order in which a service hears of a simulated program, late and repeated: the same rows in the end.

Each service is built anew and only listens: what people do in it is in ``test_e2e_convergence``, where it is done while
events travel as chance has it. ``python tests/e2e/e2e_orders.py`` does this at any size.
"""

from pathlib import Path

import pytest
from e2e_orders import LISTENING, compared
from e2e_simulated import Simulated


@pytest.mark.parametrize("consumer", LISTENING)
def test_in_whatever_order_a_service_hears_of_a_program_its_rows_are_the_same(
    program: Simulated, tmp_path: Path, consumer: str
) -> None:
    found = compared(program, consumer, 1, tmp_path)
    assert found.differing == {}
    assert found.rows > 0, "it heard of nothing"
