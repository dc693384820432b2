"""Weeks in the program's local time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def week_start(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def local_midnight(day: date, time_zone: str) -> datetime:
    """The instant at which the local day begins."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def week_end(monday: date, time_zone: str) -> datetime:
    """The instant at which the local week is over: 167, 168 or 169 hours after it began."""
    return local_midnight(monday + timedelta(days=7), time_zone)
