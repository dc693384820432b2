"""Names, birth dates and numbers are nowhere on disk, on the wire or in a log; and nowhere at all after an erasure."""

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import kombu
import psycopg
import pytest
from e2e_house import House, opened
from e2e_program import BEGIN, MONDAY, Member, Program, at
from e2e_questions import ask, questions
from e2e_stories import (
    a_discharge_frees_promotes_closes_and_is_told,
    a_hospitalization_suspends_and_its_end_resumes,
    play,
    two_hospital_numbers_become_one_person_everywhere,
)
from e2e_town import ROOT, Town
from psycopg import sql

from events.log.commands import Context
from events.log.ledger import verify
from services.cli.client import Refusal
from services.cli.simulator.hospital import referral_bundle
from services.cli.simulator.model.medications import SERTRALINE
from services.cli.simulator.people import Person
from services.enrollment.domain.people_commands import EraseParticipant
from tests.support.patience import PATIENCE_SECONDS

STORIES = (
    a_hospitalization_suspends_and_its_end_resumes,
    two_hospital_numbers_become_one_person_everywhere,
    a_discharge_frees_promotes_closes_and_is_told,
)
REFERRED, MALFORMED, STRANGER, TYPED = 50, 51, 52, 53
"""Numbers of people who come in other ways than the stories' own."""


def _everything_comes_in(program: Program) -> None:
    """By HTTP, MLLP and FHIR; some of it wrong, so that it is parked or refused."""
    hospital, people = program.hospital, program.people
    referred = referral_bundle(
        people[REFERRED], at=BEGIN, reason="Distress", problem=("F33.1", "Depression"), medications=(SERTRALINE,)
    )
    program.staff.call("POST", "/interop/referrals", referred, media_type="application/fhir+json")
    program.site.send(
        hospital.order(people[1], "RX1", SERTRALINE, "NW", BEGIN),
        hospital.observation(people[2], "LAB1", "0.8", BEGIN),
        hospital.admission(people[STRANGER], "V9", BEGIN),
        *_malformed(hospital.admission(people[MALFORMED], "V8", BEGIN), people[MALFORMED]),
    )
    wrong = people[TYPED]
    for path, body in (
        (
            "/enrollment/participants",
            {"person": {"family": wrong.family, "birth_date": wrong.given}, "name": wrong.family},
        ),
        ("/enrollment/participants", {"person": wrong.family, "identifiers": [wrong.number]}),
        (f"/enrollment/participants/{wrong.number}/referrals", {"source": wrong.given}),
        ("/interop/referrals", _broken_bundle(wrong)),
        ("/attendance/bookings/" + str(uuid4()) + "/excuse", {"reason": f"{wrong.given} {wrong.family}"}),
    ):
        with pytest.raises(Refusal):
            program.staff.post(path, body)


