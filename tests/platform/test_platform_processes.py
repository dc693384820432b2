"""How a process starts and ends."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.platform.served import ROOT, served
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.postgres import OF_THIS_DATABASE

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("only", [(), ("--only", "feed,projections,ledger")])
def test_sigterm_ends_a_process_in_order(tmp_path: Path, only: tuple[str, ...]) -> None:
    with served(tmp_path / "data", "books", *only) as running:
        running.ready()
        assert running.stop() == 0
        assert '"message":"stopped"' in running.logged()


def test_a_call_that_never_ends_cannot_keep_a_process_alive(tmp_path: Path) -> None:
    with served(tmp_path / "data", "books", DAYBOOK_STOP_SECONDS="1") as running:
        running.ready()
        book = running.buy()

        def lend_slowly() -> None:
            with contextlib.suppress(OSError):
                running.ask("POST", f"/enrollment/books/{book}/loans", {"to": "sleepyhead"})

        caller = threading.Thread(target=lend_slowly)
        caller.start()
        until(lambda: "asleep" in running.logged(), "the call is going on")
        assert running.stop() == 0
        caller.join(PATIENCE_SECONDS)
        assert not caller.is_alive()


def test_everything_is_kept_over_a_restart(tmp_path: Path) -> None:
    with served(tmp_path / "data") as running:
        running.ready()
        book = running.buy(title="Kept")
        running.stop()
    with served(tmp_path / "data") as running:
        running.ready("scheduling")
        assert running.ask("GET", f"/enrollment/books/{book}").body["book"]["title"] == "Kept"
        running.until("/scheduling/titles", lambda body: body["titles"] == ["Kept"])


def test_secrets_are_made_for_the_owner_only(tmp_path: Path) -> None:
    with served(tmp_path / "data", "books") as running:
        running.ready()
        modes = {path.name: path.stat().st_mode & 0o777 for path in (running.data / "secrets").iterdir()}
    assert modes == {"master_key": 0o600, "token_private_key": 0o600}


def test_psycopg_before_the_patch_is_refused() -> None:
    code = "import psycopg\nfrom services.platform import green\ngreen.patch()"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "call green.patch() first" in found.stderr


def test_the_hub_does_not_freeze_while_postgres_works(postgres_url: str) -> None:
    """Else what the one green thread waits for, the other would never come to do."""
    waiting = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {OF_THIS_DATABASE}"
    code = f"""
from services.platform import green
green.patch()
import threading, psycopg
green.check()
def slow():
    with psycopg.connect({postgres_url!r}) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
with psycopg.connect({postgres_url!r}) as keeper:
    keeper.execute("SELECT pg_advisory_xact_lock(1)")
    waiting = {waiting!r}
    worker = threading.Thread(target=slow); worker.start()
    while not keeper.execute(waiting).fetchall():
        assert green.probe() >= 0
worker.join()
"""
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert found.returncode == 0, found.stderr
