"""When certifications, reviews and the like would have fallen due by other rule packs, read off the log.

Each due date was counted from something that happened: an admission, a certification, a review, a transfer, or what the
due date itself was set for. Those happened whatever the packs; only the days are counted anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.enrollment.domain.follow_up import CERTIFICATION, PLAN_REVIEW, REVIEW_INSTRUMENT
from services.enrollment.dues import DUE_DAYS, FIRST_CERTIFICATION, days_rule
from services.platform.definition import Runtime
from services.platform.packs import Packs
from services.platform.what_if import Difference, Findings, Supposed, events

DUE_DATES = "due_dates"
CERTIFIED = "enrollment.follow_up.plan_certified"
COUNTED_FROM = {
    "enrollment.episode.participant_admitted": (CERTIFICATION, PLAN_REVIEW, REVIEW_INSTRUMENT),
    CERTIFIED: (CERTIFICATION,),
    "enrollment.plan_of_care.reviewed": (PLAN_REVIEW,),
}
"""What happens → what falls due next, where the packs speak."""
TRANSFERRED = "enrollment.episode.participant_transferred"
"""From here on other packs hold: what they ask for falls due where that is sooner."""
SOONER = (CERTIFICATION, PLAN_REVIEW, REVIEW_INSTRUMENT)
DUE_SET, DUE_MET = "enrollment.follow_up.due_set", "enrollment.follow_up.due_met"


@dataclass(frozen=True)
class Due:
    """``rule``: which parameter of which pack says so."""

    at: datetime
    rule: str


@dataclass
class Course:
    """One episode's due dates: by kind, and by when they were set."""

    participant_id: UUID
    packs: tuple[str, ...] = ()
    age_group: str = "adult"
    time_zone: str = "UTC"
    was: dict[tuple[str, datetime], Due] = field(default_factory=dict)
    would_be: dict[tuple[str, datetime], Due] = field(default_factory=dict)
    standing: dict[str, Due] = field(default_factory=dict)
    """What would be due now, by kind."""
    certified: bool = False
    counted_at: datetime | None = None
    """When all that is due was counted anew: at the admission, at a transfer."""

    def place(self, data: Mapping[str, Any]) -> None:
        """From now on these packs hold."""
        self.packs, self.age_group, self.time_zone = tuple(data["packs"]), data["age_group"], data["time_zone"]

    def count(self, kind: str, since: datetime, packs: Packs, *, sooner: bool = False) -> None:
        """Counts the days of the packs in force; ``sooner``: only where it would be due later, or not at all."""
        in_force = packs.in_force(self.packs, self.local_day(since))
        rule = days_rule(in_force, kind, self.age_group, certified=self.certified)
        if rule is None:
            return
        due = Due(since + timedelta(days=int(rule.value)), rule.cited)
        standing = self.standing.get(kind)
        if sooner and standing is not None and standing.at <= due.at:
            return
        self.would_be[kind, since] = self.standing[kind] = due

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


def what_if(runtime: Runtime, supposed: Supposed) -> Findings:
    """Of every episode that the log knows. Raises ``UnknownPack``."""
    found, courses = Findings({DUE_DATES: []}), dict[UUID, Course]()
    for event in events(runtime.log, (*COUNTED_FROM, TRANSFERRED, DUE_SET, DUE_MET)):
        _follow(courses, event, supposed.packs)
    for episode_id, course in courses.items():
        found.judged_by.update(course.packs)
        for kind, since in sorted(course.was.keys() | course.would_be.keys()):
            _tell(found, episode_id, course, kind, since, supposed)
    return found


def _follow(courses: dict[UUID, Course], event: Any, packs: Packs) -> None:
    data, at = event.data, event.occurred_at
    episode_id = UUID(str(data["episode_id"])) if "episode_id" in data else event.stream
    course = courses.setdefault(episode_id, Course(UUID(str(data["participant_id"]))))
    if "packs" in data:
        course.place(data)
        course.counted_at = at
    if event.type == TRANSFERRED:
        for kind in SOONER:
            course.count(kind, at, packs, sooner=True)
    elif event.type == DUE_MET:
        if data["kind"] == REVIEW_INSTRUMENT:  # the others are renewed by what met them
            course.standing.pop(REVIEW_INSTRUMENT, None)
    elif event.type == DUE_SET:
        if data["rule"].startswith((DUE_DAYS[data["kind"]], FIRST_CERTIFICATION)):  # else no number of days said so
            course.was[data["kind"], at] = Due(datetime.fromisoformat(data["due_at"]), data["rule"])
            if data["kind"] not in SOONER or (data["kind"] == REVIEW_INSTRUMENT and at != course.counted_at):
                course.count(data["kind"], at, packs)
    else:
        course.certified |= event.type == CERTIFIED
        for kind in COUNTED_FROM[event.type]:
            course.count(kind, at, packs)


def _tell(found: Findings, episode_id: UUID, course: Course, kind: str, since: datetime, supposed: Supposed) -> None:
    was, would_be = course.was.get((kind, since)), course.would_be.get((kind, since))
    on = course.local_day((was or would_be or Due(since, "")).at)
    if not supposed.covers(on):
        return
    same = (was and was.at) == (would_be and would_be.at)
    difference = Difference(course.participant_id, episode_id, on, kind, _shown(was), _shown(would_be))
    found.look(DUE_DATES, None if same else difference)


def _shown(due: Due | None) -> Mapping[str, Any] | None:
    return None if due is None else {"due_at": due.at, "decided_by": [due.rule]}
