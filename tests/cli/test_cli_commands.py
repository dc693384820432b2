"""The commands as people type them: exit status, `error:` and `hint:`, and the JSON object at the end."""

import json
import re
import socket
import stat
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.cli.composition import SERVICES
from services.cli.pages import KEYS
from services.platform.tokens import TokenVerifier
from tests.cli.cli_process import Up, admitted, daybook
from tests.support.halted import halt
from tests.support.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes

PERSON = {"family": "Quillfeather", "given": "Ada", "birth_date": "1990-05-17"}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """Services on a folder of their own, with one admitted participant."""
    running = Up(tmp_path_factory.mktemp("cli") / "data")
    try:
        running.before = datetime.now(UTC)
        running.known = admitted(running.client("coordinator", "therapist"), PERSON)
        _await_reviews(running)
        yield running
    finally:
        running.kill()


def _await_reviews(running):
    client = running.client("auditor")
    path = f"/medication_review/participants/{running.known['participant_id']}/reviews"
    until = time.monotonic() + PATIENCE_SECONDS
    while not client.get(path)["reviews"]:
        assert time.monotonic() < until
        time.sleep(0.1)


def keys(command):
    return set(KEYS[command])


def test_status_tells_of_every_service_and_hospital(up):
    said = daybook("status", "--followers", "--data", up.data, "--json")
    assert said.status == 0, said.err
    assert set(said.answer) == keys("status")
    assert set(said.answer["services"]) == set(SERVICES)
    assert {one["name"] for one in said.answer["services"]["enrollment"]["followers"]} >= {"who_is_who", "feed"}
    assert all(name in said.out for name in SERVICES)
    assert "who_is_who" in said.out


def test_participants_are_listed_with_their_names_and_states(up):
    said = daybook("participants", "--data", up.data, "--json")
    assert said.status == 0, said.err
    assert set(said.answer) == keys("participants")
    [row] = said.answer["participants"]
    assert (row["participant_id"], row["status"]) == (up.known["participant_id"], "admitted")
    assert "Quillfeather, Ada" in said.out
    assert "Evenings" in said.out


def test_what_is_due_is_one_list_over_all_services(up):
    said = daybook("due", "--data", up.data, "--json")
    assert said.status == 0, said.err
    assert set(said.answer) == keys("due")
    due = said.answer["due"]
    assert {item["service"] for item in due} >= {"enrollment", "medication_review"}
    assert [item["due_at"] for item in due] == sorted(item["due_at"] for item in due)
    assert {item["participant_id"] for item in due} == {up.known["participant_id"]}
    assert "reconciliation" in said.out


def test_a_due_list_is_one_roles_own(up):
    due = daybook("due", "--data", up.data, "--json").answer["due"]
    for role in ("coordinator", "therapist", "prescriber"):
        theirs = daybook("due", "--for", role, "--data", up.data, "--json").answer["due"]
        assert theirs == [item for item in due if role in (item["role"], item["escalated_to"])]
    assert daybook("due", "--overdue", "--data", up.data, "--json").answer["due"] == []
    soon = min(item["due_at"] for item in due)
    assert {item["due_at"] for item in daybook("due", "--until", soon, "--data", up.data, "--json").answer["due"]} == {
        soon
    }


def test_a_due_list_as_of_its_vector_is_the_same_again(up):
    first = daybook("due", "--data", up.data, "--json").answer
    again = daybook("due", "--as-of", first["vector"], "--data", up.data, "--json").answer
    assert again["due"] == first["due"]


def test_as_of_an_instant_shows_what_was_known_then(up):
    then = up.before.isoformat()
    assert daybook("participants", "--data", up.data, "--as-of", then, "--json").answer["participants"] == []
    said = daybook("chart", up.known["participant_id"], "--data", up.data, "--as-of", then)
    assert (said.status, said.hint) == (2, "`participants` lists them; with --as-of, those of then")
    assert up.known["participant_id"] in said.error


def test_a_chart_puts_the_services_answers_together(up):
    said = daybook("chart", up.known["participant_id"], "--data", up.data, "--json")
    assert said.status == 0, said.err
    assert set(said.answer) == keys("chart")
    assert said.answer["enrollment"]["person"] == PERSON
    assert said.answer["enrollment"]["episodes"][0]["episode_id"] == up.known["episode_id"]
    assert said.answer["reviews"][0]["kind"]
    assert "Quillfeather, Ada, born 1990-05-17" in said.out


