"""Shells over real HTTP: one process with two services on one port."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from tests.platform.served import ROOT, Served, served
from tests.support.halted import halt
from tests.support.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("library") / "data") as running:
        yield running.ready("enrollment").ready("scheduling")


def test_a_command_is_answered_with_its_id_and_its_position(library: Served) -> None:
    book, command_id = str(uuid4()), str(uuid4())
    reply = library.ask(
        "POST", f"/enrollment/books/{book}", {"title": "Amerika", "copies": 1}, Daybook_Command_Id=command_id
    )
    assert reply.status == 201
    assert reply.body["command_id"] == command_id
    assert reply.body["book_id"] == book
    assert reply.body["position"]["service"] == "enrollment"
    assert reply.body["position"]["generation"] == 1
    assert reply.body["position"]["position"] >= 1


def test_the_same_command_id_gets_the_same_answer_and_another_payload_is_refused(library: Served) -> None:
    path, command_id = f"/enrollment/books/{uuid4()}", str(uuid4())
    first = library.ask("POST", path, {"title": "A", "copies": 1}, Daybook_Command_Id=command_id)
    again = library.ask("POST", path, {"title": "A", "copies": 1}, Daybook_Command_Id=command_id)
    other = library.ask("POST", path, {"title": "B", "copies": 1}, Daybook_Command_Id=command_id)
    assert again.raw == first.raw
    assert again.headers["Daybook-Repeated"] == "true"
    assert (other.status, other.body["code"]) == (422, "command_id_reused")


def test_a_query_waits_for_its_view_and_can_be_asked_as_of_then(library: Served) -> None:
    book = library.buy(copies=3)
    path = f"/enrollment/books/{book}"
    bought = library.ask("GET", path).body["position"]["position"]
    lent = library.ask("POST", f"{path}/loans", {"to": "reader"}).body["position"]["position"]
    now = library.ask("GET", f"{path}?after={lent}").body
    assert now["book"]["free"] == 2
    assert now["position"]["position"] >= lent
    then = library.ask("GET", f"{path}?as_of={lent - 1}&after=enrollment={lent}").body
    assert then["book"]["free"] == 3
    assert then["position"] == {"service": "enrollment", "generation": 1, "position": lent - 1}
    assert bought <= lent


@pytest.mark.parametrize("as_of", ["yesterday", "2026-03-01T12:00:00", "-1", "scheduling=3", "99999999999999999999"])
def test_an_as_of_that_is_none_is_refused_naming_it(library: Served, as_of: str) -> None:
    reply = library.ask("GET", f"/enrollment/books?as_of={as_of}")
    assert reply.status == 400
    assert reply.body["detail"].startswith("as_of:")
    assert "hint" in reply.body


def test_the_future_is_refused(library: Served) -> None:
    reply = library.ask("GET", "/enrollment/books?as_of=2999-01-01T00:00:00Z")
    assert (reply.status, reply.body["code"]) == (400, "not_yet_known")


def test_a_broken_rule_is_told_by_the_services_own_table(library: Served) -> None:
    book = library.buy(copies=1)
    library.ask("POST", f"/enrollment/books/{book}/loans", {"to": "first"})
    reply = library.ask("POST", f"/enrollment/books/{book}/loans", {"to": "second"})
    assert reply.status == 409
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.body["code"] == "OutOfCopies"
    assert reply.body["title"] == "No copy is free"
    assert reply.body["type"] == "urn:daybook:problem:OutOfCopies"
    assert "wait for one" in reply.body["detail"]


def test_an_unknown_aggregate_is_not_found(library: Served) -> None:
    assert library.ask("POST", f"/enrollment/books/{uuid4()}/loans", {"to": "x"}).status == 404


def test_an_unexpected_fault_tells_a_correlation_id_and_nothing_else(library: Served) -> None:
    book = library.buy()
    reply = library.ask("POST", f"/enrollment/books/{book}/loans", {"to": "trouble"}, Daybook_Correlation_Id="corr-500")
    assert (reply.status, reply.body["code"], reply.body["correlation_id"]) == (500, "internal", "corr-500")
    assert b"secret value" not in reply.raw
    assert b"Traceback" not in reply.raw
    assert "corr-500" in library.logged()
    assert "secret value" not in library.logged()


@pytest.mark.parametrize(
    ("body", "status", "code", "named"),
    [
        (b"{", 400, "malformed_json", "line 1"),
        (b"[]", 400, "bad_request", "body"),
        ({"title": "x"}, 422, "invalid", "copies"),
        ({"title": "x", "copies": "many"}, 422, "invalid", "copies"),
        ({"title": "x", "copies": 1, "colour": "red"}, 422, "invalid", "colour"),
        ({"title": "", "copies": 1}, 422, "invalid", "title"),
        ({"title": "x", "copies": 1, "book_id": str(uuid4())}, 400, "bad_request", "book_id"),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', 413, "too_large", "bytes"),
    ],
)
def test_a_wrong_body_is_refused_naming_the_field(
    library: Served, body: object, status: int, code: str, named: str
) -> None:
    reply = library.ask("POST", f"/enrollment/books/{uuid4()}", body)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert named in reply.body["detail"]


def test_a_body_of_another_media_type_is_refused(library: Served) -> None:
    reply = library.ask("POST", f"/enrollment/books/{uuid4()}", b"title=x", Content_Type="text/plain")
    assert (reply.status, reply.body["code"]) == (415, "unsupported_media_type")


def test_a_chunked_body_is_bounded_too(library: Served) -> None:
    with socket.create_connection(("127.0.0.1", library.port), timeout=PATIENCE_SECONDS) as connection:
        head = f"POST /enrollment/books/{uuid4()} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        head += f"Content-Type: application/json\r\nAuthorization: Bearer {library.token('coordinator')}\r\n\r\n"
        connection.sendall(head.encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            for _ in range(32):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # the service has hung up already
        assert b" 413 " in connection.recv(4096).split(b"\r\n")[0]


def test_who_acts_must_be_known(library: Served) -> None:
    missing = library.ask("GET", "/enrollment/books", roles=())
    wrong = library.ask("GET", "/enrollment/books", roles=(), Authorization="Bearer not.a.token")
    assert missing.status == wrong.status == 401
    assert missing.headers["WWW-Authenticate"].startswith("Bearer")
    assert "token" in wrong.body["detail"]


def test_a_wrong_role_is_refused_naming_the_roles_that_may(library: Served) -> None:
    reply = library.ask("POST", f"/enrollment/books/{uuid4()}", {"title": "x", "copies": 1}, roles=("therapist",))
    assert reply.status == 403
    assert "coordinator" in reply.body["detail"]


def test_a_token_is_asked_for_before_the_body_is_read(library: Served) -> None:
    assert library.ask("POST", f"/enrollment/books/{uuid4()}", b"{", roles=()).status == 401


@pytest.mark.parametrize("header", ["not-a-uuid", "1"])
def test_a_malformed_command_id_is_refused(library: Served, header: str) -> None:
    reply = library.ask("POST", f"/enrollment/books/{uuid4()}", {"title": "x", "copies": 1}, Daybook_Command_Id=header)
    assert reply.status == 400
    assert "Daybook-Command-Id" in reply.body["detail"]


def test_a_malformed_known_at_is_refused(library: Served) -> None:
    reply = library.ask(
        "POST", f"/enrollment/books/{uuid4()}", {"title": "x", "copies": 1}, Daybook_Known_At="enrollment"
    )
    assert reply.status == 400
    assert "Daybook-Known-At" in reply.body["detail"]


def test_unknown_routes_methods_and_parameters_are_problems(library: Served) -> None:
    assert library.ask("GET", "/enrollment/books/not-a-uuid").status == 404
    wrong = library.ask("DELETE", "/enrollment/books")
    assert (wrong.status, "GET" in wrong.headers["Allow"]) == (405, True)
    unknown = library.ask("GET", "/enrollment/books?colour=red")
    assert (unknown.status, "colour" in unknown.body["detail"]) == (422, True)
    for reply in (wrong, unknown):
        assert reply.headers["Content-Type"] == "application/problem+json"


def test_an_answer_may_be_no_json(library: Served) -> None:
    reply = library.ask("GET", "/enrollment/label")
    assert (reply.raw, reply.headers["Daybook-Position"]) == (b"LIBRARY", "7")
    assert reply.headers["Content-Type"].startswith("text/plain")


def test_a_key_in_the_address_opens_one_query_without_a_token(library: Served) -> None:
    assert library.ask("GET", "/enrollment/noticeboard").status == 200
    assert library.ask("GET", "/enrollment/noticeboard?key=sesame", roles=()).raw == b"Closed on Monday"
    assert library.ask("GET", "/enrollment/noticeboard?key=guess", roles=()).status == 404
    for refused in ("/enrollment/noticeboard", "/enrollment/noticeboard?key=sesame&as_of=1", "/enrollment/books?key=x"):
        assert library.ask("GET", refused, roles=()).status == 401
    assert library.ask("GET", "/enrollment/noticeboard?key=sesame").status == 400, "one or the other"
    assert "sesame" not in library.logged()


@pytest.mark.parametrize(
    ("named", "status"), [('"monday"', 304), ('W/"monday"', 304), ("*", 304), ('"a", "monday"', 304), ('"a"', 200)]
)
def test_a_client_that_has_the_present_version_is_told_so(library: Served, named: str, status: int) -> None:
    """RFC 9110 §13.1.2 and §15.4.5."""
    reply = library.ask("GET", "/enrollment/noticeboard", If_None_Match=named)
    assert (reply.status, reply.headers["ETag"], reply.headers["Cache-Control"]) == (status, '"monday"', "private")
    assert reply.raw == (b"" if status == 304 else b"Closed on Monday")


def test_two_services_on_one_port_never_miss_a_request(library: Served) -> None:
    paths = ["/enrollment/books", "/scheduling/titles"] * 30
    with ThreadPoolExecutor(8) as pool:
        assert {reply.status for reply in pool.map(lambda path: library.ask("GET", path), paths)} == {200}


def test_a_port_that_is_taken_is_a_clear_error(library: Served, tmp_path: Path) -> None:
    environment = {"DAYBOOK_DATA": str(tmp_path / "other"), "DAYBOOK_PORT": str(library.port), "PATH": ""}
    second = subprocess.run(
        [sys.executable, "-m", "tests.platform.serve_library", "books"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert second.returncode != 0
    assert f"port {library.port} of 127.0.0.1 is taken" in second.stderr


def test_what_one_service_tells_the_other_hears(library: Served) -> None:
    library.buy(title="The Castle")
    library.until("/scheduling/titles", lambda body: "The Castle" in body["titles"])


def test_the_feed_is_for_services_only_and_gives_the_frozen_bytes(library: Served) -> None:
    library.buy(title="In the Penal Colony")
    library.until("/scheduling/titles", lambda body: "In the Penal Colony" in body["titles"])
    assert library.ask("GET", "/enrollment/feed", roles=("coordinator",)).status == 403
    heads = library.ask("GET", "/enrollment/feed", roles=("integration",)).body
    partition, head = next(iter(heads["heads"].items()))
    page = library.ask("GET", f"/enrollment/feed/{partition}?after={head - 1}", roles=("integration",)).body
    assert [event["sequence"] for event in page["events"]] == [head]
    assert library.ask("GET", "/enrollment/feed/64", roles=("integration",)).status == 404
    assert library.ask("GET", "/enrollment/feed/1?after=x", roles=("integration",)).status == 400


def test_status_shows_every_follower(library: Served) -> None:
    library.buy()
    head = library.ask("GET", "/enrollment/status", roles=("operator",)).body["position"]
    status = library.until(
        "/enrollment/status",
        lambda body: all(follower["position"] >= head for follower in body["followers"]),
        roles=("operator",),
    ).body
    assert {follower["name"] for follower in status["followers"]} == {"feed", "ledger", "shelf"}
    assert library.ask("GET", "/enrollment/status").status == 403


def test_figures_are_in_prometheus_format(library: Served) -> None:
    library.buy()
    text = library.ask("GET", "/enrollment/metrics", roles=("operator",)).raw.decode()
    assert 'daybook_requests_total{kind="command",service="enrollment",status="2xx"}' in text
    assert 'daybook_follower_lag_events{follower="shelf",service="enrollment"}' in text
    assert "scheduling" not in text


def test_a_rebuild_gives_the_same_rows(library: Served) -> None:
    book = library.buy()
    library.until(f"/enrollment/books/{book}", lambda body: body["book"])
    reply = library.ask("POST", "/enrollment/rebuild?projection=shelf", roles=("operator",))
    assert reply.status == 200, reply.raw
    assert reply.body["identical"] is True
    assert reply.body["events"] >= 1
    assert library.ask("POST", "/enrollment/rebuild?projection=none", roles=("operator",)).status == 400


def test_what_is_parked_is_shown_retried_and_discarded(library: Served) -> None:
    book = library.buy(copies=5)
    library.ask("POST", f"/enrollment/books/{book}/loans", {"to": "nobody"})
    parked = library.until("/enrollment/parked", lambda body: body["parked"], roles=("operator",)).body["parked"][0]
    assert (parked["key"], parked["error"]) == (book, "ValueError")
    path = f"/enrollment/parked/{parked['id']}"
    assert library.ask("GET", path, roles=("operator",)).body == parked
    assert library.ask("POST", f"{path}/retry", roles=("operator",)).status == 200
    library.until("/enrollment/parked", lambda body: body["parked"], roles=("operator",))
    assert library.ask("POST", f"{path}/discard", roles=("operator",)).status == 200
    library.until("/enrollment/parked", lambda body: not body["parked"], roles=("operator",))
    assert library.ask("GET", path, roles=("operator",)).status == 404
    assert library.ask("GET", "/enrollment/parked", roles=("coordinator",)).status == 403


def test_a_halted_partition_is_shown_with_its_reason_and_resumed(library: Served) -> None:
    reason = "number 3 of its feed is unreadable: time is missing or malformed"
    halt(library.data / "logs" / "scheduling.sqlite", "/daybook/enrollment", 9, 5, reason)
    found = library.ask("GET", "/scheduling/halted", roles=("operator",)).body["halted"]
    shown = {"id": "enrollment:9:5", "source": "/daybook/enrollment", "generation": 9, "partition": 5, "reason": reason}
    assert found == [shown]
    [inbox] = library.ask("GET", "/scheduling/status", roles=("operator",)).body["inbox"]
    assert inbox["halts"] == [shown]
    assert inbox["halted"] == ["partition 5 of /daybook/enrollment, generation 9"]
    path = "/scheduling/halted/enrollment:9:5/resume"
    assert library.ask("POST", path, roles=("coordinator",)).status == 403
    assert library.ask("POST", path, roles=("operator",)).body == {"resumed": shown}
    assert library.ask("GET", "/scheduling/halted", roles=("operator",)).body == {"halted": []}
    again = library.ask("POST", path, roles=("operator",))
    assert (again.status, again.body["code"]) == (404, "not_halted")


def test_probes_need_no_token(library: Served) -> None:
    assert library.ask("GET", "/enrollment/health/live", roles=()).status == 200
    assert library.ask("GET", "/scheduling/health/ready", roles=()).status == 200


def test_no_log_line_names_a_book(library: Served) -> None:
    library.buy(title="A Hunger Artist")
    assert "Hunger" not in library.logged()
