"""Closures: where the program, or a track, is closed on a day, no session of that day that was to come takes place.

Source: domain.md, closures and holidays; named rules closed_days, reopening_gives_back.
"""

from collections import defaultdict
from datetime import date

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.reading import Event
from tests.checker.timetable import SCHEDULED, Booking, Session

Day = tuple[str, date]
"""A track and a local day."""


def closed_days(case: Case) -> Finding:
    """A closure that cancelled one session of a track on a day leaves none there: neither one that was there before nor
    one scheduled or moved there since. That the days are open again shows in a session that is scheduled again."""
    finding = Finding("closed days", "days closed")
    sessions = case.timetable.sessions
    of_day: dict[Day, list[Session]] = defaultdict(list)
    for session in sessions.values():
        of_day[_day(session)].append(session)
    for day, closed in _closed(case).items():
        finding.judged += 1
        for session in of_day[day]:
            if not session.cancelled and session.starts_at > closed.at:
                from_ = [closed, session.event]
                finding.differs(f"session {session.id}", f"cancelled: closed on {day[1]}", "takes place", from_)
    return finding


def given_back(case: Case) -> Finding:
    """Where a session takes place after all, whoever had a seat when the closure cancelled it has one again, which
    names the old one: unless it was made up for meanwhile, or was taken for a review, or the seat, the participant or
    the episode cannot be had any more; then a coordinator is asked."""
    finding = Finding("seats of days open again", "bookings freed")
    made = case.told.of("scheduling.booking_made")
    answered = {event.data.get(name) for event in made for name in ("restores_booking_id", "makes_up_for")}
    told_again = _again(case)
    for booking in case.timetable.bookings.values():
        again, freed = told_again.get(booking.session_id), booking.freed
        if freed is None or again is None or freed.data["reason"] != "cancelled_by_program" or freed.at > again.at:
            continue
        finding.judged += 1
        if booking.id not in answered and _can_be_had(case, booking, again):
            finding.differs(f"booking {booking.id}", "booked again", "still free", [booking.event, freed, again])
    return finding


def _again(case: Case) -> dict[str, Event]:
    """Sessions that were told again after a closure had cancelled them."""
    found: dict[str, Event] = {}
    known: set[str] = set()
    for event in case.told.of("scheduling.session_scheduled"):
        if event.data["session_id"] in known:
            found[event.data["session_id"]] = event
        known.add(event.data["session_id"])
    return found


def _can_be_had(case: Case, booking: Booking, again: Event) -> bool:
    """As far as the end shows."""
    table, session = case.timetable, case.timetable.sessions[booking.session_id]
    episode = case.episodes.get(booking.episode_id)
    if episode is None or session.cancelled or session.component == "medication_management":
        return False
    open_then = again.at < session.starts_at < episode.left_at
    if not open_then or session.track_id != episode.stay_on(session.day).track_id:
        return False
    if any(one.since <= session.starts_at for one in episode.suspensions.values()):
        return False
    held = table.held[booking.participant_id].values()
    elsewhere = any(one.starts_at < session.ends_at and session.starts_at < one.ends_at for one in held)
    return not elsewhere and len(table.live[session.id]) < session.seats


def _closed(case: Case) -> dict[Day, Event]:
    """Days that are closed in the end, and a session's cancellation that says so."""
    closed: dict[Day, Event] = {}
    known: set[str] = set()
    for event in case.told.of("scheduling.session_scheduled", "scheduling.session_cancelled"):
        session_id = event.data["session_id"]
        day = _day(case.timetable.sessions[session_id])
        if event.type == SCHEDULED:
            if session_id in known:
                closed.pop(day, None)
            known.add(session_id)
        elif event.data.get("closure_id") is not None:
            closed.setdefault(day, event)
    return closed


def _day(session: Session) -> Day:
    return session.track_id, session.day