def test_the_vector_of_a_chart_gives_the_same_chart_again(up):
    first = daybook("chart", up.known["participant_id"], "--data", up.data, "--json").answer
    again = daybook("chart", up.known["participant_id"], "--data", up.data, "--as-of", first["vector"], "--json").answer
    assert again == first | {"as_of": first["vector"]}


def test_a_role_sees_no_more_than_it_may(up):
    said = daybook("chart", up.known["participant_id"], "--data", up.data, "--role", "peer_lead", "--json")
    assert said.answer["enrollment"]["person"] == {"family": "Quillfeather", "given": "Ada"}
    assert "1990" not in said.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("chart", "Ada"), "no participant's id"),
        (("chart", NOBODY), "there is no participant"),
        (("chart", NOBODY, "--as-of", "yesterday"), "is no instant"),
        (("participants", "--as-of", "2026-01-01T00:00"), "has no time zone"),
        (("due", "--until", "tomorrow"), "is no instant"),
        (("participants", "--as-of", "2999-01-01T00:00:00Z"), "lies in the future"),
        (("participants", "--as-of", "enrolment=3"), "there is no service enrolment"),
        (("participants", "--as-of", "scheduling=3"), "as_of"),
        (("rebuild", "enrollment", "census_of_rome"), "is none of"),
        (("parked", "show"), "which one is not said"),
        (("parked", "retry", "enrollment/census:1"), "is not parked"),
        (("parked", "mend"), "invalid choice"),
        (("serve", "kitchen"), "invalid choice"),
        (("serve", "enrollment", "--only", "cooking"), "is no role"),
        (("serve", "enrollment", "--port", "0"), "DAYBOOK_SERVICES: it does not say where attendance answers"),
        (("up", "--port", "99999"), "whole number from 0 to 65535"),
        (("up", "--database", "mysql://x"), "postgresql://"),
        (("up", "--database", "postgresql://127.0.0.1:1/x"), "the database does not let us in"),
        (("migrate",), "there is no database to migrate"),
        (("migrate", "--database", "postgresql://127.0.0.1:1/x"), "the database does not let us in"),
        (("token", "--subject", "a"), "--role"),
        (("token", "--subject", "a", "--role", "king"), "invalid choice"),
        (("token", "--subject", "a", "--role", "auditor", "--hours", "0"), "more than 0 hours"),
        (("ready", "enrollment", "--port", "0"), "port 0"),
        (("hl7", "read"), "FILE"),
        (("contract", "--out", "README.md"), "is a file"),
        (("frobnicate",), "invalid choice"),
        ((), "COMMAND"),
    ],
)
def test_wrong_use_ends_with_the_fact_and_the_way_out(up, words, error):
    data = () if words[:1] in ((), ("frobnicate",), ("hl7",)) else ("--data", up.data)
    fresh = ("--data", up.data.parent / "fresh") if words[:1] in (("up",), ("serve",)) else data
    said = daybook(*words, *fresh)
    assert said.status == 2, said.err
    assert error in said.error, said.err
    assert said.hint
    assert "Traceback" not in said.err


def test_nothing_is_made_where_a_command_only_looks(tmp_path):
    said = daybook("status", "--data", tmp_path / "nowhere")
    assert (said.status, "there is no data" in said.error) == (2, True)
    assert not (tmp_path / "nowhere").exists()


def test_a_misspelt_setting_is_named(tmp_path):
    said = daybook("status", "--data", tmp_path, DAYBOOK_PROT="80")
    assert (said.status, said.error) == (2, "DAYBOOK_PROT: there is no such setting")


def test_a_folder_that_another_process_has_open_is_told_as_such(up, tmp_path):
    note = (up.data / "running.json").read_text()
    (up.data / "running.json").unlink()
    try:
        said = daybook("status", "--data", up.data)
    finally:
        (up.data / "running.json").write_text(note)
    assert said.status == 2
    assert f"in use by process {up.process.pid}" in said.error


def test_a_port_that_is_taken_is_told_as_such(up, tmp_path):
    said = daybook("up", "--port", up.url.rpartition(":")[2], "--mllp-port", "0", "--data", tmp_path / "data")
    assert (said.status, "is taken" in said.error, "--port" in said.hint) == (2, True, True)


