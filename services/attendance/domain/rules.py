"""The rules of attendance as named values. Their numbers come from the rule packs in force, never from code.

The application turns packs into these dataclasses; the domain knows neither files nor dates of packs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

ATTENDED = frozenset({"present", "late", "left_early"})
"""The statuses whose minutes count."""


@dataclass(frozen=True)
class NamedRule:
    """A rule that is always there: what it says and where it comes from. Its number, if any, is in the packs."""

    name: str
    says: str
    source: str


ATTENDANCE_BEATS_CANCELLATION = NamedRule(
    "attendance_beats_cancellation",
    "Who was checked in attended, whatever became of the booking or the episode afterwards.",
    "program practice, to be verified by the program",
)
LATE_BEFORE_LEFT_EARLY = NamedRule(
    "late_before_left_early",
    "Who came late and left early is late; the minutes say the rest.",
    "program practice, to be verified by the program",
)
LATE_COUNTS_AS_NO_SHOW = NamedRule(
    "late_counts_as_no_show",
    "Who comes later than the pack's limit is a no-show: the minutes are kept and do not count.",
    "programs' published absence policies (late by 15 or 30 minutes)",
)
NOTICE_EXCUSES = NamedRule(
    "notice_excuses",
    "Who cancels with the pack's notice is excused; who cancels later is a no-show.",
    "programs' published absence policies (48 hours)",
)
SUSPENSION_EXCUSES = NamedRule(
    "suspension_excuses",
    "An absence from a session that starts while the episode is suspended is excused.",
    "program practice, to be verified by the program",
)
FREED_BY_DISCHARGE = NamedRule(
    "freed_by_discharge",
    "A session that starts after the discharge was cancelled by the program, for that participant.",
    "program practice, to be verified by the program",
)
OUTCOME_AT_GRACE = NamedRule(
    "outcome_at_grace",
    "Who has left before the end may come back: the outcome is fixed when the grace after the session ends.",
    "program practice, to be verified by the program",
)
OUTCOME_MOVES_WITH_ITS_SESSION = NamedRule(
    "outcome_moves_with_its_session",
    "Where a session turns out to be at another time, still to come, what was fixed for the time before counts for "
    "nothing: neither as an absence nor for a day or week.",
    "program practice, to be verified by the program",
)
NAMED_RULES = (
    ATTENDANCE_BEATS_CANCELLATION,
    LATE_BEFORE_LEFT_EARLY,
    LATE_COUNTS_AS_NO_SHOW,
    NOTICE_EXCUSES,
    SUSPENSION_EXCUSES,
    FREED_BY_DISCHARGE,
    OUTCOME_AT_GRACE,
    OUTCOME_MOVES_WITH_ITS_SESSION,
)
"""All of them, for those who list rules."""


@dataclass(frozen=True)
class AttendanceRules:
    """What the packs in force on a session's day say about one attendance."""

    late_after: timedelta
    late_counts_as_no_show_after: timedelta | None
    """None: a late arrival never counts as a no-show."""
    left_early_before: timedelta
    """Leaving this long before the end is still staying to the end."""
    notice_excuses: timedelta
    no_show_grace: timedelta
    """From the session's end until the outcome of who has not come, or not left, is fixed."""
    open_visit_counts: Literal["until_session_end", "nothing"]
    """What a check-in without a check-out is worth."""
    unexcused_no_shows: int
    """So many unexcused no-shows in the episode are repeated no-shows."""


@dataclass(frozen=True)
class DayRules:
    """What the packs in force on a local day demand of it, the strictest of each."""

    packs: tuple[str, ...]
    minutes: int
    """From so many minutes on it is a day of service."""
    components: frozenset[str]
    telehealth_counts: bool
    group_required: bool
    maximum_gap_days: int | None
    under_minimum: Literal["nothing", "discrete_services"]
    """What a day below the minimum is billed as."""
    decided_by: Mapping[str, str]
    """Name of a rule → the pack whose number decided."""
    cited: tuple[str, ...] = ()
    """Every parameter that decided, with its pack: ``day.minimum_hours of h0015_day@2013-01-01``."""

    def named(self, rule: NamedRule) -> str:
        """``PACK:RULE``; the rule alone where it is no pack's."""
        pack = self.decided_by.get(rule.name)
        return rule.name if pack is None else f"{pack}:{rule.name}"


@dataclass(frozen=True)
class WeekRules:
    """What the packs in force demand of a treatment week, the strictest of each. ``None`` where none has the rule."""

    packs: tuple[str, ...]
    """Name and version of each, for example ``medicare_iop@2024-01-01``."""
    weekly_minutes: int | None
    days: int | None
    day_minutes: int
    """A day counts from this many minutes; from any minute where it is 0."""
    hours_components: frozenset[str]
    day_components: frozenset[str]
    telehealth_counts: bool
    partial_weeks: Literal["pro_rated", "not_judged"]
    """What becomes of a week that admission, discharge or suspension cut."""
    decided_by: Mapping[str, str]
    """Name of a rule → the pack whose number decided."""
    maximum_minutes: int | None = None
    partial_hospitalization_minutes: int | None = None
    """From so many on it is partial hospitalization."""
    maximum_gap_days: int | None = None
    step_down_weeks: int | None = None
    """So many weeks before a step-down may be below the minimum of the packs that allow it."""
    minutes_of_others: int | None = None
    """The weekly minimum of the packs that allow no step-down weeks; None where none of them has one."""
    others_decided_by: str | None = None
    cited: tuple[str, ...] = ()
    """Every parameter that decided, with its pack: ``week.minimum_hours of medicare_iop@2024-01-01``."""
