"""Whatever the order in which a service hears of a simulated program, late and repeated: the same rows in the end.

Each service is built anew and only listens: what people do in it is in ``test_e2e_convergence``, where it is done while
events travel as chance has it.
"""

from pathlib import Path
from random import Random

import pytest
from e2e_late import rows_of, unlike
from e2e_simulated import Simulated


@pytest.mark.parametrize("consumer", ["scheduling", "attendance", "medication_review", "interop"])
def test_in_whatever_order_a_service_hears_of_a_program_its_rows_are_the_same(
    program: Simulated, tmp_path: Path, consumer: str
) -> None:
    """Enrollment hears only of episodes that it opened itself."""
    wanted = rows_of(program, consumer, tmp_path / "in_order", None)
    found = rows_of(program, consumer, tmp_path / "late", Random(1))
    assert unlike(found, wanted) == {}
    assert any(wanted.values()), "it heard of nothing"
