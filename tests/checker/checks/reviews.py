"""Medication reviews and reconciliations: due when what asked for them says, overdue once, and none forgotten.

Source: program practice in the packs (domain.md: reconciliation at admission and at every transition, review cycle,
urgent review within 24 h of a safety trigger); named rules reconciled_at_admission, reconciled_at_transition,
reviewed_in_cycles, safety_trigger_is_urgent, order_change_is_reviewed, repeated_no_shows_are_reviewed,
adverse_effect_is_reviewed, one_open_review, overdue_review_escalates.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.checker.case import Case
from tests.checker.episodes import Episode, aliases, ever_one, root
from tests.checker.finding import Finding
from tests.checker.reading import Event, instant

RECONCILIATION, REVIEW = "reconciliation", "review"
UNPUBLISHED = frozenset(("discrepancies", "interaction", "missed_doses", "pdmp_check", "pdmp_result"))
"""Causes whose facts are not published, or not all: what is due for them is not judged."""
WHOSE = {RECONCILIATION: "coordinator", REVIEW: "prescriber"}
ESCALATES = {role: f"medication.escalation_hours_{role}" for role in ("coordinator", "auditor")}


@dataclass(frozen=True)
class Cause:
    """What asks for a review of a kind by a time. ``known_at``: when it was told."""

    kind: str
    name: str
    due_at: datetime
    known_at: datetime
    event: Event
    urgent: bool = False


@dataclass
class Due:
    """A review is due at ``at``, as far as is known from ``since`` until ``until``, which is None while it is."""

    at: datetime
    since: datetime
    event: Event
    until: datetime | None = None


@dataclass
class Review:
    """One review as it was told; a withdrawn one may be opened again."""

    id: str
    kind: str
    episode_id: str
    due: list[Due] = field(default_factory=list)
    overdue: list[Event] = field(default_factory=list)
    escalated: list[Event] = field(default_factory=list)
    completed: Event | None = None
    ended: Event | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.due) and self.ended is None

    def take(self, event: Event) -> None:
        """What was told of it next."""
        name = event.type.removesuffix(".v1").split(".review_")[1]
        if name in ("overdue", "escalated"):
            (self.overdue if name == "overdue" else self.escalated).append(event)
            return
        if self.due and self.due[-1].until is None:
            self.due[-1].until = event.at
        self.ended = self.completed = None
        if name in ("opened", "rescheduled"):
            self.due.append(Due(instant(event.data["due_at"]), event.at, event))
        else:
            self.ended, self.completed = event, event if name == "completed" else None


def due_times(case: Case) -> Finding:
    """Each time at which a review is said to fall due follows from a fact: of the cause that is named, by the packs."""
    finding = Finding("times due of reviews", "times told")
    causes = _by_episode(case, standing=False)
    for event in case.told.of("medication_review.review_opened", "medication_review.review_rescheduled"):
        data = event.data
        if data["cause"] in UNPUBLISHED or data["episode_id"] not in case.episodes:
            continue
        finding.judged += 1
        named = [one for one in causes[data["episode_id"]] if (one.kind, one.name) == (data["kind"], data["cause"])]
        due = {one.due_at.isoformat() for one in named}
        if instant(data["due_at"]).isoformat() not in due:
            from_ = [*(one.event for one in named), event]
            subject = f"{data['kind']} {data['review_id']} for {data['cause']}, episode {data['episode_id']}"
            finding.differs(subject, " or ".join(sorted(due)) or "no such cause", data["due_at"], from_)
        urgent = any(one.urgent for one in named if one.due_at == instant(data["due_at"]))
        if urgent and not data["urgent"]:
            finding.differs(f"review {data['review_id']}", "urgent", "not urgent", [event])
    return finding


def none_forgotten(case: Case) -> Finding:
    """In the end an open review of its kind stands for whatever asked for one and was not answered, due no later; and
    its time is that of the earliest."""
    finding = Finding("reviews that must be open", "episodes")
    causes, all_reviews = _by_episode(case), list(reviews(case).values())
    for episode in case.episodes.values():
        finding.judged += 1
        for kind in (RECONCILIATION, REVIEW):
            mine = [one for one in all_reviews if (one.episode_id, one.kind) == (episode.id, kind)]
            open_ = [one for one in mine if one.is_open]
            subject = f"{kind} of episode {episode.id}"
            if len(open_) > 1:
                finding.differs(subject, "one open review", len(open_), [one.due[-1].event for one in open_])
            if episode.discharge is not None:
                if open_:
                    finding.differs(subject, "withdrawn at the discharge", "open", [episode.discharge])
                continue
            _compare(finding, subject, [one for one in causes[episode.id] if one.kind == kind], mine)
    return finding


def overdue(case: Case) -> Finding:
    """Overdue is told once for a time that passed while the review was open, and never where it was done in time."""
    finding = Finding("overdue reviews", "reviews")
    for review in reviews(case).values():
        finding.judged += 1
        told = sorted((instant(one.data["due_at"]), one.at) for one in review.overdue)
        just = {due.at for due in review.due if due.at == due.until}  # done at that very instant: either is right
        expected = [one for one in sorted(_missed(review, case.told.now)) if one not in just]
        told = [one for one in told if one[0] not in just]
        from_ = [one.event for one in review.due] + review.overdue + ([review.ended] if review.ended else [])
        subject = f"{review.kind} {review.id}"
        if not review.due:
            finding.differs(subject, "opened", "never opened", from_)
        finding.compare(subject, [str(one) for one in expected], [str(due) for due, _ in told], from_)
        for due, at in told:
            if at < due:
                finding.differs(subject, f"overdue from {due} on", f"overdue at {at}", review.overdue)
    return finding


def escalations(case: Case) -> Finding:
    """Of an overdue review each further role is told once, after the pack's hours, while it is not done."""
    finding = Finding("escalations of reviews", "reviews")
    for review in reviews(case).values():
        episode = case.episodes.get(review.episode_id)
        if episode is None or not review.overdue or len(review.due) != 1:
            continue  # where a review was due at several times, from which the hours count is not told
        finding.judged += 1
        (due,) = review.due
        rules, until = episode.rules_at(due.at, case.packs), due.until or case.told.now
        told = [(one.data["escalated_to"], one.at) for one in review.escalated]
        from_ = [due.event, *review.overdue, *review.escalated]
        for role, key in ESCALATES.items():
            if role == WHOSE[review.kind]:
                continue
            at = due.at + timedelta(hours=rules.value(key)) if rules.value(key) is not None else None
            mine = [when for to, when in told if to == role]
            expected = int(at is not None and at < until)
            if len(mine) != expected and at != until:
                finding.differs(f"{role}, {review.kind} {review.id}", f"told {expected} times", len(mine), from_)
            elif at is not None and any(when < at for when in mine):
                finding.differs(f"{role}, {review.kind} {review.id}", f"told from {at} on", f"told at {mine[0]}", from_)
    return finding


