"""A gateway in a process of its own: `python interop_listener.py FOLDER [DIE]` prints its port. With DIE it dies
once messages are durable, before any acknowledgment is sent."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from services.interop.application import Interop
from services.interop.examining import Incoming, Ready
from services.interop.receiving import Receipt
from tests.interop.gateway import gateway
from tests.interop.test_interop_mllp import listening


class DiesBeforeAnswering:
    def __init__(self, keeper: Interop) -> None:
        self._keeper = keeper

    def prepare(self, incoming: Incoming) -> Ready:
        return self._keeper.prepare(incoming)

    def keep(self, ready: list[Ready], transport: str) -> list[Receipt]:
        self._keeper.keep(ready, transport)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


with gateway(Path(sys.argv[1])) as hospital:
    keeper = DiesBeforeAnswering(hospital.application) if "DIE" in sys.argv else hospital.application
    with listening(keeper) as listener:
        print(listener.address[1], flush=True)
        time.sleep(600)  # until it is killed
