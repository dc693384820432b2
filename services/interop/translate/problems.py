"""Why a message is refused, in the terms of HL7's ERR segment (table 0357)."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["E", "R"]
"""E: mend and send again (AE). R: this kind is not accepted here (AR)."""

SEGMENT_SEQUENCE = ("100", "Segment sequence error")
REQUIRED_FIELD = ("101", "Required field missing")
DATA_TYPE = ("102", "Data type error")
UNKNOWN_KEY = ("204", "Unknown key identifier")
UNSUPPORTED_TYPE = ("200", "Unsupported message type")
UNSUPPORTED_PROCESSING_ID = ("202", "Unsupported processing id")
UNSUPPORTED_VERSION = ("203", "Unsupported version id")
DUPLICATE_KEY = ("205", "Duplicate key identifier")
INTERNAL = ("207", "Application internal error")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong with a message. ``reason`` never quotes what the message says about a person."""

    code: tuple[str, str]
    reason: str
    segment: str = "MSH"
    sequence: int = 1
    field: int | None = None
    severity: Severity = "E"

    def to_data(self) -> dict[str, object]:
        """For storage and for people."""
        return {
            "segment": self.segment,
            "sequence": self.sequence,
            "field": self.field,
            "code": self.code[0],
            "reason": self.reason,
        }


class Untranslatable(Exception):
    """A message that cannot be understood; ``trouble`` says where and why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble
