"""Topics of psychoeducation: who attended enough of a session on one has completed it, by the first such session.

Source: domain.md, psychoeducation as a curriculum (topics, who has completed which); program practice for the share
(curriculum.minimum_percent); named rules topic_once_attended, topics_per_episode.
"""

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome
from tests.checker.reading import Event, instant
from tests.checker.timetable import Session

Topic = tuple[str, str]
"""An episode and a topic's code."""


def completed(case: Case) -> Finding:
    """What stands in the end: completed by the first of the episode's sessions on the topic to end of which enough was
    attended, by the packs of the session's track on its day; else not. What is said is numbered 1, 2, 3 …"""
    finding = Finding("topics completed", "topics of episodes")
    told: dict[Topic, list[Event]] = defaultdict(list)
    for event in case.told.of("scheduling.topic_completed", "scheduling.topic_completion_reversed"):
        told[event.data["episode_id"], event.data["topic"]].append(event)
    expected: dict[Topic, list[tuple[Session, Outcome]]] = defaultdict(list)
    for topic, session, outcome in _attended(case):
        expected[topic].append((session, outcome))
    for topic in sorted(expected.keys() | told.keys()):
        finding.judged += 1
        subject = f"{topic[1]}, episode {topic[0]}"
        events = told[topic]
        finding.compare(subject, list(range(1, len(events) + 1)), [one.data["revision"] for one in events], events)
        first = min(expected[topic], key=lambda one: (one[0].ends_at, one[0].id), default=None)
        from_ = [*(one.event for _, one in expected[topic]), *events]
        due = None if first is None else (first[0].id, first[0].ends_at)
        finding.compare(subject, due, _stands(events), from_)
    return finding


def _attended(case: Case) -> Iterator[tuple[Topic, Session, Outcome]]:
    """Sessions on a topic of which enough was attended."""
    tracks = {event.data["track_id"]: event for event in case.told.of("enrollment.track_opened")}
    for outcome in case.outcomes.values():
        booking = case.timetable.bookings.get(outcome.booking_id)
        session = case.timetable.sessions[booking.session_id] if booking is not None else None
        if session is None or session.topic is None or not outcome.attended or session.track_id not in tracks:
            continue
        packs = tracks[session.track_id].data["packs"]
        percent = case.packs.on(session.day, packs, "adult").value("curriculum.minimum_percent", 0)
        lasts = int((session.ends_at - session.starts_at).total_seconds()) // 60
        if outcome.minutes * 100 >= percent * lasts:
            yield (outcome.episode_id, session.topic), session, outcome


def _stands(events: list[Event]) -> object:
    """By which session, and when; None where it is not completed."""
    last = max(events, key=lambda one: int(one.data["revision"]), default=None)
    if last is None or "reversed" in last.type:
        return None
    return last.data["session_id"], instant(last.data["completed_at"])
