"""Seats that are waited for: who is promoted is the first in turn who can have the seat, and none stays free meanwhile.

Source: domain.md, waitlist for a seat with automatic promotion; program practice for the notice
(seat_promotion.notice_hours).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.reading import Event
from tests.checker.timetable import Session, Timetable, instants

AT_REST = timedelta(minutes=1)
"""A promotion is a reaction: what stands for less is not judged."""

GIVEN_UP = ("participant", "roster_changed")
"""Why somebody is not taken back into a session."""


@dataclass(frozen=True)
class Wait:
    """A turn: priority 1 before 2, then who has waited longer. ``until``: the start of the last session waited for."""

    episode_id: str
    participant_id: str
    priority: int
    event: Event
    until: datetime

    @property
    def turn(self) -> tuple[int, datetime]:
        return self.priority, self.event.at


def seat_promotions(case: Case) -> Finding:
    """Whenever scheduling is at rest, no seat is free that somebody who waits for it could have had; and no seat was
    given past them, but by an override."""
    finding = Finding("seats waited for", "waits")
    waits: dict[str, dict[str, Wait]] = defaultdict(dict)
    reported: set[tuple[str, str]] = set()
    for (table, at, events), rest in _with_rest(case):
        known = {id_: dict(of) for id_, of in waits.items()}
        finding.judged += _take(table, waits, events)
        if not rest or not any(waits.values()):
            continue
        given = {event.data["session_id"]: event for event in events if _is_given(event)}
        for session, wait in _could_have(case, table, waits, at):
            free = len(table.live[session.id]) < session.seats
            event = given.get(session.id)
            before = known.get(session.id, {}) | known.get(session.series_id, {})
            passed = event is not None and wait.episode_id in before and not _is_before(event, wait, before)
            if (free or passed) and (session.id, wait.episode_id) not in reported:
                reported.add((session.id, wait.episode_id))
                from_ = [session.event, wait.event, *([event] if event else ())]
                told = "a seat is free" if free or event is None else f"given to {event.data['episode_id']}"
                finding.differs(f"session {session.id} at {at}", f"given to {wait.episode_id}", told, from_)
    return finding


def _with_rest(case: Case) -> Iterator[tuple[tuple[Timetable, datetime, list[Event]], bool]]:
    """Each instant, and whether nothing more was written for a while."""
    last: tuple[Timetable, datetime, list[Event]] | None = None
    times = sorted({event.at for event in case.told.events if event.source == "scheduling"})
    resting = {before for before, after in pairwise(times) if after - before >= AT_REST} | set(times[-1:])
    for table, events in instants(case.told):
        last = table, events[0].at, events
        yield last, last[1] in resting


def _take(table: Timetable, waits: dict[str, dict[str, Wait]], events: Iterable[Event]) -> int:
    """How many began to wait."""
    joined = 0
    for event in events:
        data = event.data
        id_ = data.get("session_id") or data.get("series_id")
        if event.type == "scheduling.seat_waitlist_joined.v1":
            joined += 1
            sessions = [one for one in table.sessions.values() if id_ in (one.id, one.series_id)]
            until = max((one.starts_at for one in sessions), default=event.at)
            priority = data.get("priority") or 0
            waits[id_][data["episode_id"]] = Wait(data["episode_id"], data["participant_id"], priority, event, until)
        elif event.type == "scheduling.seat_waitlist_left.v1":
            waits[id_].pop(data["episode_id"], None)
    return joined


def _could_have(
    case: Case, table: Timetable, waits: dict[str, dict[str, Wait]], at: datetime
) -> Iterator[tuple[Session, Wait]]:
    """Sessions to come, and who waits for them and could have a seat as far as is told. Availability is not."""
    waited = {id_ for id_, of in waits.items() if of}
    for session in table.sessions.values():
        if session.cancelled or not waited.intersection((session.id, session.series_id)):
            continue
        if session.starts_at <= at + _notice(case, session):
            continue
        for id_ in (session.id, session.series_id):
            for wait in waits.get(id_, {}).values():
                if session.starts_at <= wait.until and _can_come(case, table, session, wait, at):
                    yield session, wait


def _can_come(case: Case, table: Timetable, session: Session, wait: Wait, at: datetime) -> bool:
    episode = case.episodes.get(wait.episode_id)
    if episode is None or not episode.admitted_at <= session.starts_at < episode.left_at:
        return False
    if any(one.covers(session.starts_at) or one.cancelled for one in episode.suspensions.values()):
        return False
    if any(
        event.at > at and "suspended_at" not in event.data for event in episode.events if event.at <= session.starts_at
    ):
        return False  # what was known of the episode then differs from what is known in the end
    mine = [one for one in case.bookings_of.get(wait.episode_id, ()) if one.session_id == session.id]
    if any(one.freed is not None and one.freed.data["reason"] in GIVEN_UP for one in mine):
        return False
    held = table.held[wait.participant_id].values()
    return not any(one.starts_at < session.ends_at and session.starts_at < one.ends_at for one in held)


def _notice(case: Case, session: Session) -> timedelta:
    opened = next(one for one in case.told.of("enrollment.track_opened") if one.data["track_id"] == session.track_id)
    rules = case.packs.on(session.day, opened.data["packs"], "adult")
    return timedelta(hours=rules.value("seat_promotion.notice_hours", 0))


def _is_given(event: Event) -> bool:
    """A seat was taken that those who wait would have had: an override, or what is restored, is none."""
    if event.type != "scheduling.booking_made.v1":
        return False
    return event.data.get("kind") != "override" and event.data.get("restores_booking_id") is None


def _is_before(event: Event, wait: Wait, waits: dict[str, Wait]) -> bool:
    """Whether the seat went to somebody with an earlier turn."""
    other = waits.get(event.data["episode_id"])
    return other is not None and other.turn <= wait.turn
