"""Treatment weeks: each closed week of an episode is judged once, and its last verdict is what facts and packs say."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tests.checker.case import Case
from tests.checker.episodes import DAY, Episode, monday_of
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome
from tests.checker.packs import InForce
from tests.checker.reading import Event

WEEK = 7 * DAY
Weeks = dict[tuple[str, date], list[Event]]


def judged_once(case: Case) -> Finding:
    """A week is judged after the pack's hours from its end, once, and again only with the next revision.

    Source: domain.md, "a past week is judged by the pack in force that week"; program practice for the hours."""
    finding = Finding("weeks judged once", "weeks")
    told = _told(case)
    for episode in case.episodes.values():
        for monday in mondays(episode, case):
            finding.judged += 1
            subject = f"week {monday} of episode {episode.id}"
            events = told.get((episode.id, monday), [])
            if not events:
                finding.differs(subject, "judged", "never judged", episode.events)
                continue
            finding.compare(subject, list(range(1, len(events) + 1)), [one.data["revision"] for one in events], events)
            due = _due(episode, monday, case)
            if events[0].at < due:
                finding.differs(subject, f"judged from {due} on", f"judged at {events[0].at}", events[:1])
    return finding


def verdicts(case: Case) -> Finding:
    """Hours, days and gaps against the strictest of the packs in force on the Monday, and which pack decided.

    Source: CMS-1786-FC; The ASAM Criteria, 3rd ed.; TRICARE manual; H0015; North Carolina 8A; named rules weekly_hours,
    treatment_days, partial_week, week_of_the_pack, step_down_week, maximum_gap, weekly_maximum,
    partial_hospitalization of docs/rules.md."""
    finding = Finding("week verdicts", "weeks")
    for (episode_id, monday), events in _told(case).items():
        episode, last = case.episodes.get(episode_id), events[-1]
        finding.judged += 1
        subject = f"week {monday} of episode {episode_id}"
        if episode is None:
            finding.differs(subject, "nothing: there is no such admission", "judged", events)
            continue
        week = Week(case, episode, monday)
        from_ = [*episode.events, *(one.event for one in week.attended), last]
        if week.is_after_the_episode:
            finding.compare(f"basis of {subject}", "outside_episode", last.data["basis"], from_)
            continue
        for what, expected in week.verdict().items():
            told = last.data[what]
            finding.compare(f"{what} of {subject}", expected, sorted(told) if isinstance(told, list) else told, from_)
        decided = last.data.get("decided_by", [])
        finding.compare(f"decided_by of {subject}", week.rules.deciding(decided), decided, from_)
    return finding


@dataclass
class Week:
    """One week of an episode by all that is known in the end."""

    case: Case
    episode: Episode
    monday: date

    @cached_property
    def rules(self) -> InForce:
        return self.episode.rules_of_week(self.monday, self.case.packs)

    @cached_property
    def days_in_episode(self) -> int:
        return len(self.episode.days(self.monday, self.monday + 6 * DAY))

    @cached_property
    def attended(self) -> list[Outcome]:
        days = (self.monday + number * DAY for number in range(7))
        return [one for day in days for one in self.case.by_day.get((self.episode.id, day), ())]

    @cached_property
    def minutes(self) -> int:
        return sum(one.counts(self.rules, "week.counted_components") for one in self.attended)

    @cached_property
    def days(self) -> int:
        """Local days with enough minutes that count; with any where no pack says how many."""
        enough = max(int(self.rules.value("day.minimum_hours", 0) * 60), 1)
        by_day: dict[date, int] = defaultdict(int)
        for one in self.attended:
            by_day[one.day] += one.counts(self.rules, "day.counted_components")
        return sum(minutes >= enough for minutes in by_day.values())

    @property
    def is_after_the_episode(self) -> bool:
        """It was judged, and then the discharge before it became known."""
        return self.episode.last_day is not None and self.episode.last_day < self.monday

    @property
    def basis(self) -> str:
        """A week without any day in the episode is never judged, whatever the pack says of cut ones."""
        if self.days_in_episode in (0, 7):
            return "full" if self.days_in_episode else "not_judged"
        return str(self.rules.value("week.partial_weeks", "pro_rated"))

    @property
    def is_stepping_down(self) -> bool:
        weeks = self.rules.value("week.step_down_weeks", 0)
        down = (monday_of(day) for day in self.episode.step_downs())
        return any(timedelta(0) <= last - self.monday < weeks * WEEK for last in down)

    def part(self, number: float) -> int:
        """In proportion to the days in the episode, rounded down."""
        return int(number * self.days_in_episode // 7)

    def verdict(self) -> dict[str, object]:
        """The fields of the published verdict that follow from the facts; lists in order of the alphabet."""
        asked, broken, step_down = self._demands()
        return {
            "basis": self.basis,
            "minutes": self.minutes,
            "days": self.days,
            "gap_days": self.case.longest_gap(self.episode, self.monday),
            "compliant": not broken,
            "step_down": step_down and not broken,
            "asked": sorted(asked),
            "broken_rules": sorted(broken),
            "noted": self._noted(),
            "not_attended": sorted(self._plan() - {one.component for one in self.attended if one.is_service}),
            "packs": sorted(self.rules.versions),
        }

    def _demands(self) -> tuple[list[str], list[str], bool]:
        """What is asked, what of it was broken, and whether it is less than asked because they step down."""
        if self.basis == "not_judged":
            return [], [], False
        asked, broken, rules, eased = [], [], self.rules, False

        def ask(rule: str, by: str, met: bool) -> None:
            asked.append(f"{by}:{rule}")
            if not met:
                broken.append(f"{by}:{rule}")

        hours = rules.value("week.minimum_hours")
        if self.is_stepping_down and hours is not None:
            ask("step_down_week", rules.decided_by("week.step_down_weeks"), self.minutes > 0)
            eased = self.minutes < self.part(hours * 60)
            rules = rules.only(without="week.step_down_weeks")
            hours = rules.value("week.minimum_hours")
        if hours is not None:
            ask("weekly_hours", rules.decided_by("week.minimum_hours"), self.minutes >= self.part(hours * 60))
        days = self.rules.value("week.minimum_days")
        if days is not None:
            ask("treatment_days", self.rules.decided_by("week.minimum_days"), self.days >= self.part(days))
        gap = self.rules.value("day.maximum_gap_days")
        if gap is not None:
            met = self.case.longest_gap(self.episode, self.monday) <= gap
            ask("maximum_gap", self.rules.decided_by("day.maximum_gap_days"), met)
        return asked, broken, eased

    def _noted(self) -> list[str]:
        """Above the level of care; and from where partial hospitalization begins."""
        noted = []
        for rule, key, least in (
            ("weekly_maximum", "week.maximum_hours", 1),
            ("partial_hospitalization", "week.partial_hospitalization_hours", 0),
        ):
            hours = self.rules.value(key)
            if hours is not None and self.minutes >= hours * 60 + least:
                noted.append(f"{self.rules.decided_by(key)}:{rule}")
        return sorted(noted)

    def _plan(self) -> set[str]:
        return set(self.episode.stay_on(self.monday + 6 * DAY).components)


def mondays(episode: Episode, case: Case) -> Iterator[date]:
    """Closed weeks from that of the admission to that of the discharge."""
    monday = monday_of(episode.first_day)
    while _due(episode, monday, case) <= case.told.now and (episode.last_day is None or monday <= episode.last_day):
        yield monday
        monday += WEEK


def _due(episode: Episode, monday: date, case: Case) -> datetime:
    hours = episode.rules_of_week(monday, case.packs).value("week.judged_after_hours", 0)
    return midnight(monday + WEEK, episode.zone) + timedelta(hours=hours)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The local midnight with which a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def _told(case: Case) -> Weeks:
    told: Weeks = defaultdict(list)
    for event in case.told.of("attendance.treatment_week_judged"):
        told[event.data["episode_id"], date.fromisoformat(event.data["week_start"])].append(event)
    return told
