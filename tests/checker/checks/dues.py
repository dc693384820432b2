"""What falls due in an episode of care: when, what moves it, and that what was missed is told once.

Source: CMS-1786-FC and 42 CFR 424.24(d) (certification, again at least every other month); state rules (plan reviews);
DC Municipal Regulations 22-A §6329 (reassessment); program practice for the rest; enrollment's README, "Due dates".
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.checker.case import Case
from tests.checker.episodes import Episode
from tests.checker.finding import Finding
from tests.checker.reading import Event, instant

DAYS = {
    "reassessment": "reassessment.days_after_admission",
    "instrument_at_admission": "reassessment.days_after_admission",
    "certification": "certification.days",
    "plan_review": "plan_review.days",
    "discharge_review": "absence.discharge_review_days",
    "authorization_renewal": "authorization.renewal_days",
    "instrument_at_review": "plan_review.days",
    "instrument_at_discharge": "reassessment.days_before_discharge",
}
FIRST_CERTIFICATION = "certification.first_days"
"""Of the first certification, where a pack says so."""
RENEWED_BY = {"certification": "plan_certified", "plan_review": "plan_reviewed"}
"""What is due again from when it was done."""

_NAMES = ("due_set", "due_met", "due_missed", "due_withdrawn")


@dataclass
class Due:
    """Due at ``at`` from when it was set until it was done, moved or withdrawn, or the episode ended."""

    at: datetime
    set_by: Event
    until: Event | None = None


def set_as_packs_say(case: Case) -> Finding:
    """Each date is so many days from when it was set as the strictest pack in force on that day says, and names it."""
    finding = Finding("dates due", "dates set")
    certified: dict[str, datetime] = {}
    for event in case.told.of("enrollment.plan_certified"):
        certified.setdefault(event.data["episode_id"], event.happened_at)
    for event in case.told.of("enrollment.due_set"):
        episode = case.episodes.get(event.data["episode_id"])
        if episode is None:
            continue
        finding.judged += 1
        kind = event.data["kind"]
        subject = f"{kind} of episode {episode.id}"
        rules = episode.as_of(event).rules_at(event.happened_at, case.packs)
        first = kind == "certification" and (episode.id not in certified or event.happened_at < certified[episode.id])
        key = FIRST_CERTIFICATION if first and rules.value(FIRST_CERTIFICATION) is not None else DAYS[kind]
        days = rules.value(key)
        if days is None:
            finding.differs(subject, "no pack asks for it", f"due {event.data['due_at']}", [event])
            continue
        from_ = [*episode.events, event]
        finding.compare(subject, event.happened_at + timedelta(days=days), instant(event.data["due_at"]), from_)
        finding.compare(f"rule of {subject}", f"{key} of {rules.decided_by(key)}", event.data["rule"], from_)
    return finding


def begun_and_renewed(case: Case) -> Finding:
    """From the admission, and anew from each certification and plan review, the next is due where a pack says so."""
    finding = Finding("dates begun and renewed", "occasions")
    sets: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in case.told.of("enrollment.due_set"):
        sets[event.data["episode_id"], event.data["kind"]].append(event)
    for kind, done in RENEWED_BY.items():
        occasions = [*case.told.of("enrollment.participant_admitted"), *case.told.of(f"enrollment.{done}")]
        for occasion in occasions:
            episode = case.episodes.get(occasion.data["episode_id"])
            if episode is None or episode.admitted_at > occasion.happened_at:
                continue  # what is done while they wait is due from the admission
            if episode.rules_at(occasion.happened_at, case.packs).value(DAYS[kind]) is None:
                continue
            finding.judged += 1
            if not any(one.happened_at == occasion.happened_at for one in sets[episode.id, kind]):
                subject = f"{kind} of episode {episode.id}"
                finding.differs(subject, f"due anew from {occasion.happened_at}", "not set", [occasion])
    return finding


def missed(case: Case) -> Finding:
    """What was not done by its time is told as missed once, and never where it was done, moved or withdrawn before."""
    finding = Finding("dates missed", "dates")
    told: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in case.told.of("enrollment.due_missed"):
        told[event.data["episode_id"], event.data["kind"]].append(event)
    for (episode_id, kind), dues in _dues(case).items():
        finding.judged += len(dues)
        expected = [one.at for one in dues if (one.at < one.until.at if one.until else one.at <= case.told.now)]
        just = {one.at for one in dues if one.until and one.at == one.until.at}  # at that very instant: either is right
        events = [one for one in told.pop((episode_id, kind), []) if instant(one.data["due_at"]) not in just]
        from_ = [one for due in dues for one in (due.set_by, due.until) if one] + events
        subject = f"{kind} of episode {episode_id}"
        finding.compare(subject, sorted(expected), sorted(instant(one.data["due_at"]) for one in events), from_)
        for event in events:
            if event.at < instant(event.data["due_at"]):
                finding.differs(subject, f"missed from {event.data['due_at']} on", f"missed at {event.at}", [event])
    for (episode_id, kind), events in told.items():
        finding.differs(f"{kind} of episode {episode_id}", "never due", "missed", events)
    return finding


def discharge_reviews(case: Case) -> Finding:
    """A discharge review that an absence policy asks for is due while the step stands, and withdrawn with the last."""
    finding = Finding("discharge reviews", "episodes")
    standing: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in case.told.of("attendance.absence_step_reached", "attendance.absence_step_reversed"):
        if event.data["step"] == "discharge_review":
            standing[event.data["episode_id"]][event.data["policy"]] = event
    dues = _dues(case)
    for episode_id, events in standing.items():
        episode, mine = case.episodes.get(episode_id), dues.get((episode_id, "discharge_review"), [])
        if episode is None or episode.discharge is not None:
            continue
        finding.judged += 1
        stands = any("reached" in event.type for event in events.values())
        is_open = any(due.until is None for due in mine)
        from_ = [*events.values(), *(due.set_by for due in mine)]
        if stands and not mine:
            finding.differs(f"episode {episode_id}", "a discharge review", "none was ever due", from_)
        if not stands and is_open:
            finding.differs(f"episode {episode_id}", "no discharge review", "one is due", from_)
    return finding


def _dues(case: Case) -> dict[tuple[str, str], list[Due]]:
    """(Episode, kind) → what was due, in order."""
    found: dict[tuple[str, str], list[Due]] = defaultdict(list)
    for event in case.told.of(*(f"enrollment.{name}" for name in _NAMES)):
        key = event.data["episode_id"], event.data["kind"]
        if event.type == "enrollment.due_missed.v1":
            continue
        for due in _open(found[key]):
            due.until = event
        if event.type == "enrollment.due_set.v1":
            found[key].append(Due(instant(event.data["due_at"]), event))
    for (episode_id, _), dues in found.items():
        for due in _open(dues):
            due.until = _end(case.episodes.get(episode_id))
    return found


def _open(dues: list[Due]) -> Iterator[Due]:
    return (due for due in dues if due.until is None)


def _end(episode: Episode | None) -> Event | None:
    return episode.discharge if episode else None
