"""HL7's dates and times (TS, DTM: ``YYYY[MM[DD[HH[MM[SS[.S…]]]]]][±ZZZZ]``)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_DTM = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6})\d*)?)?)?)?)?)?(?:([+-])(\d{2})(\d{2}))?\Z"
)

_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant in UTC; a time without an offset is the hospital's own. None where ``text`` is no HL7 time."""
    match = _DTM.match(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    tz: ZoneInfo | timezone = zone
    try:
        if sign:
            offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
            tz = timezone(-offset if sign == "-" else offset)
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "").ljust(6, "0")),
            tzinfo=tz,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(text: str) -> date | None:
    """The date part; None where there is no whole date."""
    match = _DAY.match(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