def _compare(finding: Finding, subject: str, causes: list[Cause], reviews: list[Review]) -> None:
    """What was told at the instant of a completion may have been answered by it or not: nobody else can tell."""
    completed = max((one.completed.at for one in reviews if one.completed), default=None)
    unanswered = [one for one in causes if completed is None or one.known_at > completed]
    doubtful = [one for one in causes if completed is not None and one.known_at == completed]
    open_ = [one for one in reviews if one.is_open]
    from_ = [one.event for one in unanswered + doubtful] + [due.event for one in open_ for due in one.due]
    if not open_:
        if unanswered:
            finding.differs(
                subject, f"open for {unanswered[0].name}, due {unanswered[0].due_at}", "none is open", from_
            )
        return
    due = open_[0].due[-1]
    if due.event.data["cause"] in UNPUBLISHED:
        return
    expected = {min(one.due_at for one in [*unanswered, other]) for other in [*unanswered, *doubtful]}
    if due.at not in expected:
        finding.differs(subject, " or ".join(sorted(map(str, expected))) or "none is open", due.at, from_)


def _missed(review: Review, now: datetime) -> Iterator[datetime]:
    """Times that passed while they held. Told overdue, a review stays so until it is done or due at another time, which
    may have passed as well when it becomes known."""
    overdue_at, ended = None, None
    for due in review.due:
        if due.at != overdue_at or due.since != ended:
            overdue_at = None
        if overdue_at is None and (due.at < due.until if due.until else due.at <= now):
            overdue_at = due.at
            yield due.at
        ended = due.until


