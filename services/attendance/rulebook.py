"""The rule packs in force, as attendance's domain needs them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from services.attendance.domain.absences import AbsencePolicy, Counts
from services.attendance.domain.billable_day import DISCRETE_SERVICES, GROUP_EVERY_DAY, MAXIMUM_GAP, MINIMUM_DAY
from services.attendance.domain.claims import ClaimRules
from services.attendance.domain.demand import STEP_DOWN_WEEK, TREATMENT_DAYS, WEEKLY_HOURS
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.errors import RuleMissing
from services.attendance.domain.groups import GroupRules
from services.attendance.domain.rules import AttendanceRules, DayRules, WeekRules
from services.attendance.domain.week import PARTIAL_HOSPITALIZATION, WEEKLY_MAXIMUM
from services.platform.absence_policies import AbsencePolicy as Written
from services.platform.packs import Packs, PackSet, Rule

_GROUP = {"minimum": "group.minimum", "maximum": "group.maximum", "note": "group.note_days"}
_CODES = {
    "procedure_codes": "claims.procedure_codes",
    "revenue_codes": "claims.revenue_codes",
    "condition_codes": "claims.condition_codes",
    "apart": "claims.condition_codes_apart",
}
_STEP_DOWN = "week.step_down_weeks"
_MOST = "week.maximum_hours"

COMMON_PRACTICE = "program_default"
"""The shipped pack that speaks where none of the episode's own does."""


class PackRules:
    """The numbers of the episode's packs; where they are silent, common practice."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def attendance(self, judged_by: JudgedBy, on: date) -> AttendanceRules:
        """What holds for a session on this local day. Raises ``RuleMissing``."""
        said = _Said(self._packs, judged_by, on)
        limit = said.rule("absence.late_is_no_show_minutes")
        return AttendanceRules(
            late_after=_minutes(said.value("absence.late_minutes")),
            late_counts_as_no_show_after=None if limit is None else _minutes(limit.value),
            left_early_before=_minutes(said.value("absence.left_early_minutes")),
            notice_excuses=_hours(said.value("absence.notice_hours")),
            no_show_grace=_minutes(said.value("absence.no_show_grace_minutes")),
            open_visit_counts=said.value("absence.open_visit_counts"),
            unexcused_no_shows=said.value("absence.unexcused_no_shows"),
        )

    def day(self, judged_by: JudgedBy, on: date) -> DayRules:
        """What is demanded of a local day, by the packs in force on it. Raises ``RuleMissing``."""
        said = _Said(self._packs, judged_by, on)
        hours, gap = said.rule("day.minimum_hours"), said.rule("day.maximum_gap_days")
        group_optional, under = said.rule("day.group_optional"), said.rule("day.under_minimum")
        decided_by = {
            MINIMUM_DAY.name: hours,
            GROUP_EVERY_DAY.name: group_optional,
            MAXIMUM_GAP.name: gap,
            DISCRETE_SERVICES.name: under,
        }
        return DayRules(
            packs=said.versions,
            minutes=0 if hours is None else int(hours.value * 60),
            components=said.value("day.counted_components"),
            telehealth_counts=said.value("telehealth.counts"),
            group_required=group_optional is not None and not group_optional.value,
            maximum_gap_days=None if gap is None else gap.value,
            under_minimum="nothing" if under is None else under.value,
            decided_by={name: rule.pack for name, rule in decided_by.items() if rule is not None},
            cited=said.cited,
        )

    def week(self, judged_by: JudgedBy, monday: date) -> WeekRules:
        """What is demanded of the week, by the packs in force on its Monday. Raises ``RuleMissing``."""
        said = _Said(self._packs, judged_by, monday)
        hours, days, most = said.rule("week.minimum_hours"), said.rule("week.minimum_days"), said.rule(_MOST)
        day_hours, gap = said.rule("day.minimum_hours"), said.rule("day.maximum_gap_days")
        hospitalization = said.rule("week.partial_hospitalization_hours")
        step_down, others = said.rule(_STEP_DOWN), said.most_of_others("week.minimum_hours", _STEP_DOWN)
        decided_by = {
            WEEKLY_HOURS.name: hours,
            TREATMENT_DAYS.name: days,
            MAXIMUM_GAP.name: gap,
            STEP_DOWN_WEEK.name: step_down,
            WEEKLY_MAXIMUM.name: most,
            PARTIAL_HOSPITALIZATION.name: hospitalization,
        }
        return WeekRules(
            weekly_minutes=None if hours is None else int(hours.value * 60),
            days=None if days is None else days.value,
            day_minutes=0 if day_hours is None else int(day_hours.value * 60),
            hours_components=said.value("week.counted_components"),
            day_components=said.value("day.counted_components"),
            telehealth_counts=said.value("telehealth.counts"),
            partial_weeks=said.value("week.partial_weeks"),
            packs=said.versions,
            decided_by={name: rule.pack for name, rule in decided_by.items() if rule is not None},
            maximum_minutes=None if most is None else int(most.value * 60),
            partial_hospitalization_minutes=None if hospitalization is None else int(hospitalization.value * 60),
            maximum_gap_days=None if gap is None else gap.value,
            step_down_weeks=None if step_down is None else step_down.value,
            minutes_of_others=None if others is None else int(others[0] * 60),
            others_decided_by=None if others is None else others[1],
            cited=said.cited,
        )

    def group(self, judged_by: JudgedBy, on: date) -> GroupRules:
        """What the packs in force on a local day say about groups."""
        said = _Said(self._packs, judged_by, on)
        limits = {side: said.rule(key) for side, key in _GROUP.items()}
        values = {side: None if rule is None else rule.value for side, rule in limits.items()}
        days = values["note"]
        return GroupRules(
            minimum=values["minimum"],
            maximum=values["maximum"],
            note_within=None if days is None else timedelta(days=days),
            decided_by={side: rule.pack for side, rule in limits.items() if rule is not None},
            cited=said.cited,
        )

    def claims(self, judged_by: JudgedBy, on: date) -> ClaimRules:
        """The codes that the packs in force on a local day give."""
        said = _Said(self._packs, judged_by, on)
        given = {name: rule for name, key in _CODES.items() if (rule := said.rule(key)) is not None}
        codes = {name: given[name].value if name in given else frozenset[str]() for name in _CODES}
        return ClaimRules(**codes, cited=said.cited)

    def absence_policies(self, judged_by: JudgedBy, on: date) -> Sequence[AbsencePolicy]:
        """The policies of the packs in force on this local day."""
        said = _Said(self._packs, judged_by, on).rule("absence.policies")
        return () if said is None else [_policy(written, said.cited) for written in said.value]

    def sources(self, cited: Iterable[str]) -> Mapping[str, str]:
        """The sources of parameters and packs that judgements cite."""
        return self._packs.sources(cited)

    def warned_after(self, judged_by: JudgedBy, monday: date) -> timedelta:
        """From the week's beginning until warnings are raised. Raises ``RuleMissing``."""
        return _hours(_Said(self._packs, judged_by, monday).value("week.warned_after_hours"))

    def judged_after(self, judged_by: JudgedBy, monday: date) -> timedelta:
        """From the week's end until it is judged. Raises ``RuleMissing``."""
        return _hours(_Said(self._packs, judged_by, monday).value("week.judged_after_hours"))


