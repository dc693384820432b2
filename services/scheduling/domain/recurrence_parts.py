"""What the parts of a recurrence rule may say, and which of them go together: the grammar of RFC 5545 §3.3.10.

Libraries read what it forbids in some way of their own: the last Friday of a week as every Friday, the month's day 0 as
every day. So a rule is held to it before a series is planned by it.
"""

import re
from collections.abc import Iterator, Mapping

_ORDINAL = r"[+-]?[0-9]{1,3}"
_WEEKDAY = re.compile(rf"(?P<nth>{_ORDINAL})?(?:MO|TU|WE|TH|FR|SA|SU)")

HIGHEST = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYWEEKNO": 53, "BYYEARDAY": 366, "BYSETPOS": 366}
"""The highest number of each part; save for months all may be counted from the end, and none is 0."""

WEEKS_OF_A_YEAR = 53
"""A weekday is counted up to this."""

FREQUENCIES_OF = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY",),
    "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
}
"""Parts that are only for some frequencies."""


def faults(parts: Mapping[str, str]) -> Iterator[str]:
    """What the standard forbids in a rule, in words; ``parts``: by name, in capitals. By the rule
    ``recurrence_by_the_standard``."""
    for name, highest in HIGHEST.items():
        for value in parts.get(name, "").split(",") if name in parts else ():
            if not _is_number(value, highest, signed=name != "BYMONTH"):
                yield f"{value!r} is no value of {name}"
    for name, frequencies in FREQUENCIES_OF.items():
        if name in parts and parts["FREQ"] not in frequencies:
            yield f"{name} goes with {' or '.join(frequencies)} only"
    yield from _weekdays(parts)
    if "BYSETPOS" in parts and not any(name.startswith("BY") for name in parts.keys() - {"BYSETPOS"}):
        yield "BYSETPOS chooses from the days of another part such as BYDAY"


def _weekdays(parts: Mapping[str, str]) -> Iterator[str]:
    counted = parts["FREQ"] == "MONTHLY" or (parts["FREQ"] == "YEARLY" and "BYWEEKNO" not in parts)
    for value in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        found = _WEEKDAY.fullmatch(value)
        nth = found["nth"] if found else None
        if found is None or (nth is not None and not _is_number(nth, WEEKS_OF_A_YEAR, signed=True)):
            yield f"{value!r} is no value of BYDAY"
        elif nth is not None and not counted:
            yield f"{value!r} counts the weekdays of a month or a year: it goes with MONTHLY or YEARLY only"


def _is_number(text: str, highest: int, *, signed: bool) -> bool:
    if not re.fullmatch(_ORDINAL if signed else "[0-9]{1,2}", text):
        return False
    return 1 <= abs(int(text)) <= highest
