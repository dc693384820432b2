"""RDE O11: pharmacy orders."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.interop.domain.facts import Content, Medication
from services.interop.er7 import Message, Segment
from services.interop.mapping import Hospital
from services.interop.translate.adt import about_a_person, stated_at
from services.interop.translate.person import required_numbers
from services.interop.translate.problems import REQUIRED_FIELD, SEGMENT_SEQUENCE, Trouble, Untranslatable
from services.interop.translate.times import instant

_STOPPED = frozenset(("CA", "DC", "OC", "OD", "CR", "DR", "OR", "HD", "OH", "HR", "UC"))
_CHANGED = frozenset(("XO", "XR", "XX", "RP", "RO", "RQ", "RU", "RL", "SC", "SN"))
"""Order control codes (HL7 table 0119); all others state an active order."""


def orders(message: Message, hospital: Hospital) -> Content:
    """Each ORC with its RXE is one medication."""
    numbers = required_numbers(message, hospital)
    made_at = stated_at(message, hospital)
    groups = _groups(message)
    if not groups:
        raise Untranslatable(Trouble(SEGMENT_SEQUENCE, "an ORC segment is required", "ORC"))
    found = tuple(_medication(group, index, made_at, hospital) for index, group in enumerate(groups, start=1))
    return about_a_person(message, hospital, numbers, *found)


def _groups(message: Message) -> list[list[Segment]]:
    groups: list[list[Segment]] = []
    for segment in message.segments:
        if segment.name == "ORC":
            groups.append([])
        if groups:
            groups[-1].append(segment)
    return groups


def _medication(group: list[Segment], index: int, made_at: datetime, hospital: Hospital) -> Medication:
    order = group[0]
    give = next((one for one in group if one.name == "RXE"), None)
    if give is None:
        raise Untranslatable(Trouble(SEGMENT_SEQUENCE, "an order without its RXE segment", "RXE", index))
    name = give.value(2, 2) or give.value(2, 9) or give.value(2, 1)
    if not name:
        raise Untranslatable(Trouble(REQUIRED_FIELD, "the order names no medication", "RXE", index, 2))
    order_id = order.value(2) or order.value(3) or give.value(15)
    if not order_id:
        raise Untranslatable(Trouble(REQUIRED_FIELD, "neither placer nor filler order number", "ORC", index, 2))
    control, system = order.value(1), give.value(2, 3)
    return Medication(
        order_id=order_id,
        status="stopped" if control in _STOPPED else "changed" if control in _CHANGED else "active",
        name=name,
        reported_at=instant(order.value(9), ZoneInfo(hospital.time_zone)) or made_at,
        code=give.value(2, 1) or None,
        system=hospital.code_systems.get(system, system) or None,
        dose=_dose(give),
        frequency=_frequency(group, give),
        route=_route(group),
    )


def _dose(give: Segment) -> str | None:
    least, most, unit = give.value(3), give.value(4), give.value(5, 1)
    if unit.isdigit() and give.value(5, 2):
        unit = give.value(5, 2)
    amount = f"{least}-{most}" if least and most and most != least else least or most
    return " ".join(filter(None, (amount, unit))) or None


def _frequency(group: list[Segment], give: Segment) -> str | None:
    """TQ1-3 of the RXE's own timing (it comes after RXE), else of the order, else RXE-1.2 as before version 2.5."""
    at = group.index(give)
    for timing in [one for one in group[at:] + group[:at] if one.name == "TQ1"]:
        found = timing.value(3, 1, 1)
        if found:
            return found
    return give.value(1, 2) or None


def _route(group: list[Segment]) -> str | None:
    for one in group:
        if one.name == "RXR":
            return one.value(1, 2) or one.value(1, 1) or None
    return None