class _Said:
    """What the packs say on one day, and which of them were asked."""

    def __init__(self, packs: Packs, judged_by: JudgedBy, on: date) -> None:
        self._own: PackSet = packs.in_force(judged_by.packs, on)
        self._common: PackSet = packs.in_force((COMMON_PRACTICE,), on)
        self._age_group = judged_by.age_group
        self._found: dict[str, Rule] = {}

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._own.versions, *self._common.versions)))

    @property
    def cited(self) -> tuple[str, ...]:
        """Every parameter that was asked for, with the pack that said it."""
        return tuple(self._found[key].cited for key in sorted(self._found))

    def rule(self, key: str) -> Rule | None:
        found = self._own.rule(key, self._age_group) or self._common.rule(key, self._age_group)
        if found is not None:
            self._found[key] = found
        return found

    def most_of_others(self, key: str, silent_on: str) -> tuple[Any, str] | None:
        """The highest number of the episode's own packs that do not set ``silent_on``, and whose it is; None where they
        set none."""
        others = (edition for edition in self._own if edition.stated(silent_on) is None)
        said = [(number, e.version) for e in others if (number := e.get(key, self._age_group)) is not None]
        return max(said, default=None)

    def value(self, key: str) -> Any:
        rule = self.rule(key)
        if rule is None:
            raise RuleMissing(f"no rule pack in force on {self._own.on} sets {key}; add a pack that does")
        return rule.value


def _policy(written: Written, cited: str) -> AbsencePolicy:
    kind, length = written.window
    return AbsencePolicy(
        written.name,
        cast(Counts, written.counts),
        weeks=length if kind == "weeks" else None,
        sessions=length if kind == "sessions" else None,
        steps=written.steps,
        cited=(cited,),
    )


def _minutes(number: Any) -> timedelta:
    return timedelta(minutes=float(number))


def _hours(number: Any) -> timedelta:
    return timedelta(hours=float(number))
