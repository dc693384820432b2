"""Loops beside the followers: what a copy does while another one has the work."""

import time
from pathlib import Path

from events.follow import tables
from events.follow.lease import Leases
from events.log.database import Appended, Database
from services.platform.loops import Worker
from services.platform.metrics import Metrics
from tests.support.patience import PATIENCE_SECONDS


class Relaying:
    """Waits as the relay does: until something is told that its last step did not see."""

    name = "relay"

    def __init__(self) -> None:
        self.told = Appended()
        self.waits = 0

    def step(self) -> int:
        raise AssertionError("another copy has this work")

    def wait(self, seconds: float) -> None:
        self.waits += 1
        self.told.wait(0, seconds)

    def close(self) -> None:
        """Holds nothing."""


def test_a_copy_without_the_lease_rests_whatever_is_told_meanwhile(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/log.sqlite", "library")
    database.migrate(extra=[tables.metadata])
    Leases(database, "other", ttl=3600).balance("relay", ["relay"])
    unit = Relaying()
    unit.told.announce()
    worker = Worker("library", unit, Metrics(), idle=0.05, wait=unit.wait, leases=Leases(database, "this"))
    worker.start()
    time.sleep(0.3)
    worker.ask_to_stop()
    assert worker.join(PATIENCE_SECONDS)
    assert unit.waits == 0
    assert worker.error is None
    database.close()
