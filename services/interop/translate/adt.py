"""ADT: registrations, hospital stays and their cancellations, demographics, merges."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from services.interop.domain.facts import (
    Content,
    Fact,
    HospitalNumber,
    Merge,
    PersonUpdate,
    Problem,
    Referral,
    Stay,
    StayChange,
)
from services.interop.er7 import Message, Segment
from services.interop.mapping import Hospital
from services.interop.translate.person import numbers_of, person_of, required_numbers, the_patient
from services.interop.translate.problems import DATA_TYPE, REQUIRED_FIELD, SEGMENT_SEQUENCE, Trouble, Untranslatable
from services.interop.translate.times import instant

STAYS: dict[str, StayChange] = {"A01": "started", "A03": "ended", "A11": "start_cancelled", "A13": "end_cancelled"}
_WHEN = {"started": 44, "ended": 45}
"""PV1-44 admit, PV1-45 discharge date and time."""


def stay(message: Message, hospital: Hospital) -> Content:
    """A01, A03, A11, A13. A visit that is no inpatient's (by PV1-2 and the mapping) only updates the person."""
    numbers = required_numbers(message, hospital)
    visit = message.first("PV1")
    if visit is None:
        raise Untranslatable(Trouble(SEGMENT_SEQUENCE, "a PV1 segment is required", "PV1"))
    patient_class = visit.value(2)
    if patient_class and patient_class not in hospital.inpatient_classes:
        return about_a_person(message, hospital, numbers, PersonUpdate())
    change = STAYS[message.trigger]
    fact = Stay(change, _visit_key(message, visit, numbers[0].number), _when(message, visit, change, hospital))
    return about_a_person(message, hospital, numbers, fact)


def registration(message: Message, hospital: Hospital) -> Content:
    """A04, A28: of a hospital that refers, a stranger's registration is a referral."""
    numbers = required_numbers(message, hospital)
    visit = message.first("PV2")
    reason = (visit.value(3, 2) or visit.value(3)) if visit else ""
    fact: Fact = PersonUpdate()
    if hospital.refers:
        fact = Referral(problems=_diagnoses(message, hospital), reason=reason or None)
    return about_a_person(message, hospital, numbers, fact)


def demographics(message: Message, hospital: Hospital) -> Content:
    """A08, A31."""
    numbers = required_numbers(message, hospital)
    return about_a_person(message, hospital, numbers, PersonUpdate())


def merge(message: Message, hospital: Hospital) -> Content:
    """A40: MRG-1's numbers are the person's of PID-3 from now on."""
    numbers = required_numbers(message, hospital)
    retiring = message.first("MRG")
    if retiring is None:
        raise Untranslatable(Trouble(SEGMENT_SEQUENCE, "an MRG segment is required", "MRG"))
    retired = numbers_of(retiring, 1, hospital)
    if not retired:
        reason = "no prior identifier whose assigning authority is known"
        raise Untranslatable(Trouble(REQUIRED_FIELD, reason, "MRG", field=1))
    return about_a_person(message, hospital, numbers, Merge(retired))


def about_a_person(message: Message, hospital: Hospital, numbers: tuple[HospitalNumber, ...], *facts: Fact) -> Content:
    """The content of a message that has a patient."""
    describe, stated = partial(person_of, the_patient(message)), partial(_stated, message, hospital)
    return Content(message.type, True, numbers, facts, describe, stated)


def stated_at(message: Message, hospital: Hospital) -> datetime:
    """When the message was made: EVN-6 (occurred), EVN-2 (recorded) or MSH-7. Raises ``Untranslatable``."""
    zone = ZoneInfo(hospital.time_zone)
    event = message.first("EVN")
    for text in (event.value(6) if event else "", event.value(2) if event else "", message.header.value(7)):
        moment = instant(text, zone)
        if moment:
            return moment
    raise Untranslatable(Trouble(DATA_TYPE, "no date and time of the message that can be read", "MSH", field=7))


def _stated(message: Message, hospital: Hospital) -> datetime | None:
    try:
        return stated_at(message, hospital)
    except Untranslatable:
        return None


def _when(message: Message, visit: Segment, change: StayChange, hospital: Hospital) -> datetime:
    field = _WHEN.get(change)
    text = visit.value(field) if field else ""
    if not text:
        return stated_at(message, hospital)
    moment = instant(text, ZoneInfo(hospital.time_zone))
    if moment is None:
        raise Untranslatable(Trouble(DATA_TYPE, "not a date and time", "PV1", field=field))
    return moment


def _visit_key(message: Message, visit: Segment, number: str) -> tuple[str, ...]:
    """What tells one stay from another: the visit number (PV1-19), else the account (PID-18), else patient and
    admission time (PV1-44), else the patient alone, whose stays without any of these are taken for one."""
    if visit.value(19):
        return ("visit", visit.value(19))
    account = the_patient(message).value(18)
    if account:
        return ("account", account)
    if visit.value(44):
        return ("admitted", number, visit.value(44)[:12])
    return ("patient", number)


def _diagnoses(message: Message, hospital: Hospital) -> tuple[Problem, ...]:
    found = []
    for diagnosis in message.all("DG1"):
        code, system = diagnosis.value(3, 1), diagnosis.value(3, 3)
        if code:
            named = system or diagnosis.value(2) or "unknown"
            found.append(Problem(code, hospital.code_systems.get(named, named)))
    return tuple(found)
