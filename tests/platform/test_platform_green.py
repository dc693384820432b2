"""What green threads have to do as real ones do; each in a process of its own, since patching cannot be undone."""

import subprocess
import sys

import pytest

from tests.support.patience import PATIENCE_SECONDS

JOIN = """
from services.platform import green
green.patch()
import threading, time
thread = threading.Thread(target=time.sleep, args=(3,), daemon=True)
thread.start()
thread.join(0)
thread.join(0.01)
assert thread.is_alive()
thread.join()
assert not thread.is_alive()
thread.join(1)
"""


@pytest.mark.processes
def test_a_join_that_takes_too_long_returns():
    """From Python 3.13 on eventlet's own would raise."""
    done = subprocess.run(
        [sys.executable, "-c", JOIN], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
