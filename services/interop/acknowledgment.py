"""What the sender is answered: ACK messages in original and enhanced mode, with ERR segments that say where and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.interop.er7 import Message, Segment
from services.interop.er7.writer import header, message, segment, timestamp
from services.interop.translate.problems import Trouble

_ENHANCED = {"AA": "CA", "AE": "CE", "AR": "CR"}
_TABLE = "HL70357"


@dataclass(frozen=True, slots=True)
class Addressed:
    """The header fields of a received message that an answer needs; all empty where the header could not be read."""

    control_id: str = ""
    trigger: str = ""
    version: str = ""
    processing_id: str = ""
    sender: tuple[str, str] = ("", "")
    receiver: tuple[str, str] = ("", "")
    accept: str = ""
    application: str = ""

    @classmethod
    def of(cls, received: Message) -> "Addressed":
        head: Segment = received.header
        return cls(
            control_id=received.control_id,
            trigger=received.trigger,
            version=received.version,
            processing_id=head.value(11),
            sender=received.sender,
            receiver=(head.value(5), head.value(6)),
            accept=head.value(15).upper(),
            application=head.value(16).upper(),
        )


def outcome(troubles: Sequence[Trouble]) -> str:
    """AA, AE (mend and send again) or AR (this kind is not accepted here); the graver one where both apply."""
    if not troubles:
        return "AA"
    return "AR" if any(trouble.severity == "R" for trouble in troubles) else "AE"


def code_for(result: str, to: Addressed, mode: str) -> str | None:
    """MSA-1 by the mode the sender asked for (MSH-15, MSH-16; HL7 table 0155), or none where it wants no answer.

    Enhanced mode answers with the commit code (CA, CE, CR). A sender that asks for an application acknowledgment
    only gets that one. ``mode`` is ``original`` where the hospital's mapping ignores what is asked."""
    if mode == "original" or not (to.accept or to.application):
        return result
    if _wanted(to.accept, result):
        return _ENHANCED[result]
    if not to.accept and _wanted(to.application, result):
        return result
    return None


def _wanted(condition: str, result: str) -> bool:
    good = result == "AA"
    return condition == "AL" or (condition == "SU" and good) or (condition == "ER" and not good)


def acknowledge(code: str, to: Addressed, troubles: Sequence[Trouble], at: datetime, message_id: UUID) -> bytes:
    """The ACK message."""
    modern = to.version not in ("", "2.1", "2.2", "2.3", "2.3.1", "2.4")
    kind = ("ACK", to.trigger) if to.trigger else ("ACK",)
    structured = (*kind, "ACK") if modern and to.trigger else kind
    head = {
        3: to.receiver[0] or "DAYBOOK",
        4: to.receiver[1] or "DAYBOOK",
        5: to.sender[0],
        6: to.sender[1],
        7: timestamp(at),
        9: structured,
        10: f"DB{message_id.hex[:18].upper()}",
        11: to.processing_id or "P",
        12: to.version or "2.5.1",
        18: "UNICODE UTF-8",
    }
    said = "" if modern or not troubles else troubles[0].reason
    segments = [header(head), segment("MSA", {1: code, 2: to.control_id, 3: said})]
    segments += [_error(trouble, modern) for trouble in troubles]
    return message(segments)


def _error(trouble: Trouble, modern: bool) -> str:
    place = (trouble.segment, trouble.sequence, trouble.field)
    if not modern:
        return segment("ERR", {1: (*place, (trouble.code[0], trouble.code[1], _TABLE))})
    return segment("ERR", {2: place, 3: (*trouble.code, _TABLE), 4: "E", 8: trouble.reason})
