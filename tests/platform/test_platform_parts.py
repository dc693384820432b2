"""Clocks, logs, figures, problems and the OpenAPI document, each by itself."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from eventsourcing.persistence import OperationalError as LogOperationalError
from marshmallow import Schema, fields, validate
from openapi_spec_validator import validate as validate_openapi
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client as Caller

from events.follow.checkpoint import LostLease
from events.log.errors import CommandIdReused, DaybookError
from services.platform import openapi, telemetry
from services.platform.calls import Outcome
from services.platform.clock import SimulatedClock, SystemClock
from services.platform.http import Application
from services.platform.metrics import METRICS, Metrics
from services.platform.problem import Problem, ProblemTable
from services.platform.web import CommandSchema, command, routes
from tests.platform import library
from tests.support.patience import PATIENCE_SECONDS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_whoever_asks_a_copy_that_is_stopping_is_told_to_ask_again() -> None:
    """That there is nothing at its URL would be an answer, and a wrong one: the next copy has it."""
    application, owner = Application(1000), object()
    application.add(owner, "GET", "/enrollment/books", lambda _: Outcome(200, b"{}"))
    caller = Caller(application)
    assert caller.get("/enrollment/books").status_code == 200
    application.withdraw(owner)
    reply = caller.get("/enrollment/books")
    assert (reply.status_code, (reply.json or {})["code"], reply.headers["Retry-After"]) == (503, "stopping", "1")
    assert caller.get("/enrollment/elsewhere").status_code == 404


def test_a_simulated_clock_stands_still_until_it_is_moved() -> None:
    clock = SimulatedClock(NOON)
    assert clock() == clock() == NOON
    clock.advance(timedelta(hours=1))
    assert clock() == NOON + timedelta(hours=1)


def test_a_simulated_clock_never_goes_back() -> None:
    clock = SimulatedClock(NOON)
    with pytest.raises(ValueError, match="does not go back"):
        clock.set(NOON - timedelta(seconds=1))
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 3, 2, 13))  # noqa: DTZ001 (the mistake to refuse)


def test_whoever_waits_for_a_simulated_moment_wakes_when_it_comes() -> None:
    clock = SimulatedClock(NOON)
    woken: list[bool] = []
    waiter = threading.Thread(
        target=lambda: woken.append(clock.wait_until(NOON + timedelta(days=30), PATIENCE_SECONDS))
    )
    waiter.start()
    clock.advance(timedelta(days=30))
    waiter.join(PATIENCE_SECONDS)
    assert woken == [True]
    assert clock.wait_until(NOON + timedelta(days=31), 0.01) is False


def test_the_system_clock_is_in_utc() -> None:
    clock = SystemClock()
    assert clock().tzinfo is UTC
    assert clock.wait_until(clock() + timedelta(milliseconds=5), 1) is True


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, {name: logging.getLogger(name).level for name in telemetry.OURS})
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield stream
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)


def test_a_log_line_holds_listed_fields_only(lines: io.StringIO) -> None:
    log = logging.getLogger("services.platform.test")
    with telemetry.working_on("corr-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"):
        log.info("done", extra={"service": "enrollment", "patient_name": "Josef K."})
    line = json.loads(lines.getvalue())
    assert (line["message"], line["service"], line["correlation_id"]) == ("done", "enrollment", "corr-1")
    assert line["traceparent"].startswith("00-")
    assert "Josef" not in lines.getvalue()


def test_an_exceptions_message_stays_out_of_the_log(lines: io.StringIO) -> None:
    try:
        raise ValueError("Josef K. was born")
    except ValueError:
        logging.getLogger("services.platform.test").error("failed", exc_info=True)
    line = json.loads(lines.getvalue())
    assert line["error"] == "ValueError"
    assert line["places"][-1].startswith("test_platform_parts.py:")
    assert "Josef" not in lines.getvalue()


def test_other_libraries_arguments_stay_out_of_the_log(lines: io.StringIO) -> None:
    logging.getLogger("kombu.messaging").error("cannot decode %r", "Josef K.")
    assert json.loads(lines.getvalue())["message"] == "cannot decode %r"


@pytest.mark.parametrize("given", [None, "", "with blanks", "x" * 200, "name\nline"])
def test_a_correlation_id_that_is_not_acceptable_is_replaced(given: str | None) -> None:
    assert telemetry.correlation(given) != given
    assert telemetry.correlation("abc-1") == "abc-1"
    assert telemetry.trace("nonsense") is None


def test_figures_are_written_as_prometheus_reads_them() -> None:
    metrics = Metrics()
    metrics.count("daybook_requests_total", service="a", kind="command", status="2xx")
    metrics.observe("daybook_request_seconds", 0.02, service="a", kind="command")
    metrics.set("daybook_log_position", 7, service="b")
    text = metrics.text("a")
    assert "# TYPE daybook_requests_total counter" in text
    assert 'daybook_request_seconds_bucket{kind="command",service="a",le="0.025"} 1' in text
    assert 'daybook_request_seconds_bucket{kind="command",service="a",le="0.01"} 0' in text
    assert "daybook_log_position" not in text


def test_a_figure_that_is_not_listed_cannot_be_counted() -> None:
    with pytest.raises(KeyError):
        Metrics().count("daybook_surprise_total")
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_the_nearest_class_decides_how_an_error_is_told() -> None:
    class Broken(Exception):
        pass

    class VeryBroken(Broken):
        detail = "so it is"

    table = ProblemTable({Broken: Problem(409, title="Broken"), CommandIdReused: Problem(400, "mine", "Mine")})
    told = table.refusal(VeryBroken())
    assert told is not None
    assert (told.status, told.title, told.detail, told.code) == (409, "Broken", "so it is", "VeryBroken")
    assert table.refusal(ValueError("a name")) is None
    assert table.refusal(DaybookError("x")) is None


def test_an_errors_message_is_told_only_where_it_is_written_for_it() -> None:
    told = ProblemTable({ValueError: Problem(400, "bad", "Bad")}).refusal(ValueError("Josef K."))
    assert told is not None
    assert told.detail == "Bad"


def test_work_that_another_copy_has_taken_is_a_conflict_and_not_our_fault() -> None:
    told = ProblemTable().refusal(LostLease("census@rebuild"))
    assert told is not None
    assert (told.status, told.code, told.detail) == (409, "taken_over", "census@rebuild is done by another copy now")


def test_a_database_that_is_away_is_not_our_fault_and_tells_no_statement() -> None:
    told = ProblemTable().refusal(OperationalError("SELECT 'Josef K.'", {}, Exception("connection refused")))
    assert told is not None
    assert (told.status, told.code, told.detail) == (503, "unavailable", "The database does not answer")
    assert "Josef" not in str(told.body("c"))
    log_is_away = ProblemTable().refusal(LogOperationalError("AdminShutdown"))
    assert log_is_away is not None
    assert (log_is_away.status, log_is_away.code) == (503, "unavailable")


def test_the_openapi_document_is_valid_and_complete() -> None:
    document = openapi.document(library.books())
    validate_openapi(document)
    operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert operations == {route.name for route in routes(library.LibraryService)}
    buy = document["paths"]["/enrollment/books/{book_id}"]["post"]
    body = buy["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["copies", "title"]
    assert body["properties"]["copies"] == {"type": "integer", "minimum": 1, "description": "How many"}
    assert "coordinator" in buy["description"]


def test_schemas_are_described_with_their_limits() -> None:
    class Inner(Schema):
        kind = fields.String(validate=validate.OneOf(["a", "b"]), allow_none=True)

    class Outer(CommandSchema):
        inner = fields.List(fields.Nested(Inner), required=True, validate=validate.Length(min=1))
        at = fields.AwareDateTime()
        code = fields.String(validate=validate.Regexp(r"^\d+$"), load_default="1")

    described = openapi.json_schema(Outer())
    assert described["properties"]["inner"]["minItems"] == 1
    assert described["properties"]["inner"]["items"]["properties"]["kind"]["enum"] == ["a", "b", None]
    assert described["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert described["properties"]["code"] == {"type": "string", "pattern": r"^\d+$", "default": "1"}
    assert described["additionalProperties"] is False


def test_a_mark_without_roles_or_with_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match="no roles"):
        command("POST", "/x", CommandSchema, roles=set())
    with pytest.raises(ValueError, match="king"):
        command("POST", "/x", CommandSchema, roles={"king"})
    with pytest.raises(TypeError, match="set of roles"):
        command("POST", "/x", CommandSchema, roles="coordinator")
    with pytest.raises(ValueError, match="cannot be GET"):
        command("GET", "/x", CommandSchema, roles={"coordinator"})
