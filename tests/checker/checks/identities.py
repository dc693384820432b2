"""Who is who: merges and their undoing are told to both, and what a merge took is given back with it.

Source: domain.md, person and identifiers (several hospital numbers; merge and un-merge); conflicts (participant);
enrollment's and scheduling's READMEs, "merged", "un-merged".
"""

from collections import defaultdict

from tests.checker.case import Case
from tests.checker.episodes import ever_one
from tests.checker.finding import Finding
from tests.checker.reading import Event
from tests.checker.timetable import Booking

MERGED, UNMERGED = "enrollment.participants_merged", "enrollment.participants_unmerged"


def told_to_both(case: Case) -> Finding:
    """What is said of a retired id is numbered 1, 2, 3 …, told once under each of the two ids, and in turns: they are
    one person, they are two."""
    finding = Finding("merges and un-merges", "ids merged")
    said: dict[str, dict[int, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in case.told.of(MERGED, UNMERGED):
        said[event.data["retired_id"]][event.data.get("revision", 1)].append(event)
    for retired, by_revision in said.items():
        finding.judged += 1
        every = [event for events in by_revision.values() for event in events]
        finding.compare(f"id {retired}", list(range(1, len(by_revision) + 1)), sorted(by_revision), every)
        before = None
        for revision, events in sorted(by_revision.items()):
            subject = f"revision {revision} of id {retired}"
            both = sorted((retired, events[0].data["surviving_id"]))
            finding.compare(subject, both, sorted(event.key for event in events), events)
            if len({event.type for event in events}) > 1 or (before is None) == ("unmerged" in events[0].type):
                finding.differs(subject, "a merge first, and one thing said", events[0].type, every)
            before = events[0]
    return finding


def merged_seats(case: Case) -> Finding:
    """A seat is freed as merged only where the person, under another id that was one with it by then, held another at
    that time. After the un-merge what is still to come is booked again, naming the old booking, unless its session is
    cancelled or full, the episode has left it, or the participant is elsewhere."""
    finding = Finding("seats freed by merges", "bookings freed")
    unmerged = {event.data["retired_id"]: event for event in case.told.of(UNMERGED)}
    restored = {event.data.get("restores_booking_id") for event in case.told.of("scheduling.booking_made")}
    others = ever_one(case.told)
    for booking in case.timetable.bookings.values():
        if booking.freed is None or booking.freed.data["reason"] != "merged":
            continue
        finding.judged += 1
        from_ = [booking.event, booking.freed]
        if not any(_held_beside(case, booking, other) for other in others[booking.participant_id]):
            finding.differs(f"booking {booking.id}", "held: nothing in its way", "freed as merged", from_)
        apart = [unmerged[one] for one in {booking.participant_id, *others[booking.participant_id]} & unmerged.keys()]
        for event in apart:
            if booking.id not in restored and _is_to_give_back(case, booking, event):
                finding.differs(f"booking {booking.id}", "booked again", "still free", [*from_, event])
    return finding


def _held_beside(case: Case, booking: Booking, other: str) -> bool:
    """Whether the other id held a seat at its time when it was freed."""
    assert booking.freed is not None
    freed_at = booking.freed.at
    return any(
        one.participant_id == other
        and one.starts_at < booking.ends_at
        and booking.starts_at < one.ends_at
        and one.event.at <= freed_at
        and (one.freed is None or one.freed.at >= freed_at)
        for one in case.timetable.bookings.values()
    )


def _is_to_give_back(case: Case, booking: Booking, unmerged: Event) -> bool:
    """Still to come at the un-merge and, as far as the end shows, it could be had."""
    assert booking.freed is not None
    table, session = case.timetable, case.timetable.sessions[booking.session_id]
    episode = case.episodes.get(booking.episode_id)
    if episode is None or session.cancelled or session.starts_at <= unmerged.at or booking.freed.at > unmerged.at:
        return False
    if session.starts_at >= episode.left_at or session.track_id != episode.stay_on(session.day).track_id:
        return False
    if any(one.since <= session.starts_at for one in episode.suspensions.values()):
        return False
    if len(table.live[session.id]) >= session.seats:
        return False
    held = table.held[booking.participant_id].values()
    return not any(one.starts_at < session.ends_at and session.starts_at < one.ends_at for one in held)
