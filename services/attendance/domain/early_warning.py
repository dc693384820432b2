"""Mid-week: can the week's minimum still be reached, and which sessions would repair it? Pure arithmetic."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attendance.domain.attended import Attended, Expected
from services.attendance.domain.demand import Demand
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.rules import NamedRule, WeekRules

EARLY_WARNING = NamedRule(
    "early_warning",
    "From the pack's hours after the beginning of a week, or the admission in it, a warning stands while what was "
    "attended and all that is still booked do not reach the week's minimum of hours and days.",
    "program practice, to be verified by the program",
)
FEWEST_MAKE_UPS = NamedRule(
    "fewest_make_ups",
    "What repairs a week is the least number of sessions, at most six, of the same track and week, still to come, of "
    "components and in a modality that count, with a free seat, overlapping neither a booking nor one another, that "
    "together reach hours and days. Of as few, those that come first are suggested first.",
    "program practice, to be verified by the program",
)
NAMED_RULES = (EARLY_WARNING, FEWEST_MAKE_UPS)

MOST_MAKE_UPS = 6
SUGGESTIONS = 3


@dataclass(frozen=True)
class Shortfall:
    """What is beyond reach. ``by_day``: minutes towards each day that are in reach, for days that count."""

    minutes: int
    days: int
    by_day: tuple[tuple[date, int], ...] = ()

    @property
    def stands(self) -> bool:
        return self.minutes > 0 or self.days > 0


@dataclass(frozen=True)
class Within:
    """Where make-ups are looked for: the track, the days of the week that belong to the episode, what judges them."""

    track_id: UUID | None
    days: tuple[date, ...]
    judged_by: JudgedBy


@dataclass(frozen=True)
class Offer:
    """A session that might be attended in addition."""

    session_id: UUID
    component: str
    modality: str
    local_date: date
    starts_at: datetime
    ends_at: datetime
    free: int
    """Seats that are free, as far as is known."""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def shortfall(
    attended: Iterable[Attended], expected: Iterable[Expected], demand: Demand, rules: WeekRules
) -> Shortfall:
    """What the week lacks even if they attend all of every session that is still booked."""
    minutes = 0
    by_day: defaultdict[date, int] = defaultdict(int)
    for component, day, counted in _in_reach(attended, expected, rules):
        minutes += counted if component in rules.hours_components else 0
        by_day[day] += counted if component in rules.day_components else 0
    days = sum(1 for total in by_day.values() if total >= max(rules.day_minutes, 1))
    return Shortfall(
        max((demand.minutes or 0) - minutes, 0),
        max((demand.days or 0) - days, 0),
        tuple(sorted((day, total) for day, total in by_day.items() if total)),
    )


def make_ups(
    lacking: Shortfall,
    within: Within,
    rules: WeekRules,
    offers: Iterable[Offer],
    booked: Iterable[Expected],
    now: datetime,
) -> list[tuple[Offer, ...]]:
    """Up to ``SUGGESTIONS`` sets of sessions that repair the week, by the rule ``fewest_make_ups``; none where nothing
    does."""
    booked = tuple(booked)
    possible = sorted(
        (
            offer
            for offer in offers
            if offer.starts_at > now and offer.local_date in within.days and _is_possible(offer, rules, booked)
        ),
        key=lambda offer: (offer.starts_at, offer.session_id),
    )
    for number in range(1, min(MOST_MAKE_UPS, len(possible)) + 1):
        found: list[tuple[Offer, ...]] = []
        for chosen in _choices(possible, number, lacking, rules):
            found.append(chosen)
            if len(found) == SUGGESTIONS:
                break
        if found:
            return found
    return []


def _in_reach(
    attended: Iterable[Attended], expected: Iterable[Expected], rules: WeekRules
) -> Iterator[tuple[str, date, int]]:
    for one in attended:
        yield one.component, one.local_date, one.minutes_counted(rules.telehealth_counts)
    for booked in expected:
        if _counts(booked.modality, rules):
            yield booked.component, booked.local_date, booked.minutes


def _counts(modality: str, rules: WeekRules) -> bool:
    return rules.telehealth_counts or modality != "telehealth"


def _is_possible(offer: Offer, rules: WeekRules, booked: Sequence[Expected]) -> bool:
    useful = offer.component in rules.hours_components | rules.day_components and _counts(offer.modality, rules)
    return useful and offer.free > 0 and not any(_overlap(offer, one) for one in booked)


def _overlap(one: Offer, other: Offer | Expected) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _choices(
    possible: Sequence[Offer], number: int, lacking: Shortfall, rules: WeekRules
) -> Iterator[tuple[Offer, ...]]:
    """Every set of ``number`` sessions that repairs the week, in order of start; branches that cannot are left out."""
    longest = max(offer.minutes for offer in possible)

    def extend(chosen: tuple[Offer, ...], rest: int) -> Iterator[tuple[Offer, ...]]:
        still = _still_lacking(lacking, chosen, rules)
        left = number - len(chosen)
        if left == 0:
            if not still.stands:
                yield chosen
            return
        if still.minutes > left * longest or still.days > left:
            return
        for index in range(rest, len(possible)):
            if not any(_overlap(possible[index], one) for one in chosen):
                yield from extend((*chosen, possible[index]), index + 1)

    return extend((), 0)


def _still_lacking(lacking: Shortfall, chosen: Sequence[Offer], rules: WeekRules) -> Shortfall:
    by_day = dict(lacking.by_day)
    enough = max(rules.day_minutes, 1)
    before = sum(1 for total in by_day.values() if total >= enough)
    for offer in chosen:
        if offer.component in rules.day_components:
            by_day[offer.local_date] = by_day.get(offer.local_date, 0) + offer.minutes
    gained = sum(1 for total in by_day.values() if total >= enough) - before
    minutes = sum(offer.minutes for offer in chosen if offer.component in rules.hours_components)
    return Shortfall(max(lacking.minutes - minutes, 0), max(lacking.days - gained, 0))
