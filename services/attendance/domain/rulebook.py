"""The rule packs, as the domain needs them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from services.attendance.domain.absences import AbsencePolicy
from services.attendance.domain.claims import ClaimRules
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.domain.groups import GroupRules
from services.attendance.domain.rules import AttendanceRules, DayRules, WeekRules


class RuleBook(Protocol):
    """Every method raises ``RuleMissing`` where no pack gives a number."""

    def attendance(self, judged_by: JudgedBy, on: date) -> AttendanceRules:
        """What holds for a session on this local day."""

    def day(self, judged_by: JudgedBy, on: date) -> DayRules:
        """What is demanded of the local day, by the packs in force on it."""

    def week(self, judged_by: JudgedBy, monday: date) -> WeekRules:
        """What is demanded of the week, by the packs in force on its Monday."""

    def group(self, judged_by: JudgedBy, on: date) -> GroupRules:
        """What holds for groups on this local day; nothing where no pack says anything."""

    def claims(self, judged_by: JudgedBy, on: date) -> ClaimRules:
        """The codes for claims of this local day; none where no pack gives any."""

    def absence_policies(self, judged_by: JudgedBy, on: date) -> Sequence[AbsencePolicy]:
        """The policies for an absence on this local day; none where no pack has any."""

    def sources(self, cited: Iterable[str]) -> Mapping[str, str]:
        """The sources of parameters and packs that judgements cite, as far as they are still known."""

    def warned_after(self, judged_by: JudgedBy, monday: date) -> timedelta:
        """From the beginning of the week, or the admission in it, until warnings are raised."""

    def judged_after(self, judged_by: JudgedBy, monday: date) -> timedelta:
        """From the week's end until it is judged."""
