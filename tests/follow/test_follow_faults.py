"""Followers outlive their database, and a process that is killed leaves nothing half done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from follow_tally import TALLY, Service, Tally
from sqlalchemy.exc import DBAPIError

from events.follow.compose import ServiceFollowers
from events.follow.lease import Leases
from events.follow.reading import Reader
from events.follow.rebuild import rebuild
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.servers import PrivatePostgres

pytestmark = pytest.mark.processes

COPY = """
import sys
sys.path.insert(0, {here!r})
from follow_tally import Act, Service, Tally
from test_follow_reaction import Thank
from events.follow.compose import ServiceFollowers
from events.follow.lease import Leases
service = Service({url!r}, {keys!r}, migrate=False)
made = ServiceFollowers(service.database, service.log, projections=[Tally()], reactions=[Thank()], dispatch=service.act)
print("up", flush=True)
made.loop(Leases(service.database, sys.argv[1], ttl=1.0)).run()
"""


def test_a_restart_of_postgresql_stops_nobody(private_postgres: PrivatePostgres, tmp_path: Path) -> None:
    service = Service(private_postgres.url, f"sqlite:///{tmp_path}/keys.db")
    made = ServiceFollowers(service.database, service.another_log(), projections=[Tally()])
    loop = made.loop(Leases(service.database, "one", ttl=2.0))
    loop.start()
    try:
        service.votes("a:ann")
        Reader(service.database, service.log).at(["tally"], after=1, timeout=PATIENCE_SECONDS)
        private_postgres.stop()
        time.sleep(1.0)
        private_postgres.start()

        def vote() -> bool:
            try:
                service.votes("a:bob")
            except DBAPIError:  # its connections were cut as well
                return False
            return True

        until(vote, "a vote is taken")
        row = Reader(service.database, service.log).at(["tally"], after=2, timeout=PATIENCE_SECONDS).one(TALLY, "a")
        assert row is not None and row["votes"] == 3
    finally:
        loop.stop()
        service.close()


def test_copies_that_are_killed_and_frozen_leave_every_effect_once(postgres_url: str, tmp_path: Path) -> None:
    keys = f"sqlite:///{tmp_path}/keys.db"
    service = Service(postgres_url, keys)
    program = COPY.format(here=str(Path(__file__).parent), url=postgres_url, keys=keys)

    def start(name: str) -> subprocess.Popen[str]:
        copy = subprocess.Popen(
            [sys.executable, "-c", program, name], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert copy.stdout is not None and copy.stdout.readline() == "up\n"
        return copy

    voters = [f"v{number}" for number in range(120)]
    copies = [start("one"), start("two")]
    try:
        for number, voter in enumerate(voters):
            service.votes(f"poll{number % 7}:{voter}")
            if number == 30:
                copies[0].send_signal(signal.SIGKILL)
                copies.append(start("three"))
            if number == 60:
                copies[1].send_signal(signal.SIGSTOP)
            if number == 90:
                time.sleep(1.5)  # its leases expire, another copy takes over
                copies[1].send_signal(signal.SIGCONT)
        until(lambda: len(service.deeds()) >= 2 * len(voters), "all deeds are done")
        head = service.log.head()
        Reader(service.database, service.log).at(["tally"], after=head, timeout=PATIENCE_SECONDS)
        deeds = service.deeds()
        assert sorted(deeds) == sorted(f"{deed} {voter}" for voter in voters for deed in ("greet", "thank"))
        for number in range(7):
            mine = [deed.split()[1] for deed in deeds if deed.startswith("greet")]
            assert [voter for voter in mine if int(voter[1:]) % 7 == number] == voters[number::7], "in order per key"
        assert rebuild(service.database, service.log, Tally()).identical
    finally:
        for copy in copies:
            copy.kill()
            copy.wait()
            if copy.stdout is not None:
                copy.stdout.close()
        service.close()
