"""Acknowledgments: modes, codes, and errors that say which segment, which field and why."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.interop.acknowledgment import Addressed, acknowledge, code_for, outcome
from services.interop.er7 import read
from services.interop.translate.problems import REQUIRED_FIELD, UNSUPPORTED_VERSION, Trouble

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRONG = Trouble(REQUIRED_FIELD, "a patient identifier is needed", "PID", 1, 3)
REFUSED = Trouble(UNSUPPORTED_VERSION, "accepted versions are 2.3", field=12, severity="R")


@pytest.mark.parametrize(
    ("accept", "application", "result", "code"),
    [
        ("", "", "AA", "AA"),
        ("", "", "AR", "AR"),
        ("AL", "", "AA", "CA"),
        ("AL", "NE", "AE", "CE"),
        ("AL", "", "AR", "CR"),
        ("NE", "NE", "AA", None),
        ("ER", "", "AA", None),
        ("ER", "", "AE", "CE"),
        ("SU", "", "AA", "CA"),
        ("", "AL", "AA", "AA"),
        ("", "ER", "AA", None),
        ("NE", "AL", "AA", None),
    ],
)
def test_the_sender_gets_the_answer_it_asked_for(accept: str, application: str, result: str, code: str | None) -> None:
    assert code_for(result, Addressed(accept=accept, application=application), "as_asked") == code
    assert code_for(result, Addressed(accept=accept, application=application), "original") == result


def test_refusing_the_kind_outweighs_asking_to_mend() -> None:
    assert [outcome([]), outcome([WRONG]), outcome([WRONG, REFUSED])] == ["AA", "AE", "AR"]


@pytest.mark.parametrize("version", ["2.3", "2.5.1"])
def test_an_error_says_segment_field_and_reason(version: str) -> None:
    received = read(f"MSH|^~\\&|APP|FAC|ME|HERE|2026||ADT^A01|C^1|P|{version}".encode())
    ack = read(acknowledge("AE", Addressed.of(received), [WRONG], AT, UUID(int=1)))
    assert ack.header.value(5) == "APP" and ack.header.value(3) == "ME" and ack.type == "ACK^A01"
    assert [ack.segments[1].value(1), ack.segments[1].value(2)] == ["AE", "C"]
    error = ack.segments[2]
    place = 1 if version == "2.3" else 2
    assert [error.value(place, part) for part in (1, 2, 3)] == ["PID", "1", "3"]
    said = error.value(8) if version == "2.5.1" else ack.segments[1].value(3)
    assert said == WRONG.reason


def test_an_unreadable_message_is_answered_too() -> None:
    ack = read(acknowledge("AE", Addressed(), [WRONG], AT, UUID(int=1)))
    assert ack.code == "ACK" and ack.segments[1].value(1) == "AE"
