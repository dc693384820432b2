"""Outbound messages as HL7 v2.5.1: ADT A04 and A03 for the program's episodes, SIU for its appointments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.interop.destination import Destination
from services.interop.er7.writer import Repeat, Value, header, message, segment, timestamp

_SEXES = {"female": "F", "male": "M", "other": "O"}
_STRUCTURE = {"ADT^A04": "ADT_A01", "ADT^A03": "ADT_A03"}
_FILLER_STATUS = {"SIU^S12": "Booked", "SIU^S15": "Cancelled", "SIU^S26": "Noshow"}
_CORRECTED_STATUS = {"excused": "Cancelled", "cancelled_by_program": "Cancelled"}
"""SCH-25 of a no-show that was corrected (HL7 table 0278); anything attended is Complete."""

_COMPONENTS = {
    "individual_therapy": "Individual therapy",
    "group_therapy": "Group therapy",
    "medication_management": "Medication management",
    "psychoeducation": "Psychoeducation",
    "support_group": "Support group",
}


def compose(
    message_type: str,
    control_id: str,
    to: Destination,
    *,
    person: Mapping[str, Any],
    numbers: Sequence[tuple[str, str]],
    facts: Mapping[str, Any],
    at: datetime,
) -> bytes:
    """The message. ``numbers``: (number, authority); ``facts``: ids, codes and ISO instants of what happened."""
    code, _, trigger = message_type.partition("^")
    head = {
        3: "DAYBOOK",
        4: "DAYBOOK",
        5: to.application,
        6: to.facility,
        7: timestamp(at),
        9: (code, trigger, _STRUCTURE.get(message_type, "SIU_S12")),
        10: control_id,
        11: "P",
        12: "2.5.1",
        18: "UNICODE UTF-8",
    }
    body = _adt(trigger, person, numbers, facts, at) if code == "ADT" else _siu(message_type, person, numbers, facts)
    return message([header(head), *body])


def _adt(
    trigger: str, person: Mapping[str, Any], numbers: Sequence[tuple[str, str]], facts: Mapping[str, Any], at: datetime
) -> list[str]:
    occurred = _moment(facts.get("occurred_at"))
    visit: dict[int, Value] = {1: 1, 2: "O", 19: str(facts.get("episode_id", ""))}
    visit[44 if trigger == "A04" else 45] = occurred
    return [
        segment("EVN", {1: trigger, 2: timestamp(at), 6: occurred}),
        _pid(person, numbers),
        segment("PV1", visit),
    ]


def _siu(
    message_type: str, person: Mapping[str, Any], numbers: Sequence[tuple[str, str]], facts: Mapping[str, Any]
) -> list[str]:
    booking = str(facts["booking_id"])
    starts, ends = _moment(facts.get("starts_at")), _moment(facts.get("ends_at"))
    status = _FILLER_STATUS.get(message_type) or _CORRECTED_STATUS.get(str(facts.get("status")), "Complete")
    component = str(facts.get("component") or "")
    appointment: dict[int, Value] = {
        1: (booking, "DAYBOOK"),
        2: (booking, "DAYBOOK"),
        6: _REASONS.get(message_type, ""),
        11: (None, None, None, starts, ends),
        25: status,
    }
    segments = [segment("SCH", appointment), _pid(person, numbers), segment("RGS", {1: 1, 2: "A"})]
    if component:
        service = (component, _COMPONENTS.get(component, component), "DAYBOOK")
        segments.append(segment("AIS", {1: 1, 2: "A", 3: service, 4: starts, 10: status}))
    return segments


_REASONS = {"SIU^S12": "BOOKED", "SIU^S14": "CORRECTED", "SIU^S15": "CANCELLED", "SIU^S26": "NOSHOW"}


def _pid(person: Mapping[str, Any], numbers: Sequence[tuple[str, str]]) -> str:
    address = person.get("address")
    place = address if isinstance(address, Mapping) else {}
    street = place.get("line") or (address if isinstance(address, str) else "")
    given, _, middle = str(person.get("given") or "").partition(" ")
    return segment(
        "PID",
        {
            1: 1,
            3: Repeat((number, None, None, authority, "MR") for number, authority in numbers),
            5: (person.get("family") or "", given, middle),
            7: str(person.get("birth_date") or "").replace("-", ""),
            8: _SEXES.get(str(person.get("sex") or ""), "U"),
            11: (street, None, *(place.get(part) for part in ("city", "state", "postal_code", "country"))),
            13: person.get("phone") or "",
        },
    )


def _moment(text: object) -> str:
    return timestamp(datetime.fromisoformat(text)) if isinstance(text, str) and text else ""
