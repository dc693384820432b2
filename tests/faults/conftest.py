"""What the oracle finds is shown as a test's own assertion would be."""

import pytest

pytest.register_assert_rewrite("tests.faults.faults_oracle")