def _malformed(whole: bytes, person: Person) -> list[bytes]:
    """What can be wrong with a message about somebody."""
    birth_date = f"{person.birth_date:%Y%m%d}".encode()
    return [
        whole.replace(b"|2.5.1|", b"|9.9|").replace(b"|RV", b"|XA"),
        whole.replace(b"RIVEREHR", b"UNKNOWN").replace(b"|RV", b"|XB"),
        whole.replace(b"ADT^A01", b"ADT^Z99").replace(b"|RV", b"|XC"),
        whole.replace(birth_date, f"{person.family}".encode()).replace(b"|RV", b"|XD"),
        whole.replace(person.number.encode() + b"^^^RIVERSIDE", b"").replace(b"|RV", b"|XE"),
        whole.replace(b"\rPID|", b"\rPIDX|").replace(b"|RV", b"|XF"),
        whole.partition(b"\r")[2],
        whole[: len(whole) // 2].replace(b"|RV", b"|XG"),
        b"\xff\xfe" + whole.replace(b"|RV", b"|XH"),
    ]


def _broken_bundle(person: Person) -> dict[str, Any]:
    bundle = referral_bundle(person, at=BEGIN, reason="x", problem=("F33.1", person.family), medications=())
    patient = bundle["entry"][0]["resource"]
    patient["birthDate"] = person.family
    patient["identifier"] = person.number
    return bundle


def _secrets(program: Program) -> list[str]:
    """Of everybody who came in. Birth dates as eight digits are left out: figures have as many by chance."""
    people = [*program.people[:12], *program.people[50:54], *Program(_Nowhere(), f"{program.name}-small").people[:3]]
    return sorted({text for person in people for text in person.secrets if len(text) > 8 or text.isalpha()})


class _Nowhere:
    def client(self, *roles: str) -> None:
        return None


def _found(content: bytes, secrets: list[str]) -> list[str]:
    """Which stand in the bytes: as UTF-8, UTF-16 or hexadecimal in any case, or as base64."""
    lower = content.lower()
    return [
        text
        for text in secrets
        if any(one in lower for one in _spellings(text.lower())) or any(one in content for one in _base64(text))
    ]


def _spellings(text: str) -> tuple[bytes, ...]:
    return text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()


def _base64(text: str) -> Iterator[bytes]:
    """It looks different at each of the three places in a group; what is left of a short text proves nothing."""
    for shift in range(3):
        whole = b64encode(b"\0" * shift + text.encode())[4 if shift else 0 : -4]
        if len(whole) >= 8:
            yield whole


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes()


def test_no_file_of_the_services_holds_any_of_them(tmp_path: Path) -> None:
    with opened(tmp_path, BEGIN) as house:
        program = Program(house).open()
        assert not any(play(program, STORIES).values())
        _everything_comes_in(program)
        house.settle()
        secrets = _secrets(program)
        names = {path.name for path, _ in _files(tmp_path)}
        assert {"enrollment.sqlite", "enrollment.sqlite-wal", "interop.sqlite", "keys.sqlite"} <= names
        assert {
            path.name: _found(content, secrets) for path, content in _files(tmp_path) if _found(content, secrets)
        } == {}
        shown = json.dumps(program.staff.get("/enrollment/participants"))
        assert program.people[0].family in shown, "whoever may read them can"
    assert {path.name: _found(content, secrets) for path, content in _files(tmp_path) if _found(content, secrets)} == {}


def test_after_an_erasure_nothing_shows_the_person_any_more(tmp_path: Path) -> None:
    with opened(tmp_path, BEGIN) as house:
        program = Program(house).open()
        assert not any(play(program, STORIES).values())
        _everything_comes_in(program)
        house.settle()
        member = Member(program.people[5], str(program.id("participant", 5)), "", "")
        retired = Member(program.people[6], str(program.id("participant", 6)), "", "")
        secrets = [*member.person.secrets, *retired.person.secrets]
        assert _shown(house, member, secrets)
        about = _messages_about(house, program, member)
        assert about
        context = Context(uuid4(), house.clock(), "somebody", frozenset({"operator"}), "test")
        erase = EraseParticipant(UUID(member.participant_id), "asked_for")
        house.services["enrollment"].application.handle(erase, context)
        house.settle()
        assert _shown(house, member, secrets) == []
        for message_id in about:
            with pytest.raises(Refusal) as refused:
                house.client("operator").post(f"/interop/messages/{message_id}/raw", {"reason": "audit"})
            assert refused.value.status == 410
        assert house.parked() == []
        for service in house.services.values():
            found = verify(service.database)
            assert (found.ok, found.unsealed) == (True, 0)
        assert all(one.identical for one in house.rebuilt().values())
        assert _shown(house, member, secrets) == []
    for participant in (member, retired):
        for as_of in ([], ["--as-of", BEGIN.isoformat()]):
            shown = _chart(tmp_path, participant.participant_id, *as_of)
            assert [text for text in secrets if text in shown] == []


def _shown(house: House, member: Member, secrets: list[str]) -> list[str]:
    """What any query of any service still says, now and as of then."""
    client = house.client()
    everything = questions(house, client, [member.participant_id])
    heads = {name: service.log.head() for name, service in house.services.items()}
    answers = [ask(client, one, **beside) for one in everything for beside in ({}, {"as_of": heads[one[0]] * 2 // 3})]
    said = json.dumps(answers)
    return [text for text in secrets if text in said]


def _messages_about(house: House, program: Program, member: Member) -> list[str]:
    """The hospital's messages in which the person stands, by reading them all."""
    operator, found = house.client("operator"), []
    for one in program.staff.get("/interop/messages", limit=1000)["messages"]:
        raw = operator.post(f"/interop/messages/{one['message_id']}/raw", {"reason": "audit"})["raw"]
        if member.person.number.encode() in b64decode(raw):
            found.append(one["message_id"])
    return found


def _chart(folder: Path, participant_id: str, *options: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
    command = [sys.executable, "-m", "services.cli", "chart", participant_id, "--data", str(folder), "--json", *options]
    done = subprocess.run(
        command, cwd=ROOT, env=inherited, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0 or "there is no participant" in done.stderr, done.stderr
    return done.stdout + done.stderr


# the processes


@contextmanager
def _overheard(broker: str) -> Iterator[list[bytes]]:
    """Every message that passes the services' exchange while the block lasts."""
    heard: list[bytes] = []
    with kombu.Connection(broker) as connection:
        channel = connection.channel()
        exchange = kombu.Exchange("daybook.events", type="topic", durable=True)
        queue = kombu.Queue("overheard", exchange, routing_key="#", durable=True)(channel)
        queue.declare()
        yield heard
        while (message := queue.get(no_ack=True)) is not None:
            body = message.body
            heard.append(body if isinstance(body, bytes) else str(body).encode())
        queue.delete()


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Everything in a PostgreSQL database, as a dump has it."""
    with psycopg.connect(url) as connection:
        listed = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in listed:
            copy = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))
            with connection.cursor().copy(copy) as rows:
                yield f"{schema}.{table}", b"".join(bytes(row) for row in rows)


@pytest.mark.processes
def test_neither_postgresql_nor_rabbitmq_nor_any_process_log_holds_any_of_them(town: Town) -> None:
    with _overheard(town.servers.broker) as heard:
        program = Program(town, "privacy").open_track()
        member = program.member(0)
        _everything_comes_in(program)
        town.send(program.hospital.admission(member.person, "V1", at(MONDAY, 8)))
        town.settle()
        assert program.status(member) == "suspended"
    secrets = _secrets(program)
    assert len(heard) > 8
    assert [found for body in heard if (found := _found(body, secrets))] == []
    dumped = {
        name: _found(content, secrets)
        for url in (town.servers.owner, town.servers.keys)
        for name, content in _tables(url)
    }
    assert len(dumped) > 40
    assert {name: found for name, found in dumped.items() if found} == {}
    logged = {path.name: _found(content, secrets) for path, content in _files(town.folder)}
    assert {name for name in logged if name.endswith(".log")} == {f"{name}.log" for name in town.urls}
    assert {name: found for name, found in logged.items() if found} == {}
