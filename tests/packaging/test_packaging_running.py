"""Each container's exact command, environment and probe, as local processes on a real PostgreSQL and RabbitMQ."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from services.cli.client import Client, Refusal
from services.cli.composition import SERVICES
from services.platform.tokens import Role, TokenIssuer, new_key
from tests.packaging.packaging_secrets import make
from tests.packaging.running import IMAGE_CLI, Deployment, of_compose, of_kubernetes
from tests.support import postgres
from tests.support.patience import until
from tests.support.servers import PrivatePostgres, PrivateRabbit

ROOT = Path(__file__).parents[2]

COMPONENTS = ["individual_therapy", "group_therapy", "medication_management", "psychoeducation", "support_group"]

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """Secrets by `daybook secrets`, and the two servers made from them as compose and the overlay do it."""
    database, broker = PrivatePostgres(), PrivateRabbit()
    try:
        database.start()
        broker.start()
        hosts = ("--database-host", f"127.0.0.1:{database.port}", "--broker-host", f"127.0.0.1:{broker.port}")
        folder = make(tmp_path_factory.mktemp("deployment") / "secrets", *hosts)
        _make_databases(database, folder)
        broker.management.call("POST", "/definitions", json.loads((folder / "rabbitmq_definitions").read_text()))
        yield folder
    finally:
        broker.close()
        database.close()


def _make_databases(server, folder):
    """As the image does: the owner and the database, then the script."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        password = sql.Literal((folder / "owner_password").read_text())
        connection.execute(sql.SQL("CREATE ROLE owner SUPERUSER LOGIN PASSWORD {}").format(password))
        connection.execute("CREATE DATABASE daybook OWNER owner")
    binaries = postgres.binaries()
    path = os.pathsep.join([*([str(binaries)] if binaries else []), os.environ["PATH"]])
    if shutil.which("psql", path=path) is None:
        pytest.fail(
            "this test needs psql\nhint: install PostgreSQL's client (Debian: postgresql-client)", pytrace=False
        )
    environment = {
        "PATH": path,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": (folder / "owner_password").read_text(),
        "POSTGRES_USER": "owner",
        "POSTGRES_DB": "daybook",
        "SERVICE_PASSWORD_FILE": str(folder / "service_password"),
    }
    script = ROOT / "k8s/overlays/development/databases.sh"
    subprocess.run(["sh", str(script)], env=environment, check=True, capture_output=True)


@pytest.fixture(scope="module", params=["compose", "kubernetes"])
def deployment(request, secrets, tmp_path_factory):
    """Migrated by its own container, then all services started and healthy by their own probes."""
    containers = of_compose() if request.param == "compose" else of_kubernetes()
    made = Deployment(containers, secrets, tmp_path_factory.mktemp("run") / request.param)
    try:
        migrated = made.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        services = [name for name in containers if name != "migrate"]
        for name in services:
            made.start(name)
        for name in services:
            made.await_health(name)
        yield made
    finally:
        made.close()


@pytest.fixture
def ask(deployment, secrets):
    """A client of one service in some roles, with tokens issued by the deployment's private key."""
    issuer = TokenIssuer.from_pem((secrets / "token_private_key").read_bytes())

    def client(service, *roles):
        name = service if service in deployment.containers else service.replace("_", "-")
        return Client(deployment.url(name), issuer.issue("person-1", roles, datetime.now(UTC)))

    return client


def test_the_image_starts_the_command_line():
    dockerfile = (ROOT / "Dockerfile").read_text().splitlines()
    [entrypoint] = [line.removeprefix("ENTRYPOINT ") for line in dockerfile if line.startswith("ENTRYPOINT")]
    assert json.loads(entrypoint) == IMAGE_CLI
    assert all(list(one.healthcheck[:3]) == IMAGE_CLI for one in of_compose().values() if one.healthcheck)


def test_both_descriptions_run_the_same_commands_with_the_same_settings():
    compose, kubernetes = of_compose(), of_kubernetes()
    assert {one.args for one in compose.values()} == {one.args for one in kubernetes.values()}
    other = {one.args: set(one.environment) for one in kubernetes.values()}
    assert {one.args: set(one.environment) for one in compose.values()} == other


def test_what_is_decided_in_one_container_is_known_in_the_others(ask):
    coordinator = ask("enrollment", Role.COORDINATOR)
    track = coordinator.post(
        "/enrollment/tracks",
        {"name": "Evenings", "time_zone": "America/New_York", "packs": ["medicare_iop"], "census_limit": 5},
    )
    person = coordinator.post("/enrollment/participants", {"person": {"family": "Quillfeather", "given": "Ada"}})
    answers = {
        "needs_more_than_outpatient": 1, "step_down": 0, "significant_distress_or_impairment": 1,
        "needs_24_hour_care": 0, "acute_withdrawal": 0, "imminent_risk": 0,
    }  # fmt: skip
    path = f"/enrollment/participants/{person['participant_id']}"
    assessed = coordinator.post(
        f"{path}/assessments", {"kind": "mental_health", "answers": answers, "age_group": "adult"}
    )
    admission = {"track_id": track["track_id"], "assessment_id": assessed["assessment_id"], "components": COMPONENTS}
    assert coordinator.post(f"{path}/episodes", admission)["outcome"] == "admitted"
    clinic = ask("medication_review", Role.AUDITOR)
    asked = f"/medication_review/participants/{person['participant_id']}/reviews"
    found = until(lambda: clinic.get(asked)["reviews"], "a review is opened")
    assert found[0]["state"] == "open"


def test_what_was_told_went_through_the_broker(ask):
    operator = ask("enrollment", Role.OPERATOR)

    def relayed():
        status = operator.get("/enrollment/status")
        return None if status["relay"]["lag_events"] else status

    status = until(relayed, "all that was told has been relayed")
    assert status["relay"]["told"] > 0
    assert status["failing"] == []


def test_the_services_role_can_neither_change_nor_remove_what_is_in_a_log(secrets):
    with psycopg.connect((secrets / "database_url").read_text(), autocommit=True) as connection:
        for service in SERVICES:
            for statement in (
                "DELETE FROM {}.log",
                "UPDATE {}.log SET position = 0",
                "TRUNCATE {}.log",
                "DROP TABLE {}.log",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(service)))


def test_tokens_of_another_key_are_refused(ask, deployment):
    stranger = TokenIssuer.from_pem(new_key()).issue("person-1", ["coordinator"], datetime.now(UTC))
    with pytest.raises(Refusal) as refused:
        Client(deployment.url("enrollment"), stranger).get("/enrollment/tracks")
    assert refused.value.status == 401


def test_logs_name_no_participant_and_no_secret(deployment, secrets):
    written = "".join(deployment.log(name).read_text() for name in deployment.processes)
    assert "Quillfeather" not in written
    for name in ("owner_password", "service_password", "master_key", "service_token"):
        assert (secrets / name).read_text() not in written


def test_sigterm_ends_each_container_within_its_grace_period(deployment):
    assert deployment.stop() == dict.fromkeys(deployment.processes, 0)
