"""When somebody, or a room, can be had: weekly times in local time, and one-off exceptions that go before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.errors import AvailabilityMalformed
from services.scheduling.domain.recurrence import zone

MIDNIGHT = time(0)


@dataclass(frozen=True)
class Window:
    """On these weekdays (1 is Monday), or for an exception, which has none, on each day from the first through the
    last; from a local time until another, which is on the day after where it is not later. No times: the whole day."""

    available: bool
    weekdays: tuple[int, ...] = ()
    from_date: date | None = None
    through: date | None = None
    starts_at: time = MIDNIGHT
    ends_at: time = MIDNIGHT

    @property
    def is_exception(self) -> bool:
        return not self.weekdays

    def check(self) -> None:
        """Raises ``AvailabilityMalformed``."""
        if self.is_exception and (self.from_date is None or self.through is None):
            raise AvailabilityMalformed("an exception has a first and a last day; a weekly time has weekdays")
        if self.from_date is not None and self.through is not None and self.through < self.from_date:
            raise AvailabilityMalformed("the last day is before the first")

    def in_force(self, day: date) -> bool:
        return (self.from_date is None or self.from_date <= day) and (self.through is None or day <= self.through)

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """From when until when, in local time, on a day."""
        if not self.in_force(day) or (self.weekdays and day.isoweekday() not in self.weekdays):
            return None
        ends_on = day if self.ends_at > self.starts_at else day + timedelta(days=1)
        return datetime.combine(day, self.starts_at), datetime.combine(ends_on, self.ends_at)


@dataclass(frozen=True)
class Times:
    """All that was stated. Where weekly times say when one is available, one is not at other times; of exceptions that
    contradict each other the one stated last holds."""

    time_zone: str
    windows: tuple[Window, ...] = ()

    def check(self) -> None:
        """Raises ``UnknownTimeZone`` or ``AvailabilityMalformed``."""
        zone(self.time_zone)
        for window in self.windows:
            window.check()

    def allow(self, span: Span) -> bool:
        """Whether all of the span is available."""
        starts_at = span.starts_at.astimezone(zone(self.time_zone)).replace(tzinfo=None)
        ends_at = starts_at + (span.ends_at - span.starts_at)
        first, days = starts_at.date() - timedelta(days=1), (ends_at.date() - starts_at.date()).days + 2
        stated = list(self._stated([first + timedelta(days=n) for n in range(days)]))
        changes = {edge for begins, ends, _ in stated for edge in (begins, ends) if starts_at < edge < ends_at}
        changes |= {datetime.combine(first + timedelta(days=n), MIDNIGHT) for n in range(2, days)}
        return all(self._allow(moment, stated) for moment in {starts_at, *changes} if moment < ends_at)

    def _stated(self, days: list[date]) -> Iterator[tuple[datetime, datetime, Window]]:
        for window in self.windows:
            for day in days:
                if (times := window.on(day)) is not None:
                    yield *times, window

    def _allow(self, moment: datetime, stated: list[tuple[datetime, datetime, Window]]) -> bool:
        holding = [window for begins, ends, window in stated if begins <= moment < ends]
        exceptions = [window.available for window in holding if window.is_exception]
        if exceptions:
            return exceptions[-1]
        if any(not window.available for window in holding):
            return False
        day = moment.date()
        has_hours = any(one.available and not one.is_exception and one.in_force(day) for one in self.windows)
        return bool(holding) or not has_hours
