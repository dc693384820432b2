"""A local day of service and what it may be billed as: pure arithmetic, by the packs in force that day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from services.attendance.domain.attended import Attended
from services.attendance.domain.episode import Episode
from services.attendance.domain.rules import DayRules, NamedRule

GROUP = "group_therapy"

MINIMUM_DAY = NamedRule(
    "minimum_day",
    "A day is billable from the pack's minutes of the components that count.",
    "H0015 and North Carolina SAIOP: 3 hours; TRICARE: 2 hours",
)
GROUP_EVERY_DAY = NamedRule(
    "group_every_day",
    "Where the pack asks for it, a day without group therapy attended is not billable.",
    "North Carolina Medicaid clinical coverage policy 8A, SAIOP: group counselling every service day",
)
MAXIMUM_GAP = NamedRule(
    "maximum_gap",
    "No more consecutive days of the episode without service than the pack allows: the day that ends a longer gap is "
    "not billable, and the week in which it grew too long breaks the rule. Days suspended are no days of the episode.",
    "North Carolina Medicaid clinical coverage policy 8A, SAIOP: 2 days; what it does to the bill is to be verified",
)
DAY_IN_EPISODE = NamedRule(
    "day_in_episode",
    "A day before the admission or after the discharge is not billable.",
    "payer manuals: services are authorized for the episode",
)
DISCRETE_SERVICES = NamedRule(
    "discrete_services",
    "Where the pack says so, a day under its minimum is billed as discrete services instead of per diem.",
    "14 NYCRR part 822",
)
SETTLED_DAY = NamedRule(
    "settled_day",
    "A day is judged once every booking of the day has its outcome; the verdict stands until the next one is settled.",
    "program practice: nothing is billed before it is documented",
)
ONE_PER_DIEM_A_DAY = NamedRule(
    "one_per_diem_a_day",
    "A billable day is one line of one unit under the packs' procedure code, whatever its minutes; a person has one a "
    "day, also where two episodes of theirs were open at once: then the day of the episode admitted first stands, and "
    "the other's is not billable.",
    "HCPCS H0015 and S9480: per diem; which of two stands is to be verified by the program",
)
NAMED_RULES = (
    MINIMUM_DAY,
    GROUP_EVERY_DAY,
    MAXIMUM_GAP,
    DAY_IN_EPISODE,
    DISCRETE_SERVICES,
    SETTLED_DAY,
    ONE_PER_DIEM_A_DAY,
)

BillsAs = Literal["per_diem", "discrete_services", "nothing"]


@dataclass(frozen=True)
class DayVerdict:
    """What a local day amounts to."""

    bills_as: BillsAs
    minutes: int
    components: tuple[str, ...]
    """Those attended for minutes that count, in alphabetical order."""
    group: bool
    gap_days: int
    """Consecutive days of the episode without service before it."""
    broken_rules: tuple[str, ...]
    """``PACK:RULE``, in order; the rule alone where it is no pack's."""
    packs: tuple[str, ...]
    decided_by: tuple[str, ...] = ()
    """``KEY of PACK`` of every parameter that decided."""

    @property
    def billable(self) -> bool:
        return self.bills_as == "per_diem"

    @property
    def alone(self) -> "DayVerdict":
        """What the day amounts to whatever the person's other episodes bill."""
        if ONE_PER_DIEM_A_DAY.name not in self.broken_rules:
            return self
        return replace(self, bills_as="per_diem", broken_rules=())

    def beside_another(self) -> "DayVerdict":
        """What it amounts to where the day of another episode stands: only a second per diem is one too many."""
        if not self.billable:
            return self
        return replace(self, bills_as="nothing", broken_rules=(ONE_PER_DIEM_A_DAY.name,))


def gap_before(day: date, episode: Episode) -> int:
    """Consecutive days of the episode without service from the last day of service, or the admission, to ``day``."""
    since = max((served for served in episode.service_days if served < day), default=None)
    first = episode.stay.admitted_on if since is None else since + timedelta(days=1)
    if first is None:
        return 0
    return sum(1 for n in range((day - first).days) if episode.stay.has_day(first + timedelta(days=n)))


def judge_day(day: date, attended: Iterable[Attended], episode: Episode, rules: DayRules) -> DayVerdict:
    """The verdict on a local day by the packs in force on it. ``attended``: what its bookings came to."""
    counted = [
        (one.component, minutes)
        for one in attended
        if one.component in rules.components and (minutes := one.minutes_counted(rules.telehealth_counts)) > 0
    ]
    minutes = sum(minutes for _, minutes in counted)
    components = tuple(sorted({component for component, _ in counted}))
    gap = gap_before(day, episode)
    broken = tuple(_broken(day, minutes, components, gap, episode, rules))
    return DayVerdict(
        bills_as=_bills_as(minutes, broken, rules),
        minutes=minutes,
        components=components,
        group=GROUP in components,
        gap_days=gap,
        broken_rules=tuple(rules.named(rule) for rule in broken),
        packs=rules.packs,
        decided_by=rules.cited,
    )


def _broken(
    day: date, minutes: int, components: tuple[str, ...], gap: int, episode: Episode, rules: DayRules
) -> Iterable[NamedRule]:
    if not episode.stay.spans(day):
        yield DAY_IN_EPISODE
    if minutes < max(rules.minutes, 1):
        yield MINIMUM_DAY
    if rules.group_required and GROUP not in components:
        yield GROUP_EVERY_DAY
    if rules.maximum_gap_days is not None and gap > rules.maximum_gap_days:
        yield MAXIMUM_GAP


def _bills_as(minutes: int, broken: tuple[NamedRule, ...], rules: DayRules) -> BillsAs:
    if not broken:
        return "per_diem"
    return rules.under_minimum if minutes > 0 and broken == (MINIMUM_DAY,) else "nothing"
