"""Billable days: what each local day of service amounts to by the packs in force on it."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from tests.checker.case import Case
from tests.checker.episodes import Episode
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome
from tests.checker.packs import InForce
from tests.checker.reading import Event

GROUP = "group_therapy"
ONE_A_DAY = "one_per_diem_a_day"
Days = dict[tuple[str, date], list[Event]]


def days_counted(case: Case) -> Finding:
    """Verdicts on a day are told with revisions 1, 2, 3 …, each another than the one before; and every day of
    service whose bookings have all been settled has one.

    Source: named rule settled_day; "told again, with the next revision, whenever … changes the verdict"."""
    finding = Finding("billable days told", "days")
    told = told_days(case)
    for (episode_id, day), events in told.items():
        finding.judged += 1
        subject = f"{day} of episode {episode_id}"
        finding.compare(subject, list(range(1, len(events) + 1)), [one.data["revision"] for one in events], events)
        for before, after in pairwise(events):
            if _but_revision(before) == _but_revision(after):
                finding.differs(subject, "another verdict", "the same again", [before, after])
    for (episode_id, day), came in case.by_day.items():
        episode = case.episodes.get(episode_id)
        if episode is None or (episode_id, day) in told or not case.is_served(episode, day):
            continue
        if case.is_settled(episode_id, day):
            finding.judged += 1
            finding.differs(f"{day} of episode {episode_id}", "judged", "never told", [one.event for one in came])
    return finding


def verdicts(case: Case) -> Finding:
    """The last verdict on a settled day: minutes, components, whether it is billable, as what, and by which packs.

    Source: H0015 and North Carolina 8A: 3 hours; TRICARE: 2 hours; 14 NYCRR part 822; named rules minimum_day,
    group_every_day, maximum_gap, day_in_episode, discrete_services, one_per_diem_a_day (of a person's episodes the one
    admitted first bills it)."""
    finding = Finding("billable days", "days")
    for (episode_id, day), events in told_days(case).items():
        episode, last = case.episodes.get(episode_id), events[-1]
        if episode is not None and not case.is_settled(episode_id, day):
            continue  # the verdict stands until the bookings that are open have their outcomes
        finding.judged += 1
        if episode is None:
            finding.differs(f"{day} of episode {episode_id}", "nothing: there is no such admission", "told", events)
            continue
        came = case.by_day.get((episode_id, day), [])
        from_ = [*episode.events, *(one.event for one in came), last]
        for what, expected in _verdict(case, episode, day, came).items():
            told = last.data.get(what)
            if told is None:
                continue  # from before the field
            told = sorted(told) if isinstance(told, list) else told
            finding.compare(f"{what} of {day} of episode {episode_id}", expected, told, from_)
        decided = last.data.get("decided_by", [])
        expected_by = episode.rules_on(day, case.packs).deciding(decided)
        finding.compare(f"decided_by of {day} of episode {episode_id}", expected_by, decided, from_)
    return finding


def told_days(case: Case) -> Days:
    """(Episode, local day) → what was told of it, in order."""
    told: Days = defaultdict(list)
    for event in case.told.of("attendance.billable_day_determined"):
        told[event.data["episode_id"], date.fromisoformat(event.data["date"])].append(event)
    return told


def _verdict(case: Case, episode: Episode, day: date, came: list[Outcome]) -> dict[str, object]:
    """The published fields that follow from the facts; lists in order of the alphabet."""
    rules = episode.rules_on(day, case.packs)
    counted = {one.component: 0 for one in came}
    for one in came:
        counted[one.component] += one.counts(rules, "day.counted_components")
    components = sorted(name for name, minutes in counted.items() if minutes)
    minutes = sum(counted.values())
    broken = _broken(case, episode, day, rules, minutes, components)
    if not broken and any(_bills(case, other, day) for other in case.others_before(episode)):
        broken = [ONE_A_DAY]
    return {
        "minutes": minutes,
        "components": components,
        "group": GROUP in components,
        "broken_rules": sorted(broken),
        "billable": not broken,
        "bills_as": _bills_as(rules, minutes, broken),
        "packs": sorted(rules.versions),
        "gap_days": case.gap_before(episode, day),
    }


def _bills(case: Case, episode: Episode, day: date) -> bool:
    """Whether an episode would bill the day if the person had no other; what stands while bookings are open, counts."""
    if not case.is_settled(episode.id, day):
        told = told_days(case).get((episode.id, day))
        return bool(told) and (told[-1].data["billable"] or told[-1].data["broken_rules"] == [ONE_A_DAY])
    came = case.by_day.get((episode.id, day), [])
    rules = episode.rules_on(day, case.packs)
    counted = [(one.component, one.counts(rules, "day.counted_components")) for one in came]
    components = sorted({component for component, minutes in counted if minutes})
    return bool(came) and not _broken(case, episode, day, rules, sum(minutes for _, minutes in counted), components)


def _broken(case: Case, episode: Episode, day: date, rules: InForce, minutes: int, components: list[str]) -> list[str]:
    broken = []
    if day < episode.first_day or (episode.last_day is not None and day > episode.last_day):
        broken.append("day_in_episode")
    least = rules.value("day.minimum_hours")
    if timedelta(minutes=max(minutes, 0)) < timedelta(hours=least or 0) or not minutes:
        broken.append(f"{rules.decided_by('day.minimum_hours')}:minimum_day" if least else "minimum_day")
    if not rules.value("day.group_optional", True) and GROUP not in components:
        broken.append(f"{rules.decided_by('day.group_optional')}:group_every_day")
    gap = rules.value("day.maximum_gap_days")
    if gap is not None and case.gap_before(episode, day) > gap:
        broken.append(f"{rules.decided_by('day.maximum_gap_days')}:maximum_gap")
    return broken


def _bills_as(rules: InForce, minutes: int, broken: list[str]) -> str:
    """A day under its minimum, and with no other fault, as discrete services where the pack says so."""
    if not broken:
        return "per_diem"
    only_short = all(one.endswith("minimum_day") for one in broken)
    return str(rules.value("day.under_minimum", "nothing")) if only_short and minutes else "nothing"


def _but_revision(event: Event) -> dict[str, object]:
    return {name: value for name, value in event.data.items() if name != "revision"}
