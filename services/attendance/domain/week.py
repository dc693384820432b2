"""The treatment week, Monday to Sunday in the program's local time, and its verdict: pure arithmetic."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.attendance.domain.attended import Attended
from services.attendance.domain.episode import Episode
from services.attendance.domain.rules import NamedRule, WeekRules

WEEKLY_HOURS = NamedRule(
    "weekly_hours",
    "The minutes of the components that count reach the pack's weekly minimum.",
    "CMS-1786-FC; ASAM Criteria 3rd ed.; TRICARE manual: the number is the pack's",
)
TREATMENT_DAYS = NamedRule(
    "treatment_days",
    "So many days of the week reach the pack's minutes per day.",
    "H0015: 3 hours a day, 3 days a week; state and payer manuals: the numbers are the pack's",
)
PARTIAL_WEEK = NamedRule(
    "partial_week",
    "A week that admission, discharge or a suspension cuts is judged in proportion to the days in the episode, rounded "
    "down, or not judged, as the pack says. The days of admission, discharge and resumption belong to the episode; "
    "the day on which a suspension begins does not. A week without any day in the episode is never judged.",
    "an assumption: no payer's manual says it; to be verified by the program",
)
WEEK_OF_THE_PACK = NamedRule(
    "week_of_the_pack",
    "The packs in force on the Monday judge the whole week, then and whenever it is judged again.",
    "domain.md: a past week is judged by the pack in force that week",
)
NAMED_RULES = (WEEKLY_HOURS, TREATMENT_DAYS, PARTIAL_WEEK, WEEK_OF_THE_PACK)

Basis = Literal["full", "pro_rated", "not_judged", "outside_episode"]
"""How a week was judged. ``outside_episode``: it was judged, then a discharge before it became known."""


@dataclass(frozen=True)
class Verdict:
    """What a week amounts to: the minutes and days that count, and the rules that were broken."""

    minutes: int
    days: int
    compliant: bool
    broken_rules: tuple[str, ...]
    """``PACK:RULE``, in order; empty where compliant."""
    packs: tuple[str, ...]
    basis: Basis


def days_in_episode(monday: date, episode: Episode) -> int:
    """How many of the seven days belong to the episode."""
    return sum(1 for n in range(7) if episode.has_day(monday + timedelta(days=n)))


@dataclass(frozen=True)
class Demand:
    """What is asked of a week after its cuts; None where nothing is."""

    basis: Basis
    minutes: int | None
    days: int | None


def demanded(monday: date, episode: Episode, rules: WeekRules) -> Demand:
    """The week's minimum, in proportion where admission, discharge or a suspension cut it: ``partial_week``."""
    active = days_in_episode(monday, episode)
    basis = _basis(active, rules, outside=episode.over_before(monday))
    if basis in ("not_judged", "outside_episode"):
        return Demand(basis, None, None)
    minutes, days = rules.weekly_minutes, rules.days
    return Demand(
        basis, None if minutes is None else minutes * active // 7, None if days is None else days * active // 7
    )


def judge(attended: Iterable[Attended], demand: Demand, rules: WeekRules) -> Verdict:
    """The verdict by the packs together."""
    attended = tuple(attended)
    minutes = minutes_that_count(attended, rules)
    days = days_that_count(attended, rules)
    broken = tuple(f"{rules.decided_by[name]}:{name}" for name in _broken(demand, minutes, days))
    return Verdict(minutes, days, not broken, broken, rules.packs, demand.basis)


def minutes_that_count(attended: Iterable[Attended], rules: WeekRules) -> int:
    """Minutes attended that count towards weekly hours."""
    return sum(
        one.minutes_counted(rules.telehealth_counts) for one in attended if one.component in rules.hours_components
    )


def days_that_count(attended: Iterable[Attended], rules: WeekRules) -> int:
    """Local days with enough minutes that count."""
    by_day: defaultdict[date, int] = defaultdict(int)
    for one in attended:
        if one.component in rules.day_components:
            by_day[one.local_date] += one.minutes_counted(rules.telehealth_counts)
    return sum(1 for total in by_day.values() if total >= max(rules.day_minutes, 1))


def _broken(demand: Demand, minutes: int, days: int) -> Iterable[str]:
    if demand.minutes is not None and minutes < demand.minutes:
        yield WEEKLY_HOURS.name
    if demand.days is not None and days < demand.days:
        yield TREATMENT_DAYS.name


def _basis(active_days: int, rules: WeekRules, *, outside: bool) -> Basis:
    if outside:
        return "outside_episode"
    if active_days == 7:
        return "full"
    return "pro_rated" if active_days > 0 and rules.partial_weeks == "pro_rated" else "not_judged"
