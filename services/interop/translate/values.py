"""What a result's value may tell other services: a measured number, a code, or a word of a closed list; never text.

Text may say anything about anyone, and nobody needs it to decide: it stays sealed in the stored message."""

import re

from services.interop.er7 import Segment
from services.interop.mapping import Hospital

CODED = frozenset(("CE", "CWE", "CNE", "CF"))
"""Value types (HL7 table 0125) of a code with its text and its system."""

ORDINAL = frozenset(
    {
        "positive", "negative", "detected", "not detected", "reactive", "nonreactive", "non-reactive", "present",
        "absent", "normal", "abnormal", "trace", "indeterminate", "equivocal", "invalid",
    }
)  # fmt: skip
"""Results in words that have no number (LOINC's scale Ord), as laboratories write them."""

_NUMBER = r"[+-]?\d{1,12}(\.\d{1,12})?"
_PLAIN = re.compile(_NUMBER)
_COMPARED = re.compile(rf"(<|>|<=|>=|=|<>)?\s?{_NUMBER}")
_STRUCTURED = re.compile(rf"(<|>|<=|>=|=|<>)?({_NUMBER})?([-+/.:])?({_NUMBER})?")
_FLAG = re.compile(r"[A-Za-z<>+*-]{1,6}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/:-]{0,39}")

Value = tuple[str | None, str | None]
"""The value and, of a code, its system."""
NOTHING: Value = (None, None)


def value_of(result: Segment, hospital: Hospital) -> Value:
    """OBX-5 by its type (OBX-2). A number sent as text is one only where it has a unit: without, it may be anybody's
    telephone number."""
    kind = result.value(2)
    if kind in CODED:
        return _coded(result, hospital)
    if kind == "SN":
        return _if(_STRUCTURED, "".join(result.value(5, part) for part in (1, 2, 3, 4)))
    written = result.text(5).strip()
    if kind == "NM":
        return _if(_PLAIN, written)
    if kind in ("ID", "IS"):
        return _if(_CODE, written)
    if kind == "ST" and result.value(6, 1):
        return _if(_COMPARED, written)
    return _word(written) if kind == "ST" else NOTHING


def flag_of(result: Segment) -> str | None:
    """OBX-8, a code of HL7 table 0078 such as H or LL."""
    return _if(_FLAG, result.value(8, 1))[0]


def _coded(result: Segment, hospital: Hospital) -> Value:
    for code, system in ((result.value(5, 1), result.value(5, 3)), (result.value(5, 4), result.value(5, 6))):
        if _CODE.fullmatch(code):
            return code, hospital.code_systems.get(system, system) or hospital.name
    return _word(result.value(5, 2) or result.value(5, 9) or result.value(5, 1))


def _if(pattern: re.Pattern[str], written: str) -> Value:
    return (written, None) if written and pattern.fullmatch(written) else NOTHING


def _word(written: str) -> Value:
    word = written.strip().lower()
    return (word, None) if word in ORDINAL else NOTHING