def reviews(case: Case) -> dict[str, Review]:
    """Review id → the review, as it was told."""
    found: dict[str, Review] = {}
    for event in case.told.of(*(f"medication_review.review_{name}" for name in _NAMES)):
        data = event.data
        new = Review(data["review_id"], data["kind"], data["episode_id"])
        found.setdefault(data["review_id"], new).take(event)
    return found


_NAMES = ("opened", "rescheduled", "overdue", "escalated", "completed", "withdrawn")


def _by_episode(case: Case, *, standing: bool = True) -> dict[str, list[Cause]]:
    """Episode → all that asks for a review of it by the facts that stand in the end; or that ever did."""
    found: dict[str, list[Cause]] = defaultdict(list)
    for episode in case.episodes.values():
        found[episode.id] += _of_the_episode(case, episode, standing)
    for event in case.told.of("enrollment.instrument_scored"):
        episode = case.episodes.get(event.data["episode_id"])
        if episode is not None and event.data["safety_trigger"]:
            since = max(instant(event.data["scored_at"]), episode.admitted_at)
            known = max(event.at, episode.stays[0].event.at)
            found[episode.id].append(_cause(case, episode, REVIEW, "safety_trigger", since, event, known, urgent=True))
    for episode_id, event in _no_shows(case, standing):
        episode = case.episodes[episode_id]
        since = instant(event.data["last_missed_at"])
        found[episode_id].append(_cause(case, episode, REVIEW, "no_shows", since, event, event.at))
    for episode, event in _order_changes(case, standing):
        since = instant(event.data["reported_at"])
        found[episode.id].append(_cause(case, episode, REVIEW, "order_changed", since, event, event.at))
    mistaken = {event.data["effect_id"] for event in case.told.of("medication_review.adverse_effect_withdrawn")}
    for event in case.told.of("medication_review.adverse_effect_reported"):
        if event.data["episode_id"] in case.episodes and not (standing and event.data["effect_id"] in mistaken):
            found[event.data["episode_id"]].append(_adverse_effect(case, event))
    for episode in case.episodes.values():
        found[episode.id] += _cycles(case, episode)
    return found


_HOURS = {
    "admission": "medication.reconciliation_hours",
    "transition": "medication.transition_hours",
    "safety_trigger": "medication.urgent_review_hours",
    "no_shows": "medication.no_shows_hours",
    "order_changed": "medication.order_changed_hours",
    "adverse_effect": "medication.adverse_effect_hours",
    "severe_effect": "medication.severe_effect_hours",
}


def _cause(
    case: Case,
    episode: Episode,
    kind: str,
    name: str,
    since: datetime,
    event: Event,
    known_at: datetime,
    *,
    urgent: bool = False,
) -> Cause:
    rules = episode.rules_at(since, case.packs)
    return Cause(kind, name, since + timedelta(hours=rules.value(_HOURS[name])), known_at, event, urgent)


