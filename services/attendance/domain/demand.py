"""What is asked of a treatment week: the packs' minimum after its cuts and while stepping down."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.attendance.domain.billable_day import MAXIMUM_GAP
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
    "The packs in force on the Monday judge the whole week, then and whenever it is judged again; where a transfer "
    "falls into it, those of both tracks together.",
    "domain.md: a past week is judged by the pack in force that week",
)
STEP_DOWN_WEEK = NamedRule(
    "step_down_week",
    "The last weeks before a step-down, as many as the pack allows and the one in which it takes effect among them, "
    "still count below the hours of the packs that allow it, if there was any service. Hours of other packs are asked "
    "for.",
    "The ASAM Criteria, 3rd edition: a step-down below the minimum for 1 to 2 weeks still counts",
)
NAMED_RULES = (WEEKLY_HOURS, TREATMENT_DAYS, PARTIAL_WEEK, WEEK_OF_THE_PACK, STEP_DOWN_WEEK)

ANY_SERVICE = 1
"""Minutes that are any service at all."""

Basis = Literal["full", "pro_rated", "not_judged", "outside_episode"]
"""How a week was judged. ``outside_episode``: it was judged, then a discharge before it became known."""


@dataclass(frozen=True)
class Demand:
    """What is asked of a week; None where nothing is."""

    basis: Basis
    minutes: int | None = None
    days: int | None = None
    gap_days: int | None = None
    stepping_down_from: int | None = None
    """The minutes asked for if the episode were not stepping down; None where it is not."""
    asked_by: tuple[tuple[str, str], ...] = ()
    """Name of each rule that asks → the pack whose number decided."""

    @property
    def asked(self) -> tuple[str, ...]:
        """``PACK:RULE`` of everything that is asked, in order."""
        return tuple(f"{pack}:{rule}" for rule, pack in self.asked_by)


def demanded(monday: date, episode: Episode, rules: WeekRules) -> Demand:
    """The week's minimum, in proportion where admission, discharge or a suspension cut it: ``partial_week``."""
    active = days_in_episode(monday, episode)
    basis = _basis(active, rules, outside=episode.stay.over_before(monday))
    if basis in ("not_judged", "outside_episode"):
        return Demand(basis)
    full = _in_proportion(rules.weekly_minutes, active)
    minutes, hours, before = full, full, None
    if full is not None and rules.step_down_weeks and is_stepping_down(monday, episode, rules.step_down_weeks):
        hours = _in_proportion(rules.minutes_of_others, active)
        minutes, before = hours or ANY_SERVICE, full
    decided_by = dict(rules.decided_by)
    if before is not None and rules.others_decided_by is not None:
        decided_by[WEEKLY_HOURS.name] = rules.others_decided_by
    asked = {
        STEP_DOWN_WEEK.name: None if before is None else ANY_SERVICE,
        WEEKLY_HOURS.name: hours,
        TREATMENT_DAYS.name: rules.days,
        MAXIMUM_GAP.name: rules.maximum_gap_days,
    }
    return Demand(
        basis,
        minutes,
        _in_proportion(rules.days, active),
        rules.maximum_gap_days,
        before,
        tuple((rule, decided_by[rule]) for rule, number in asked.items() if number is not None),
    )


def days_in_episode(monday: date, episode: Episode) -> int:
    """How many of the seven days belong to the episode."""
    return sum(1 for n in range(7) if episode.stay.has_day(monday + timedelta(days=n)))


def is_stepping_down(monday: date, episode: Episode, weeks: int) -> bool:
    """Whether the week is one of the last ``weeks`` before a step-down, the one in which it takes effect included."""
    sunday = monday + timedelta(days=6)
    return any(monday <= on <= sunday + timedelta(weeks=weeks - 1) for on in episode.stay.stepped_down)


def _in_proportion(number: int | None, active_days: int) -> int | None:
    return None if number is None else number * active_days // 7


def _basis(active_days: int, rules: WeekRules, *, outside: bool) -> Basis:
    if outside:
        return "outside_episode"
    if active_days == 7:
        return "full"
    return "pro_rated" if active_days > 0 and rules.partial_weeks == "pro_rated" else "not_judged"
