"""Weeks in the program's local time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def week_start(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_end(monday: date, time_zone: str) -> datetime:
    """The instant at which the local week is over: 167, 168 or 169 hours after it began."""
    local = datetime.combine(monday + timedelta(days=7), time(), ZoneInfo(time_zone))
    return local.astimezone(UTC)