def test_ready_says_whether_a_service_is(up):
    port = up.url.rpartition(":")[2]
    said = daybook("ready", "attendance", "--port", port, "--json")
    assert (said.status, said.answer) == (0, {"service": "attendance", "ready": True})
    said = daybook("ready", "attendance", "--port", "1", "--json")
    assert (said.status, said.answer) == (1, {"service": "attendance", "ready": False})


def test_a_wrong_mapping_file_is_told_at_start_with_file_key_and_reason(tmp_path):
    (tmp_path / "elsewhere.yaml").write_text("name: st-elsewhere\nsenders: []\n")
    said = daybook("up", "--port", "0", "--data", tmp_path / "data", DAYBOOK_HOSPITALS=str(tmp_path))
    assert said.status == 2
    assert (
        said.error
        == f"DAYBOOK_HOSPITALS: {tmp_path}/elsewhere.yaml: senders: name at least one sender, or set fhir: true"
    )
    assert "mapping file" in said.hint


def test_nothing_is_parked_in_fresh_services(up):
    said = daybook("parked", "list", "--data", up.data, "--json")
    assert (said.status, said.answer) == (0, {"parked": []})


@pytest.fixture
def parked(up):
    """The id of a hospital message that was refused; a new one for each test."""
    host, port = re.search(r"mllp://([\d.]+):(\d+)", up.log.read_text()).groups()
    message = f"MSH|^~\\&|RIVEREHR|RIVERSIDE|D|D|20260101||ADT^A01|{uuid4().hex[:20]}|P|9.9\rPID|1||1\r"
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(b"\x0b" + message.encode() + b"\x1c\r")
        assert b"MSA|AR" in line.recv(65536)
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := daybook("parked", "list", "--data", up.data, "--json").answer["parked"]):
        assert time.monotonic() < until
    yield found[0]["id"]
    daybook("parked", "discard", found[0]["id"], "--reason", "unusable", "--data", up.data)


def test_a_refused_hospital_message_is_listed_and_shown_with_its_reason(up, parked):
    listed = daybook("parked", "list", "--data", up.data)
    assert parked in listed.out
    assert "riverside: ADT^A01" in listed.out
    shown = daybook("parked", "show", parked, "--data", up.data)
    assert (shown.status, "ack_code: AR" in shown.out) == (0, True)


def test_a_hospital_message_is_replayed_or_given_up_with_a_reason(up, parked):
    again = daybook("parked", "retry", parked, "--data", up.data, "--json")
    assert again.status in (0, 2), again.err
    unsaid = daybook("parked", "discard", parked, "--data", up.data)
    assert (unsaid.status, "--reason" in unsaid.hint) == (2, True)
    assert "not_for_us: of another system" in unsaid.err
    free = daybook("parked", "discard", parked, "--reason", "of another system", "--data", up.data)
    assert (free.status, "invalid choice" in free.error) == (2, True)
    why = ("--reason", "not_for_us", "--note", "rang Eudora Umberleigh")
    given_up = daybook("parked", "discard", parked, *why, "--data", up.data, "--json")
    assert given_up.status == 0, given_up.err
    until = time.monotonic() + PATIENCE_SECONDS
    while daybook("parked", "list", "--data", up.data, "--json").answer["parked"]:
        assert time.monotonic() < until


def test_a_halted_partition_is_listed_with_its_reason_and_can_only_be_retried(up):
    reason = "number 3 of its feed is unreadable: time is missing or malformed"
    halt(up.data / "logs" / "attendance.sqlite", "/daybook/enrollment", 9, 5, reason)
    shown = "attendance/halted/enrollment:9:5"
    listed = daybook("parked", "list", "--data", up.data, "--json")
    [entry] = listed.answer["parked"]
    assert (entry["id"], entry["reason"]) == (shown, reason)
    assert f"halted at partition 5 of /daybook/enrollment, generation 9: {reason}" in _in_a_line(
        daybook("status", "--data", up.data).out
    )
    left_out = daybook("parked", "discard", shown, "--reason", "unusable", "--data", up.data)
    assert (left_out.status, "retry" in left_out.hint) == (2, True)
    resumed = daybook("parked", "retry", shown, "--data", up.data, "--json")
    assert (resumed.status, resumed.answer) == (0, {"parked": []})


def _in_a_line(printed):
    return " ".join(printed.split())


