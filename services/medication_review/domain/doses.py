"""Observed doses of medications for opioid use disorder: on which days they are expected, and which were missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.medication_review.domain.episode_facts import EpisodeFacts
from services.medication_review.domain.rules import RuleBook

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MEDICATIONS = ("methadone", "buprenorphine", "naltrexone")
"""What is dosed under observation."""

OBSERVED, REFUSED, TAKE_HOME, ABSENT = "observed", "refused", "take_home_given", "absent"
OUTCOMES = (OBSERVED, REFUSED, TAKE_HOME, ABSENT)
TAKEN = frozenset({OBSERVED, TAKE_HOME})
"""What ends a row of missed doses. Who came and refused has not taken it."""

_LOOKED_AHEAD = timedelta(days=8)
"""A day of each week is in it, whichever are observed."""


@dataclass(frozen=True)
class DoseOrder:
    """A prescriber's order. ``days``: weekdays on which the dose is observed; ``take_home_days``: on which it is taken
    at home. It holds from ``starts_on`` until the day before ``ended_on``, or the next order begins."""

    order_id: UUID
    medication: str
    dose: str | None
    days: tuple[str, ...]
    take_home_days: tuple[str, ...]
    starts_on: date
    ordered_at: datetime
    ended_on: date | None = None

    def observes(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] in self.days

    def gives(self, day: date) -> bool:
        """Whether a dose is to be taken on this day, observed or at home."""
        return self.observes(day) or WEEKDAYS[day.weekday()] in self.take_home_days


@dataclass(frozen=True)
class Missed:
    """A dose that was expected and not taken by the end of its local day."""

    on: date
    ended_at: datetime


@dataclass(frozen=True)
class MissedRun:
    """Doses missed one after the other. ``under_way``: none was taken since."""

    order_id: UUID
    medication: str
    missed: tuple[Missed, ...]
    under_way: bool

    @property
    def first_on(self) -> date:
        return self.missed[0].on

    @property
    def last_on(self) -> date:
        return self.missed[-1].on


def order_on(orders: Sequence[DoseOrder], day: date) -> DoseOrder | None:
    """The order that holds on a local day: the last that was given for it."""
    begun = [order for order in orders if order.starts_on <= day]
    held = begun[-1] if begun else None
    return held if held is not None and (held.ended_on is None or day < held.ended_on) else None


def ordered_days(
    orders: Sequence[DoseOrder], facts: EpisodeFacts, until: datetime
) -> Iterator[tuple[DoseOrder, Missed, bool]]:
    """The days of the episode for which a dose is ordered, up to this instant; and whether an observed one is expected:
    not where a suspension excuses it."""
    if not orders or facts.admitted_at is None:
        return
    day = max(min(order.starts_on for order in orders), facts.local_day(facts.admitted_at))
    last = facts.local_day(until)
    if facts.discharged_at is not None:
        last = min(last, facts.local_day(facts.discharged_at) - timedelta(days=1))
    while day <= last:
        order = order_on(orders, day)
        if order is not None and order.gives(day):
            begins, ends = _span(facts, day)
            yield order, Missed(day, ends), order.observes(day) and not facts.suspended_between(begins, ends)
        day += timedelta(days=1)


def missed_runs(
    orders: Sequence[DoseOrder], outcomes: Mapping[date, str], facts: EpisodeFacts, now: datetime
) -> tuple[MissedRun, ...]:
    """The rule ``dose_is_missed_at_the_days_end``: doses missed by now, one after the other. Days on which none is
    expected neither count nor end a row; another medication begins anew."""
    runs: list[MissedRun] = []
    missed: list[Missed] = []
    of: DoseOrder | None = None
    for order, day, expected in ordered_days(orders, facts, now):
        taken = outcomes.get(day.on) in TAKEN
        if of is not None and missed and (taken or order.medication != of.medication):
            runs.append(MissedRun(of.order_id, of.medication, tuple(missed), under_way=False))
            missed = []
        if expected and not taken and day.ended_at <= now:
            missed.append(day)
            of = order
    if of is not None and missed:
        held = order_on(orders, facts.local_day(now))
        goes_on = facts.open and held is not None and held.medication == of.medication
        runs.append(MissedRun(of.order_id, of.medication, tuple(missed), under_way=goes_on))
    return tuple(runs)


def next_expected(orders: Sequence[DoseOrder], facts: EpisodeFacts, now: datetime) -> Missed | None:
    """The day that ends next of those on which a dose is expected; None where none is."""
    if not facts.open:
        return None
    ahead = max([now, *(_span(facts, order.starts_on)[1] for order in orders)]) + _LOOKED_AHEAD
    days = ordered_days(orders, facts, ahead)
    return next((day for _, day, expected in days if expected and day.ended_at > now), None)


@dataclass(frozen=True)
class Asked:
    """So many doses missed in a row that a prescriber's review is asked for. ``last``: the one that made it so many.
    ``id`` is the same whenever it is worked out again."""

    id: str
    count: int
    last: Missed


def asked_for(run: MissedRun, facts: EpisodeFacts, book: RuleBook) -> list[Asked]:
    """The rule ``missed_doses_are_reviewed_before_the_next``: a review is asked for once for every so many doses missed
    in a row as the packs say. Raises ``RuleMissing``."""
    first = run.missed[0]
    many = max(book.doses(facts.track_at(first.ended_at).packs, first.on).missed[run.medication], 1)
    counts = range(many, len(run.missed) + 1, many)
    return [Asked(f"missed_doses:{run.first_on}:{count}", count, run.missed[count - 1]) for count in counts]


def _span(facts: EpisodeFacts, day: date) -> tuple[datetime, datetime]:
    """When a local day begins and ends, by the clock of the track of that day."""
    zone = ZoneInfo(facts.track_at(datetime.combine(day, time(12), UTC)).time_zone)
    begins, ends = (datetime.combine(one, time(0), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return begins, ends
