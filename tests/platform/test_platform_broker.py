"""Shells over RPC, and services in processes of their own, on real RabbitMQ and PostgreSQL."""

import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from services.platform import settings
from services.platform.rpc import NoSuchService, RpcClient, RpcProblem, RpcTimeout
from services.platform.service import migrate
from tests.conftest import PostgresRole
from tests.platform.library import books as library_books
from tests.platform.served import Served, served
from tests.support.patience import PATIENCE_SECONDS, until

pytestmark = pytest.mark.processes


@pytest.fixture
def library(tmp_path: Path, rabbitmq_url: str) -> Iterator[Served]:
    with served(tmp_path / "data", DAYBOOK_BROKER=rabbitmq_url) as running:
        yield running.ready()


@pytest.fixture
def client(library: Served, rabbitmq_url: str) -> Iterator[RpcClient]:
    client = RpcClient(rabbitmq_url, library.token("coordinator"))

    def answers() -> bool:
        try:
            client.query("enrollment", "shelf", {}, timeout=1)
        except (NoSuchService, RpcTimeout):
            return False
        return True

    until(answers, library.logged)
    yield client
    client.close()


def test_rpc_answers_as_http_does(library: Served, client: RpcClient) -> None:
    book, command_id = str(uuid4()), uuid4()
    payload = {"book_id": book, "title": "The Burrow", "copies": 2}
    answer = client.command("enrollment", "buy", payload, command_id=command_id, timeout=PATIENCE_SECONDS)
    assert answer["command_id"] == str(command_id)
    assert client.command("enrollment", "buy", payload, command_id=command_id, timeout=PATIENCE_SECONDS) == answer
    over_http = library.ask("GET", f"/enrollment/books/{book}?after={answer['position']['position']}").body
    over_rpc = client.query(
        "enrollment", "book", {"book_id": book}, timeout=PATIENCE_SECONDS, as_of=over_http["position"]["position"]
    )
    assert over_rpc == over_http


def test_rpc_refusals_carry_their_code(library: Served, client: RpcClient, rabbitmq_url: str) -> None:
    book = library.buy(copies=1)
    client.command("enrollment", "lend", {"book_id": book, "to": "a"}, command_id=uuid4(), timeout=PATIENCE_SECONDS)
    with pytest.raises(RpcProblem) as broken:
        client.command("enrollment", "lend", {"book_id": book, "to": "b"}, command_id=uuid4(), timeout=PATIENCE_SECONDS)
    assert (broken.value.code, broken.value.status) == ("OutOfCopies", 409)
    with pytest.raises(RpcProblem) as invalid:
        client.command("enrollment", "lend", {"book_id": "x", "to": "b"}, command_id=uuid4(), timeout=PATIENCE_SECONDS)
    assert invalid.value.problem["errors"][0]["field"] == "book_id"
    with pytest.raises(RpcProblem) as faulty:
        client.command(
            "enrollment", "lend", {"book_id": book, "to": "trouble"}, command_id=uuid4(), timeout=PATIENCE_SECONDS
        )
    assert faulty.value.code == "internal"
    assert "secret value" not in str(faulty.value)
    front_desk = RpcClient(rabbitmq_url, library.token("front_desk"))
    with pytest.raises(RpcProblem) as forbidden:
        front_desk.query("enrollment", "shelf", {}, timeout=PATIENCE_SECONDS)
    front_desk.close()
    assert forbidden.value.status == 403


def test_rpc_without_a_command_id_is_refused(library: Served, client: RpcClient) -> None:
    with pytest.raises(RpcProblem) as refused:
        client.query(
            "enrollment", "buy", {"book_id": str(uuid4()), "title": "x", "copies": 1}, timeout=PATIENCE_SECONDS
        )
    assert "command_id" in refused.value.problem["detail"]


def test_rpc_to_nobody_says_so(client: RpcClient) -> None:
    with pytest.raises(NoSuchService):
        client.query("attendance", "anything", {}, timeout=PATIENCE_SECONDS)


def test_events_travel_by_the_broker(library: Served, client: RpcClient) -> None:
    library.buy(title="Before the Law")
    library.until("/scheduling/titles", lambda body: "Before the Law" in body["titles"])
    status = library.until(
        "/enrollment/status", lambda body: body["relay"]["lag_events"] == 0, roles=("operator",)
    ).body
    assert status["relay"]["relayed"] >= 1


def test_the_first_request_to_a_starting_process_finds_its_route(tmp_path: Path, rabbitmq_url: str) -> None:
    with served(tmp_path / "data", "books", DAYBOOK_BROKER=rabbitmq_url) as running:
        running.buy()


def test_without_its_broker_a_service_lives_and_decides(tmp_path: Path) -> None:
    with served(tmp_path / "data", DAYBOOK_BROKER="amqp://guest@127.0.0.1:1/x") as running:
        running.ready()
        running.buy(title="A Report to an Academy")
        running.until("/scheduling/titles", lambda body: "A Report to an Academy" in body["titles"])
        assert running.ask("GET", "/enrollment/health/live", roles=()).status == 200
        assert running.stop() == 0


def test_a_service_runs_as_a_role_that_owns_nothing(
    tmp_path: Path, postgres_url: str, postgres_role: PostgresRole, keys_url: str
) -> None:
    owner = settings.load({}, database=postgres_url, service_role=postgres_role.name)
    migrate(library_books(), owner)
    with served(tmp_path / "data", "books", DAYBOOK_DATABASE=postgres_role.url, DAYBOOK_KEYS=keys_url) as running:
        running.ready()
        book = running.buy(title="The Metamorphosis")
        running.until(f"/enrollment/books/{book}", lambda body: body["book"])
        reply = running.ask("POST", "/enrollment/rebuild", roles=("operator",))
        assert (reply.status, reply.body["identical"]) == (200, True), running.logged()


def test_services_in_processes_of_their_own_share_postgres(
    tmp_path: Path, rabbitmq_url: str, postgres_url: str
) -> None:
    data = tmp_path / "data"
    common = {"DAYBOOK_BROKER": rabbitmq_url, "DAYBOOK_DATABASE": postgres_url, "DAYBOOK_LEASE_SECONDS": "2"}
    with served(data, "books", "--only", "commands,projections", "--owner", **common) as front:
        front.ready()
        where = {"DAYBOOK_SERVICES": f"enrollment={front.url}"}
        with (
            served(data, "books", "--only", "feed,relay,ledger", **common) as teller,
            served(data, "readers", "--owner", **common, **where) as listener,
        ):
            teller.ready()
            front.buy(title="The Judgment")
            listener.until("/scheduling/titles", lambda body: "The Judgment" in body["titles"])
            assert teller.ask("GET", "/enrollment/books").status == 404
            assert teller.stop(signal.SIGINT) == 0
            assert "eventlet" not in teller.logged()
