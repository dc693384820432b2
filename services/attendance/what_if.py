"""What other rule packs would have made of weeks, days and absences: the facts settled anew, and let go.

The judging is that of every day: an episode with its weeks and records is loaded, and what a change of its facts would
settle again is settled by the packs supposed. Nothing is saved.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.attendance.desk import Desk
from services.attendance.domain.absences import StepsReached
from services.attendance.domain.billable_day import DayVerdict
from services.attendance.domain.episode import Episode
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.treatment_week import TreatmentWeek, treatment_week_id
from services.attendance.domain.week import Verdict
from services.attendance.office import KeyedCodes, Office
from services.attendance.rulebook import COMMON_PRACTICE, PackRules
from services.platform.definition import Runtime
from services.platform.what_if import Difference, Findings, Supposed, events

BEGUN = "attendance.episode.heard_of"
WEEKS, DAYS, STEPS = "weeks", "billable_days", "absence_steps"
SIX_DAYS = timedelta(days=6)


def what_if(runtime: Runtime, supposed: Supposed) -> Findings:
    """Of every episode that the log knows. Raises ``RuleMissing`` where the packs supposed lack what is needed."""
    found = Findings({WEEKS: [], DAYS: [], STEPS: []}, judged_by={COMMON_PRACTICE})
    office = Office(PackRules(supposed.packs), KeyedCodes(runtime.vault), lambda _: (), lambda _, __: ((), 0))
    for event in events(runtime.log, [BEGUN]):
        runtime.log.suppose(partial(_compare, event.stream, office, supposed, found))
        time.sleep(0)  # whoever else asks this process is answered in between
    return found


@dataclass(frozen=True)
class Decided:
    """What stands about an episode."""

    weeks: Mapping[date, Verdict]
    days: Mapping[date, DayVerdict]
    steps: StepsReached


def _compare(episode_id: UUID, office: Office, supposed: Supposed, found: Findings, unit: Unit) -> None:
    episode = unit.get(Episode, episode_id)
    if not episode.stay.admitted:
        return
    placements = [
        placement for placement in (episode.stay.admission, *episode.stay.transfers.values()) if placement is not None
    ]
    found.judged_by.update(name for placement in placements for name in placement.judged_by.packs)
    was = _decided(episode, _weeks(unit, episode))
    would_be = judged_by(unit, episode, office)
    _tell(episode, was, would_be, supposed, found)


def judged_by(unit: Unit, episode: Episode, office: Office) -> Decided:
    """What an office's rule book makes of an episode's facts, and of those of the person's other episodes, since days
    are shared. The unit is changed, and not to be saved."""
    desk = Desk(unit, office)
    for one in (episode, *desk.others_of(episode)):
        weeks = _weeks(unit, one)
        unit.look_up(AttendanceRecord, (id_ for week in weeks.values() for id_ in (*week.attended, *week.expected)))
        desk.settle_since(one, min(weeks, default=date.max), "what_if")
    desk.share_days()
    return _decided(episode, _weeks(unit, episode))


def _weeks(unit: Unit, episode: Episode) -> dict[date, TreatmentWeek]:
    unit.look_up(TreatmentWeek, (treatment_week_id(episode.id, monday) for monday in episode.weeks))
    loaded = {monday: unit.find(TreatmentWeek, treatment_week_id(episode.id, monday)) for monday in episode.weeks}
    return {monday: week for monday, week in loaded.items() if week is not None}


def _decided(episode: Episode, weeks: Mapping[date, TreatmentWeek]) -> Decided:
    return Decided(
        {monday: week.verdict for monday, week in weeks.items() if week.verdict is not None},
        {day: verdict for week in weeks.values() for day, verdict in week.days.items()},
        dict(episode.steps),
    )


def _tell(episode: Episode, was: Decided, would_be: Decided, supposed: Supposed, found: Findings) -> None:
    def compare(kind: str, on: date, what: str | None, before: Any, after: Any) -> None:
        differs = _essence(before) != _essence(after)
        difference = Difference(episode.participant_id, episode.id, on, what, before, after) if differs else None
        found.look(kind, difference)

    for monday in sorted(was.weeks.keys() | would_be.weeks.keys()):
        if supposed.covers(monday, monday + SIX_DAYS):
            compare(WEEKS, monday, None, _week(was.weeks.get(monday)), _week(would_be.weeks.get(monday)))
    for day in sorted(was.days.keys() | would_be.days.keys()):
        if supposed.covers(day):
            compare(DAYS, day, None, _day(was.days.get(day)), _day(would_be.days.get(day)))
    for policy, step in sorted(was.steps.keys() | would_be.steps.keys()):
        before, after = _step(was.steps, policy, step), _step(would_be.steps, policy, step)
        on = episode.stay.local_day((before or after or {})["reached_at"])
        if supposed.covers(on):
            compare(STEPS, on, f"{policy}: {step}", before, after)


def _week(verdict: Verdict | None) -> Mapping[str, Any] | None:
    if verdict is None:
        return None
    names = ("compliant", "minutes", "days", "gap_days", "basis", "step_down", "broken_rules", "noted", "decided_by")
    return {name: getattr(verdict, name) for name in names}


def _day(verdict: DayVerdict | None) -> Mapping[str, Any] | None:
    if verdict is None or verdict.minutes == 0:
        return None
    names = ("billable", "bills_as", "minutes", "components", "broken_rules", "decided_by")
    return {name: getattr(verdict, name) for name in names}


def _step(steps: StepsReached, policy: str, step: str) -> dict[str, Any] | None:
    reached = steps.get((policy, step))
    return None if reached is None else {"reached_at": reached.reached_at, "decided_by": reached.decided_by}


def _essence(verdict: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Without the names of packs: another edition that says the same changes nothing."""
    if verdict is None:
        return None
    rules = {
        name: [one.rpartition(":")[2] for one in verdict[name]] for name in ("broken_rules", "noted") if name in verdict
    }
    return {**{name: value for name, value in verdict.items() if name != "decided_by"}, **rules}
