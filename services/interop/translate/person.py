"""PID: who the message is about. The shape of ``person`` is the one that enrollment keeps and interop sends."""

from typing import Any

from services.interop.domain.facts import HospitalNumber
from services.interop.er7 import Message, Segment
from services.interop.er7.message import Repetition
from services.interop.mapping import Hospital
from services.interop.translate.problems import REQUIRED_FIELD, SEGMENT_SEQUENCE, Trouble, Untranslatable
from services.interop.translate.times import day

SEXES = {"F": "female", "M": "male", "O": "other", "A": "other", "N": "other", "U": "unknown"}
"""HL7 table 0001 → FHIR administrative gender."""


def the_patient(message: Message) -> Segment:
    """The PID segment. Raises ``Untranslatable``."""
    found = message.first("PID")
    if found is None:
        raise Untranslatable(Trouble(SEGMENT_SEQUENCE, "a PID segment is required", "PID"))
    return found


def numbers_of(segment: Segment, field: int, hospital: Hospital) -> tuple[HospitalNumber, ...]:
    """The identifiers of a CX field whose authority is known, in the order sent, without those the mapping ignores."""
    found: dict[HospitalNumber, None] = {}
    for one in segment.repetitions(field):
        number = one.value(1).strip()
        if not number or one.value(5) in hospital.ignored_identifier_types:
            continue
        authority = hospital.authority(_authority_name(one, hospital))
        if authority:
            found[HospitalNumber(authority, number)] = None
    return tuple(found)


def _authority_name(one: Repetition, hospital: Hospital) -> str:
    """CX-4: the namespace, or the universal id where the mapping knows that or there is no namespace."""
    namespace, universal = one.value(4, 1).strip(), one.value(4, 2).strip()
    if namespace and (namespace in hospital.authorities or universal not in hospital.authorities):
        return namespace
    return universal


def required_numbers(message: Message, hospital: Hospital) -> tuple[HospitalNumber, ...]:
    """PID-3, or PID-2 of old senders. Raises ``Untranslatable`` where no number can be used."""
    patient = the_patient(message)
    found = numbers_of(patient, 3, hospital) or numbers_of(patient, 2, hospital)
    if not found:
        reason = "no patient identifier whose assigning authority is known"
        raise Untranslatable(Trouble(REQUIRED_FIELD, reason, "PID", field=3))
    return found


def person_of(patient: Segment) -> dict[str, Any]:
    """Name, birth date, sex and contacts; only what was sent."""
    born = day(patient.value(7))
    name = next(iter(patient.repetitions(5)), None)
    address = next(iter(patient.repetitions(11)), None)
    person: dict[str, Any] = {
        "family": name.value(1) if name else "",
        "given": " ".join(filter(None, (name.value(2), name.value(3)))) if name else "",
        "birth_date": born.isoformat() if born else "",
        "sex": SEXES.get(patient.value(8).upper()[:1], ""),
        "phone": _phone(patient),
        "email": _email(patient),
        "address": _address(address) if address else None,
    }
    return {key: value for key, value in person.items() if value}


def _phone(patient: Segment) -> str:
    for field in (13, 14, 40):
        for one in patient.repetitions(field):
            if one.value(3) == "Internet":
                continue
            parts = (one.value(5), one.value(6), one.value(7))
            number = one.value(1) or one.value(12) or "-".join(filter(None, parts))
            if number:
                return number
    return ""


def _email(patient: Segment) -> str:
    for field in (13, 14, 40):
        for one in patient.repetitions(field):
            if one.value(3) == "Internet" and (one.value(4) or "@" in one.value(1)):
                return one.value(4) or one.value(1)
    return ""


def _address(one: Repetition) -> dict[str, str]:
    street = one.value(1, 1) if not one.value(1, 2) else " ".join((one.value(1, 1), one.value(1, 2)))
    parts = {
        "line": ", ".join(filter(None, (street.strip(), one.value(2)))),
        "city": one.value(3).strip(),
        "state": one.value(4),
        "postal_code": one.value(5),
        "country": one.value(6),
    }
    return {key: value for key, value in parts.items() if value}
