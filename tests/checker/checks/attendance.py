"""Outcomes: every booking whose time is over has one, told for the first time once, and no outcome is of no booking.

Source: domain.md, statuses of attendance; program practice for the grace; named rule outcome_at_grace.
"""

from collections import defaultdict
from datetime import timedelta

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.reading import Event


def outcomes_told(case: Case) -> Finding:
    """When the grace after a session's end is over, what came of each booking has been told."""
    finding = Finding("outcomes", "bookings")
    first: dict[str, list[Event]] = defaultdict(list)
    for event in case.told.of("attendance.attendance_recorded"):
        first[event.data["booking_id"]].append(event)
    for booking in case.timetable.bookings.values():
        episode, told = case.episodes.get(booking.episode_id), first.pop(booking.id, [])
        if episode is None:
            continue  # before the admission is known there are no rules to go by
        minutes = episode.rules_at(booking.starts_at, case.packs).value("absence.no_show_grace_minutes", 0)
        is_over = booking.ends_at + timedelta(minutes=minutes) <= case.told.now
        finding.judged += is_over
        if len(told) > 1 or (is_over and not told):
            finding.differs(f"booking {booking.id}", "one outcome", f"{len(told)}", [booking.event, *told])
    for booking_id, told in first.items():
        finding.differs(f"booking {booking_id}", "a booking", "an outcome of none", told)
    return finding
