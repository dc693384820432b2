"""ORU R01: observations."""

from zoneinfo import ZoneInfo

from services.interop.domain.facts import Content, Observation
from services.interop.er7 import Message, Segment
from services.interop.mapping import Hospital
from services.interop.translate.adt import about_a_person, stated_at
from services.interop.translate.person import required_numbers
from services.interop.translate.times import instant
from services.interop.translate.values import flag_of, value_of

_NARRATIVE = frozenset(("TX", "FT", "ED", "RP"))
"""Value types that may say anything about anyone: they stay in the stored message and are not told to others."""

_ABOUT_PEOPLE = frozenset(("PN", "XPN", "PPN", "CN", "XCN", "CK", "CX", "AD", "XAD", "TN", "XTN"))
"""Value types that are a name, an identifier, an address or a telephone number: nor are they told."""

_WITHDRAWN = frozenset("DXNIO")
"""OBX-11: deleted, cannot be obtained, not asked for, still in the laboratory, order detail only."""


def results(message: Message, hospital: Hospital) -> Content:
    """Each OBX that is no narrative is one observation, with its value where that is a number or a code."""
    numbers = required_numbers(message, hospital)
    zone, made_at = ZoneInfo(hospital.time_zone), stated_at(message, hospital)
    found, request = [], None
    for index, segment in enumerate(message.segments):
        if segment.name == "OBR":
            request = segment
        if segment.name != "OBX" or not _tells(segment):
            continue
        asked_at = request.value(7) if request else ""
        code, system = _code(segment)
        value, value_system = value_of(segment, hospital)
        found.append(
            Observation(
                number=index,
                code=code,
                system=hospital.code_systems.get(system, system) or hospital.name,
                observed_at=instant(segment.value(14), zone) or instant(asked_at, zone) or made_at,
                value=value,
                value_system=value_system,
                unit=segment.value(6, 1) or None,
                abnormal=flag_of(segment),
            )
        )
    return about_a_person(message, hospital, numbers, *found)


def _tells(segment: Segment) -> bool:
    return (
        segment.value(2) not in _NARRATIVE | _ABOUT_PEOPLE
        and segment.value(11)[:1] not in _WITHDRAWN | {""}
        and bool(_code(segment)[0])
        and bool(segment.raw(5))
    )


def _code(segment: Segment) -> tuple[str, str]:
    """OBX-3: code and system, else the alternate ones; the text is none."""
    if segment.value(3, 1):
        return segment.value(3, 1), segment.value(3, 3)
    return segment.value(3, 4), segment.value(3, 6)
