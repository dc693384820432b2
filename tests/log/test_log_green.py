"""The log under eventlet: green threads take turns without freezing or deadlocking one another."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_SECONDS

PROGRAM = """
import eventlet, os, sys
eventlet.monkey_patch()
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
import threading, time
from datetime import UTC, datetime
from uuid import uuid4
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from tests.support.library import Library, MASTER_KEY, Shelf

database = Database.open(sys.argv[1], "library")
database.migrate()
vault = Vault.connect(sys.argv[2], MASTER_KEY)
library = Library(EventLog(database, TypeRegistry("library", [Shelf]), vault, lambda: datetime.now(UTC)))
shelf = uuid4()
library.put_up(shelf)
woken = []
waiter = threading.Thread(target=lambda: woken.append(library.log.wait(20, 120)))
waiter.start()
threads = [threading.Thread(target=library.place, args=(shelf, f"book {n}")) for n in range(4)]
threads += [threading.Thread(target=library.put_up, args=(uuid4(),)) for n in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
waiter.join()
assert woken[0] > 20, woken
assert len(library.log.read(0, 100)) == 25
with database.begin() as tx:
    eventlet.sleep(0.01)
    library.log.note(tx, "daybook.parked", {}, key="k")
vault.close()
database.close()
print("well")
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def test_green_threads_share_a_log(kind: str, data_dir: Path, keys_url: str, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{data_dir}/library.sqlite" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, keys_url],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert run.returncode == 0, run.stderr
    assert "well" in run.stdout
