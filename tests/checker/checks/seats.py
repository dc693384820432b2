"""Seats: never more people than seats, nobody and nothing in two places, no seat outside a placement.

Source: domain.md, conflicts (participant, facilitator, room, capacity) refused even under concurrent commands.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from tests.checker.case import Case
from tests.checker.episodes import Episode, aliases, root
from tests.checker.finding import Finding
from tests.checker.reading import Event
from tests.checker.timetable import Booking, Session, instants

Spanned = TypeVar("Spanned", Booking, Session)


def seats(case: Case) -> Finding:
    """At no instant does a session have more bookings than seats."""
    finding = Finding("seats", "sessions")
    seen: set[str] = set()
    for table, events in instants(case.told):
        for session_id in {event.data["session_id"] for event in events if _is_of_a_session(event)}:
            session, held = table.sessions.get(session_id), table.live[session_id]
            if session is None:
                finding.differs(f"session {session_id}", "scheduled before it is booked", "booked", events)
            elif len(held) > session.seats:
                made = [session.event, *(one.event for one in held.values())]
                finding.differs(f"session {session_id}", f"at most {session.seats} bookings", len(held), made)
            seen.add(session_id)
    finding.judged = len(seen)
    return finding


def one_place_at_a_time(case: Case) -> Finding:
    """Nobody holds two bookings at one time, unless one is an override; nor a person under two merged ids.

    What had begun when the ids were merged stays as it was. So does what a session is moved to: that somebody booked is
    elsewhere then is overridden or refused, and which of the two is not told."""
    finding = Finding("one place at a time", "people")
    reported: set[tuple[str, str]] = set()

    def compare(person: str, bookings: Iterable[Booking]) -> None:
        for one, other in _overlapping(bookings):
            allowed = "override" in (one.kind, other.kind) or one.moved or other.moved
            if not allowed and (one.id, other.id) not in reported:
                reported.add((one.id, other.id))
                finding.differs(f"participant {person}", "one booking at a time", "two", [one.event, other.event])

    seen: set[str] = set()
    for table, events in instants(case.told):
        for person in {event.data["participant_id"] for event in events if "booking_id" in event.data}:
            compare(person, table.held[person].values())
            seen.add(person)
    finding.judged = len(seen)
    known = aliases(case.told)
    merged = {event.data["retired_id"]: event.at for event in case.told.of("enrollment.participants_merged")}
    for retired in known:
        both = chain(case.timetable.held[retired].values(), case.timetable.held[root(retired, known)].values())
        compare(retired, (booking for booking in both if booking.starts_at > merged[retired]))
    return finding


def one_leader_at_a_time(case: Case) -> Finding:
    """No facilitator leads two sessions at one time."""
    return _one_session_at_a_time(case, "one session at a time", "facilitators", lambda session: session.leads)


def one_room_at_a_time(case: Case) -> Finding:
    """No room has two sessions at one time."""
    return _one_session_at_a_time(case, "one session in a room", "rooms", lambda one: (one.room,) if one.room else ())


def within_the_placement(case: Case) -> Finding:
    """In the end no seat is held before the admission, in a suspension, after the discharge, or in a track that was
    left; but for sessions that had begun when it was told (scheduling's README: "attendance excuses those")."""
    finding = Finding("seats within the placement", "bookings")
    for booking in case.timetable.bookings.values():
        finding.judged += 1
        if booking.freed is not None:
            continue
        episode = case.episodes.get(booking.episode_id)
        wrong = (
            "not admitted"
            if episode is None
            else _outside(booking, case.timetable.sessions[booking.session_id], episode)
        )
        if wrong is not None:
            from_ = [booking.event, *(episode.events if episode else ())]
            finding.differs(f"booking {booking.id}", "given back", f"held, {wrong}", from_)
    return finding


def group_sizes(case: Case) -> Finding:
    """A therapy group has no more seats than the packs of its track allow on its day, nor fewer than they ask for.

    Source: billing code 90853, L33632; California Title 9 §10345."""
    finding = Finding("group sizes", "groups")
    tracks = {event.data["track_id"]: event for event in case.told.of("enrollment.track_opened")}
    for session in case.timetable.sessions.values():
        opened = tracks.get(session.track_id)
        if session.component != "group_therapy" or session.cancelled or opened is None:
            continue
        finding.judged += 1
        rules = case.packs.on(session.day, opened.data["packs"], "adult")
        least, most = rules.value("group.minimum", 0), rules.value("group.maximum", session.seats)
        if not least <= session.seats <= most:
            from_ = [opened, session.event]
            finding.differs(f"session {session.id}", f"{least} to {most} seats", f"{session.seats} seats", from_)
    return finding


def _is_of_a_session(event: Event) -> bool:
    """Whether it changes a session or a booking."""
    return event.type.startswith(("scheduling.session_", "scheduling.booking_"))


def _outside(booking: Booking, session: Session, episode: Episode) -> str | None:
    """Why the seat should not be held any more."""
    starts_at = booking.starts_at
    if session.cancelled:
        return "in a cancelled session"
    if starts_at < episode.admitted_at:
        return "before the admission"
    if episode.discharge is not None and starts_at >= max(episode.left_at, episode.discharge.at):
        return "after the discharge"
    told = max((event.at for event in episode.events), default=starts_at)
    if episode.is_suspended_at(starts_at) and starts_at > told:
        return "in a suspension"
    left = [one.since for one in episode.stays[1:] if one.since <= starts_at and one.event.at < starts_at]
    if left and session.track_id in {one.track_id for one in episode.stays} - {episode.stay_on(session.day).track_id}:
        return "in a track that was left"
    return None


def _one_session_at_a_time(case: Case, rule: str, unit: str, taken: Callable[[Session], Iterable[str]]) -> Finding:
    """``taken``: what a session takes that can be in one place only."""
    finding = Finding(rule, unit)
    of: dict[str, dict[str, Session]] = {}
    reported: set[tuple[str, str]] = set()
    for table, events in instants(case.told):
        changed = {event.data["session_id"] for event in events if event.type.startswith("scheduling.session_")}
        touched: set[str] = set()
        for session in (table.sessions[session_id] for session_id in changed):
            for one in of.values():
                one.pop(session.id, None)
            if not session.cancelled:
                for name in taken(session):
                    of.setdefault(name, {})[session.id] = session
                    touched.add(name)
        for name in touched:
            for one, other in _overlapping(of[name].values()):
                if (one.id, other.id) not in reported:
                    reported.add((one.id, other.id))
                    finding.differs(name, rule, "two", [one.event, other.event])
    finding.judged = len(of)
    return finding


def _overlapping(spans: Iterable[Spanned]) -> list[tuple[Spanned, Spanned]]:
    """Each that begins before one that began earlier is over, with that one."""
    found, last = [], None
    for span in sorted(spans, key=attrgetter("starts_at", "id")):
        if last is not None and span.starts_at < last.ends_at:
            found.append((last, span))
        if last is None or span.ends_at > last.ends_at:
            last = span
    return found