def test_rebuild_compares_every_row(up):
    said = daybook("rebuild", "enrollment", "--data", up.data, "--json")
    assert said.status == 0, said.err
    assert set(said.answer) == keys("rebuild")
    assert said.answer["identical"] is True
    assert said.answer["events"] > 0
    one = daybook("rebuild", "enrollment", "census", "--data", up.data, "--json").answer
    assert [row["projection"] for row in one["projections"]] == ["census"]


def test_a_token_opens_what_its_roles_may(up):
    said = daybook("token", "--subject", "person-7", "--role", "auditor", "--data", up.data, "--json")
    assert set(said.answer) == keys("token")
    pem = daybook("token", "--subject", "person-7", "--role", "auditor", "--data", up.data).out.strip()
    assert pem.count(".") == 2, "the plain answer is the token on one line"
    assert said.answer["roles"] == ["auditor"]


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path):
    folder = tmp_path / "secrets"
    said = daybook("secrets", folder, "--database-host", "db.example:6432", "--json")
    assert said.status == 0
    assert set(said.answer) == keys("secrets")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "@db.example:6432/daybook" in (folder / "database_url").read_text()
    assert "@rabbitmq:5672/daybook" in (folder / "broker_url").read_text()
    TokenVerifier.from_pem((folder / "token_public_key").read_bytes())
    again = daybook("secrets", folder)
    assert (again.status, "is there already" in again.error) == (2, True)
    other = tmp_path / "other"
    daybook("secrets", other)
    assert not {path.read_bytes() for path in folder.iterdir()} & {path.read_bytes() for path in other.iterdir()}


def test_contract_writes_all_documents(tmp_path):
    said = daybook("contract", "--out", tmp_path / "here", "--json")
    assert said.status == 0
    assert set(said.answer) == keys("contract")
    assert len(said.answer["documents"]) == 1 + len(SERVICES)
    for name in said.answer["documents"]:
        json.loads((tmp_path / "here" / name).read_text())


def test_hl7_read_answers_one_line_a_message_whatever_the_input(tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 40)
    message = "MSH|^~\\&|SIM|H|RAPP|RFAC|20200101||ADT^A01|17|T|2.3\rPID|1||1^^^H^MR||Roe^Jane\rPV1|1|I\r"
    (tmp_path / "one.hl7").write_text(message)
    said = daybook("hl7", "read", tmp_path / "noise", tmp_path / "one.hl7", tmp_path / "missing", "--json")
    assert said.status == 0
    *lines, summary = (json.loads(line) for line in said.out.splitlines())
    assert set(summary) == keys("hl7")
    assert summary["messages"] == len(lines)
    wanted = {"file", "index", "type", "control_id", "sender", "segments", "ack", "errors"}
    assert all(set(line) == wanted for line in lines)
    assert {(line["type"], line["control_id"]) for line in lines} >= {("ADT^A01", "17")}


def test_services_that_were_killed_leave_a_folder_that_answers_nevertheless(tmp_path):
    running = Up(tmp_path / "data")
    running.client("coordinator").post("/enrollment/participants", {"person": PERSON})
    running.kill()
    assert (tmp_path / "data" / "running.json").exists(), "nobody could remove it"
    said = daybook("status", "--data", tmp_path / "data", "--json")
    assert said.status == 0, said.err
    assert said.answer["services"]["enrollment"]["position"] >= 1
    assert "Quillfeather" in daybook("participants", "--data", tmp_path / "data").out


def test_a_restored_log_begins_a_new_generation(tmp_path):
    running = Up(tmp_path / "data")
    running.client("coordinator").post("/enrollment/participants", {"person": PERSON})
    running.kill()
    said = daybook("restored", "enrollment", "--data", tmp_path / "data", "--json")
    assert (said.status, said.answer) == (0, {"generations": {"enrollment": 2}})
    services = daybook("status", "--data", tmp_path / "data", "--json").answer["services"]
    assert {name: one["generation"] for name, one in services.items()} == dict.fromkeys(SERVICES, 1) | {"enrollment": 2}


def test_up_ends_orderly_and_leaves_no_word_behind(tmp_path):
    running = Up(tmp_path / "data")
    assert running.stop() == 0
    assert not (tmp_path / "data" / "running.json").exists()
    assert "mllp://127.0.0.1:" in running.log.read_text()
    assert "mllp://127.0.0.1:0 " not in running.log.read_text()
