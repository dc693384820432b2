"""The tests' own servers keep their promises."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support import rabbit
from tests.support.patience import PATIENCE_SECONDS
from tests.support.rabbit import Management

ROOT = Path(__file__).parents[2]


@pytest.mark.processes
def test_each_test_has_an_empty_database_with_durable_commits(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        settings = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")]
    assert tables == (0,)
    assert settings == ["on", "on"]


@pytest.mark.processes
def test_a_service_role_connects_and_may_create_nothing(postgres_role):
    with psycopg.connect(postgres_role.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE own (id int)")


@pytest.mark.processes
def test_each_test_has_a_virtual_host_of_its_own(rabbitmq_url, rabbitmq_management: Management):
    with rabbit.connect(rabbitmq_url) as connection:
        connection.channel().queue_declare("mine", durable=True, auto_delete=False)
    vhost = rabbitmq_url.rpartition("/")[2]
    queues = rabbitmq_management.call("GET", f"/queues/{vhost}")
    assert [queue["name"] for queue in queues] == ["mine"]


@pytest.mark.processes
def test_a_killed_test_run_leaves_no_server_and_no_folder(tmp_path):
    script = (
        "import time\n"
        "from tests.support.postgres import PrivatePostgres\n"
        "server = PrivatePostgres(); server.start()\n"
        "print(server.folder, server.url, flush=True); time.sleep(600)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    folder, url = run.stdout.readline().split()
    psycopg.connect(url).close()
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_a_missing_server_fails_with_a_hint(pytester_free_environment):
    outcome = pytester_free_environment(
        "tests/transport/test_transport_servers.py::test_a_service_role_connects_and_may_create_nothing"
    )
    assert outcome.returncode == 1
    assert "hint: run ./daybook test" in outcome.stdout


@pytest.fixture
def pytester_free_environment():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_TEST_")}

    def run(test: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)

    return run
