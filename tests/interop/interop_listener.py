"""A gateway in a process of its own: `python interop_listener.py FOLDER [DIE]` prints its port. With DIE it dies
once messages are durable, before any acknowledgment is sent."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from services.interop.receiving import Incoming, Receipt
from tests.interop.gateway import gateway
from tests.interop.test_interop_mllp import listening


class DiesBeforeAnswering:
    def __init__(self, keeper: object) -> None:
        self._keeper = keeper

    def receive(self, incoming: list[Incoming], transport: str) -> list[Receipt]:
        self._keeper.receive(incoming, transport)  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


with gateway(Path(sys.argv[1])) as hospital:
    keeper = DiesBeforeAnswering(hospital.application) if "DIE" in sys.argv else hospital.application
    with listening(keeper) as listener:
        print(listener.address[1], flush=True)
        time.sleep(120)
