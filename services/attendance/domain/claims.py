"""Claim lines of days of service, with the codes that the packs give: pure, worked out from verdicts that stand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.attendance.domain.billable_day import ONE_PER_DIEM_A_DAY
from services.attendance.domain.rules import NamedRule

PER_DIEM = "per_diem"

CONDITION_CODES_APART = NamedRule(
    "condition_codes_apart",
    "A person's lines of one day carry at most one of the condition codes that the packs keep apart.",
    "CMS: condition code 92 marks intensive outpatient claims and must not overlap 41, partial hospitalization",
)
CODES_FROM_PACKS = NamedRule(
    "codes_from_packs",
    "A line of a per diem day has a procedure code; a line without one is not ready.",
    "payer manuals: HCPCS H0015 for substance use disorders, S9480 for psychiatric service",
)
NAMED_RULES = (CONDITION_CODES_APART, CODES_FROM_PACKS)


@dataclass(frozen=True)
class ClaimRules:
    """The codes that the packs in force on a day give, all that any of them gives; empty where none does."""

    procedure_codes: frozenset[str]
    revenue_codes: frozenset[str]
    condition_codes: frozenset[str]
    apart: frozenset[str]
    """Condition codes of which a day carries one at most."""
    cited: tuple[str, ...] = ()
    """``claims.procedure_codes of h0015_day@2013-01-01`` and the like."""


@dataclass(frozen=True)
class ServiceDay:
    """A local day of service as it was judged."""

    episode_id: UUID
    date: date
    bills_as: str
    minutes: int
    components: tuple[str, ...]


@dataclass(frozen=True)
class ClaimLine:
    """One day of service. ``units``: 1 of per diem, 0 where its services are billed one by one. Where there are several
    codes the biller chooses: 0905 for psychiatric service, 0906 for substance use disorders."""

    day: ServiceDay
    units: int
    rules: ClaimRules
    problems: tuple[str, ...]
    """Names of the rules that keep the line from being claimed as it stands."""


def claim_lines(days: Iterable[tuple[ServiceDay, ClaimRules]]) -> list[ClaimLine]:
    """The lines of one person's days, in order; days that bill as nothing have none."""
    billed = sorted(
        ((day, rules) for day, rules in days if day.bills_as != "nothing"),
        key=lambda one: (one[0].date, str(one[0].episode_id)),
    )
    per_diem = Counter(day.date for day, _ in billed if day.bills_as == PER_DIEM)
    codes: dict[date, set[str]] = {}
    for day, rules in billed:
        codes.setdefault(day.date, set()).update(rules.condition_codes)
    return [
        ClaimLine(
            day,
            int(day.bills_as == PER_DIEM),
            rules,
            tuple(rule.name for rule in _broken(day, rules, per_diem[day.date], codes[day.date])),
        )
        for day, rules in billed
    ]


def _broken(day: ServiceDay, rules: ClaimRules, per_diem: int, condition_codes: set[str]) -> Iterable[NamedRule]:
    if day.bills_as == PER_DIEM and per_diem > 1:
        yield ONE_PER_DIEM_A_DAY
    if day.bills_as == PER_DIEM and not rules.procedure_codes:
        yield CODES_FROM_PACKS
    if len(condition_codes & rules.apart) > 1:
        yield CONDITION_CODES_APART
