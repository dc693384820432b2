"""The treatment week, Monday to Sunday in the program's local time, and its verdict: pure arithmetic."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.attendance.domain.attended import Attended
from services.attendance.domain.billable_day import MAXIMUM_GAP
from services.attendance.domain.demand import ANY_SERVICE, STEP_DOWN_WEEK, TREATMENT_DAYS, WEEKLY_HOURS, Basis, Demand
from services.attendance.domain.episode import Episode
from services.attendance.domain.rules import NamedRule, WeekRules

WEEKLY_MAXIMUM = NamedRule(
    "weekly_maximum",
    "More hours than the pack's maximum are another level of care: noted, not a breach.",
    "The ASAM Criteria, 3rd edition: level 2.1 ends at 19 hours, 20 and more are level 2.5",
)
PARTIAL_HOSPITALIZATION = NamedRule(
    "partial_hospitalization",
    "From the pack's hours on, the week is one of partial hospitalization: noted, not a breach.",
    "42 CFR 424.24(e): partial hospitalization needs at least 20 hours a week",
)
NAMED_RULES = (WEEKLY_MAXIMUM, PARTIAL_HOSPITALIZATION)


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
    gap_days: int = 0
    """The longest run of days of the episode without service that reaches into the week."""
    step_down: bool = False
    """Compliant only as one of the last weeks before a step-down."""
    asked: tuple[str, ...] = ()
    """``PACK:RULE`` of everything that was asked: which rule, and which pack decided it."""
    noted: tuple[str, ...] = ()
    """``PACK:RULE`` of what is to be looked at although it breaks nothing."""
    not_attended: tuple[str, ...] = ()
    """Components of the plan of care for which no minute was attended."""
    decided_by: tuple[str, ...] = ()
    """``KEY of PACK`` of every parameter that decided."""


@dataclass(frozen=True)
class Served:
    """What the episode adds to the week's own facts."""

    gap_days: int = 0
    planned: tuple[str, ...] = ()
    """Components in the plan of care."""


def served_in(monday: date, episode: Episode) -> Served:
    """The longest gap that reaches into the week, and the plan that held at its end."""
    gap = longest = 0
    service, first = set(episode.service_days), episode.stay.admitted_on
    before = max((day for day in service if day < monday), default=first)
    day = monday if before is None else min(monday, before)
    while day < monday + timedelta(days=7):
        if day in service:
            gap = 0
        elif episode.stay.has_day(day):
            gap += 1
            longest = max(longest, gap) if day >= monday else 0
        day += timedelta(days=1)
    return Served(longest, episode.stay.placement_on(monday + timedelta(days=6)).components)


def judge(attended: Iterable[Attended], demand: Demand, rules: WeekRules, served: Served) -> Verdict:
    """The verdict by the packs together."""
    attended = tuple(attended)
    minutes, days = minutes_that_count(attended, rules), days_that_count(attended, rules)
    packs = dict(demand.asked_by)
    broken = tuple(f"{packs[rule]}:{rule}" for rule in _broken(demand, minutes, days, served.gap_days) if rule in packs)
    full = demand.stepping_down_from
    came_to = {one.component for one in attended if one.minutes_counted(telehealth_counts=True)}
    return Verdict(
        minutes,
        days,
        not broken,
        broken,
        rules.packs,
        demand.basis,
        served.gap_days,
        step_down=full is not None and minutes < full and not broken,
        asked=demand.asked,
        noted=tuple(f"{rules.decided_by[rule.name]}:{rule.name}" for rule in _noted(minutes, rules)),
        not_attended=tuple(sorted(set(served.planned) - came_to)),
        decided_by=rules.cited,
    )


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


def _noted(minutes: int, rules: WeekRules) -> Iterable[NamedRule]:
    if rules.maximum_minutes is not None and minutes > rules.maximum_minutes:
        yield WEEKLY_MAXIMUM
    if rules.partial_hospitalization_minutes is not None and minutes >= rules.partial_hospitalization_minutes:
        yield PARTIAL_HOSPITALIZATION


def _broken(demand: Demand, minutes: int, days: int, gap_days: int) -> Iterable[str]:
    asked = {rule for rule, _ in demand.asked_by}
    if STEP_DOWN_WEEK.name in asked and minutes < ANY_SERVICE:
        yield STEP_DOWN_WEEK.name
    if WEEKLY_HOURS.name in asked and demand.minutes is not None and minutes < demand.minutes:
        yield WEEKLY_HOURS.name
    if demand.days is not None and days < demand.days:
        yield TREATMENT_DAYS.name
    if demand.gap_days is not None and gap_days > demand.gap_days:
        yield MAXIMUM_GAP.name
