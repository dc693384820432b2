"""When a series meets: an RFC 5545 recurrence rule in the program's local time.

The rule is expanded on the local calendar and only then turned into instants, so a weekly 18:00 stays at 18:00 local
time across both daylight-saving changes. Local times that a change makes special follow RFC 5545 §3.3.5: a time that
occurs twice means its first occurrence; a time that does not occur is reckoned with the offset before the gap (02:30
becomes 03:30). Python's ``fold=0`` means exactly these two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from services.scheduling.domain.errors import FirstDateOffRule, InvalidRecurrenceRule, UnknownTimeZone
from services.scheduling.domain.recurrence_parts import faults

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
PARTS = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYDAY",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
    }
)
"""Parts of a rule that keep it to one session a day; the time of day is the series' own."""

WIDEST = "9999"
"""The widest interval that a rule may have."""


@dataclass(frozen=True)
class Occurrence:
    """One meeting: its local day and its instants in UTC."""

    local_date: date
    starts_at: datetime
    ends_at: datetime


def zone(name: str) -> ZoneInfo:
    """The IANA time zone. Raises ``UnknownTimeZone``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownTimeZone(f"{name!r} is no IANA time zone; give one such as America/New_York") from None


def instant(local: datetime, time_zone: str) -> datetime:
    """The instant of a naive local time, in UTC, by the rules for skipped and repeated local times above."""
    return local.replace(tzinfo=zone(time_zone), fold=0).astimezone(UTC)


@dataclass(frozen=True)
class Recurrence:
    """A rule, where it begins and how long each meeting lasts (minutes that pass, whatever clocks do meanwhile)."""

    rule: str
    first_date: date
    starts_at: time
    minutes: int
    time_zone: str

    def check(self) -> None:
        """Raises ``InvalidRecurrenceRule``, ``FirstDateOffRule`` or ``UnknownTimeZone``."""
        zone(self.time_zone)
        if (fault := next(faults(self._parts()), None)) is not None:
            raise self._invalid(fault)
        # Only the period in which it begins matters here: by wide steps a search that finds nothing ends soon.
        if next(self._local_starts(self.first_date, INTERVAL=WIDEST), None) != self._begin:
            raise FirstDateOffRule(
                f"{self.first_date} is not an occurrence of {self.rule}; let the series begin on a day that is"
            )

    def between(self, from_date: date, through: date) -> Iterator[Occurrence]:
        """Meetings whose local day lies in the range, both ends included, in order, at most one a day.
        By the rule ``local_time_all_year``."""
        previous: date | None = None
        local_zone = zone(self.time_zone)
        for local in self._local_starts(through):
            starts_at = instant(local, self.time_zone)
            # A zone may skip a whole day (Samoa, 30 December 2011): that day's meeting falls on the next day's.
            day = starts_at.astimezone(local_zone).date()
            if day < from_date or day == previous:
                continue
            previous = day
            yield Occurrence(day, starts_at, starts_at + timedelta(minutes=self.minutes))

    @property
    def _begin(self) -> datetime:
        return datetime.combine(self.first_date, self.starts_at)

    def _local_starts(self, through: date, **instead: str) -> Iterator[datetime]:
        """Naive local starts in order, through a local day; ``instead``: parts of the rule to replace."""
        parts = self._parts() | instead
        count = int(parts.pop("COUNT")) if "COUNT" in parts else None
        end = datetime.combine(through, time.max)
        if "UNTIL" in parts:
            end = min(end, self._until(parts.pop("UNTIL")))
        # The search ends at the first occurrence after the end, or in the year 9999.
        parts["UNTIL"] = end.strftime("%Y%m%dT%H%M%S")
        text = ";".join(f"{name}={value}" for name, value in parts.items())
        try:
            return islice(iter(rrulestr(text, dtstart=self._begin)), count)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise self._invalid("a part has no valid value") from None

    def _parts(self) -> dict[str, str]:
        parts: dict[str, str] = {}
        for part in self.rule.upper().removeprefix("RRULE:").split(";"):
            name, separator, value = part.partition("=")
            if not separator or not value or name not in PARTS:
                raise self._invalid(f"{part!r} is none of the parts {', '.join(sorted(PARTS))}")
            if name in parts:
                raise self._invalid(f"{name} stands twice")
            parts[name] = value
        if parts.get("FREQ") not in FREQUENCIES:
            raise self._invalid(f"FREQ has to be one of {', '.join(sorted(FREQUENCIES))}")
        if "COUNT" in parts and "UNTIL" in parts:
            raise self._invalid("COUNT and UNTIL exclude each other")
        for name in ("COUNT", "INTERVAL"):
            if name in parts and not re.fullmatch(r"0*[1-9][0-9]{0,3}", parts[name]):
                raise self._invalid(f"{name} has to be a whole number from 1 to 9999")
        return parts

    def _until(self, text: str) -> datetime:
        """The last local time. A date means that whole day; a UTC time is turned into local time."""
        try:
            if "T" not in text:
                return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time.max)  # noqa: DTZ007  a local date
            if text.endswith("Z"):
                utc = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                return utc.astimezone(zone(self.time_zone)).replace(tzinfo=None)
            return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007  local by RFC 5545 form 1
        except ValueError:
            raise self._invalid("UNTIL is neither YYYYMMDD nor YYYYMMDDTHHMMSS[Z]") from None

    def _invalid(self, why: str) -> InvalidRecurrenceRule:
        return InvalidRecurrenceRule(f"the recurrence rule cannot be used: {why}; for example FREQ=WEEKLY;BYDAY=MO,WE")
