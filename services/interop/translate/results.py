"""ORU R01: observations."""

from zoneinfo import ZoneInfo

from services.interop.domain.facts import Content, Observation
from services.interop.er7 import Message, Segment
from services.interop.mapping import Hospital
from services.interop.translate.adt import stated_at
from services.interop.translate.person import person_of, required_numbers, the_patient
from services.interop.translate.times import instant

_NARRATIVE = frozenset(("TX", "FT", "ED", "RP"))
"""Value types that may say anything about anyone: they stay in the stored message and are not told to others."""

_ABOUT_PEOPLE = frozenset(("PN", "XPN", "PPN", "CN", "XCN", "CK", "CX", "AD", "XAD", "TN", "XTN"))
"""Value types that are a name, an identifier, an address or a telephone number: nor are they told."""

_WITHDRAWN = frozenset("DXNIO")
"""OBX-11: deleted, cannot be obtained, not asked for, still in the laboratory, order detail only."""


def results(message: Message, hospital: Hospital) -> Content:
    """Each OBX that holds a coded or measured value is one observation."""
    numbers = required_numbers(message, hospital)
    zone, made_at = ZoneInfo(hospital.time_zone), stated_at(message, hospital)
    found, request = [], None
    for index, segment in enumerate(message.segments):
        if segment.name == "OBR":
            request = segment
        if segment.name != "OBX" or not _tells(segment):
            continue
        asked_at = request.value(7) if request else ""
        system = segment.value(3, 3)
        found.append(
            Observation(
                number=index,
                code=segment.value(3, 1) or segment.value(3, 2),
                system=hospital.code_systems.get(system, system) or hospital.name,
                observed_at=instant(segment.value(14), zone) or instant(asked_at, zone) or made_at,
                value=_value(segment),
                unit=segment.value(6, 1) or None,
                abnormal=segment.value(8, 1) or None,
            )
        )
    return Content(message.type, True, numbers, person_of(the_patient(message)), tuple(found))


def _tells(segment: Segment) -> bool:
    return (
        segment.value(2) not in _NARRATIVE | _ABOUT_PEOPLE
        and segment.value(11)[:1] not in _WITHDRAWN | {""}
        and bool(segment.value(3, 1) or segment.value(3, 2))
        and bool(segment.raw(5))
    )


def _value(segment: Segment) -> str:
    """Coded values by text, else code; structured numerics as written; others as sent."""
    kind = segment.value(2)
    if kind in ("CE", "CWE", "CNE", "CF"):
        return segment.value(5, 2) or segment.value(5, 9) or segment.value(5, 1)
    if kind == "SN":
        return "".join(segment.value(5, part) for part in (1, 2, 3, 4))
    return segment.text(5)
