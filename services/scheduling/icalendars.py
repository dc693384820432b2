"""Calendars as iCalendar text (RFC 5545, RFC 7986), for programs that read them again and again.

No METHOD: a feed is a snapshot and no iTIP message, and PUBLISH would have to name an organizer (RFC 5546 §3.2.1).
Times are UTC: each session is one instant that was worked out from its series' local rule when it was planned, and UTC
says it exactly, also in the hour that occurs twice and whatever zone rules the reader's program knows (ADR 7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

PRODUCT = "-//Daybook//Calendar feeds//EN"
MEDIA_TYPE = "text/calendar"

REFRESH = timedelta(hours=1)
"""How often a program may well look again (RFC 7986 §5.7)."""


@dataclass(frozen=True)
class Entry:
    """One event. ``changed_at``: when anything of it was changed last, in the log's words."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str | None
    description: str | None
    cancelled: bool


def written(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar; equal entries give equal bytes. Lines end with CRLF and have at most 75 octets."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in sorted(entries, key=lambda one: (one.starts_at, one.uid)):
        calendar.add_component(_event(entry))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry) -> Event:
    """A cancelled one stays, so that programs take it out of their calendars, and takes nobody's time.
    By the rule ``cancelled_stays_in_calendars``."""
    event = Event()
    facts: dict[str, Any] = {
        "uid": entry.uid,
        "sequence": entry.sequence,
        "dtstamp": _utc(entry.changed_at),  # without METHOD: when the event was last revised (§3.8.7.2)
        "last-modified": _utc(entry.changed_at),
        "dtstart": _utc(entry.starts_at),
        "dtend": _utc(entry.ends_at),
        "summary": entry.summary,
        "status": "CANCELLED" if entry.cancelled else "CONFIRMED",
        "transp": "TRANSPARENT" if entry.cancelled else "OPAQUE",
        "class": "PRIVATE",
    }
    if entry.location is not None:
        facts["location"] = entry.location
    if entry.description is not None:
        facts["description"] = entry.description
    for name, value in facts.items():
        event.add(name, value)
    return event


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)