def _adverse_effect(case: Case, event: Event) -> Cause:
    """A severe one asks for an urgent review."""
    episode, severe = case.episodes[event.data["episode_id"]], event.data["severity"] == "severe"
    since = max(instant(event.data["reported_at"]), episode.admitted_at)
    name = "severe_effect" if severe else "adverse_effect"
    asked = _cause(case, episode, REVIEW, name, since, event, event.at, urgent=severe)
    return replace(asked, name="adverse_effect")


def _of_the_episode(case: Case, episode: Episode, standing: bool) -> Iterator[Cause]:
    admitted = episode.stays[0].event
    yield _cause(case, episode, RECONCILIATION, "admission", episode.admitted_at, admitted, admitted.at)
    for stay in episode.stays[1:]:
        yield _cause(case, episode, RECONCILIATION, "transition", stay.since, stay.event, stay.event.at)
    for event in episode.events:
        if event.type == "enrollment.episode_resumed.v1":
            suspension = episode.suspensions.get(event.data["suspension_id"])
            until = instant(event.data["resumed_at"])
            stands = suspension is not None and not suspension.cancelled and suspension.until == until
            if stands or not standing:
                yield _cause(case, episode, RECONCILIATION, "transition", until, event, event.at)


def _no_shows(case: Case, standing: bool) -> Iterator[tuple[str, Event]]:
    told: dict[str, dict[int, Event]] = defaultdict(dict)
    for event in case.told.of("attendance.no_shows_repeated", "attendance.no_shows_excused"):
        episode_id, count = event.data["episode_id"], event.data["count"]
        if "repeated" in event.type:
            told[episode_id][count] = event
            if not standing and episode_id in case.episodes:
                yield episode_id, event
        else:
            told[episode_id] = {known: one for known, one in told[episode_id].items() if known <= count}
    for episode_id, events in told.items():
        if standing and episode_id in case.episodes:
            yield from ((episode_id, event) for event in events.values())


_ORDER = ("status", "code", "system", "name", "dose", "frequency", "route")


def _order_changes(case: Case, standing: bool) -> Iterator[tuple[Episode, Event]]:
    """A hospital order that is new, changed or stopped after the admission, and not while suspended. Where it need not
    stand: also one of somebody else with whom they were taken for one for a while."""
    known, ever, last = aliases(case.told), ever_one(case.told), {}

    def person_of(participant_id: str) -> str:
        if standing:
            return root(participant_id, known)
        return min({participant_id, *ever[participant_id]})

    of: dict[str, list[Episode]] = defaultdict(list)
    for episode in case.episodes.values():
        of[person_of(episode.participant_id)].append(episode)
    for event in case.told.of("interop.medication_reported"):
        person, facts = person_of(event.data["participant_id"]), [event.data.get(name) for name in _ORDER]
        order = person, event.data["source"], event.data["order_id"]
        if not event.data["source"].startswith("hospital_order") or last.get(order) == facts:
            continue
        last[order] = facts
        at = instant(event.data["reported_at"])
        for episode in of[person]:
            if episode.admitted_at < at < episode.left_at and not (standing and episode.is_suspended_at(at)):
                yield episode, event


def _cycles(case: Case, episode: Episode) -> Iterator[Cause]:
    """The next review falls due so many days after the admission and after each completed review; it is asked for from
    the pack's notice before, unless a review was completed by then."""
    completed = [
        (instant(event.data["completed_at"]), event)
        for event in case.told.of("medication_review.review_completed")
        if event.data["episode_id"] == episode.id and event.data["kind"] == REVIEW
    ]
    begins = [(episode.admitted_at, episode.stays[0].event), *completed]
    ends = [*(since for since, _ in completed), case.told.now]
    for (since, event), until in zip(begins, ends, strict=True):
        rules = episode.rules_at(since, case.packs)
        due = since + timedelta(days=rules.value("medication.review_cycle_days"))
        notice = due - timedelta(days=rules.value("medication.cycle_notice_days"))
        if notice <= until:
            yield Cause(REVIEW, "cycle", due, max(notice, since), event)
