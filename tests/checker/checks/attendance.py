"""Outcomes: every booking whose time is over has one, told for the first time once, and no outcome is of no booking.

Source: domain.md, statuses of attendance; program practice for the grace; named rule outcome_at_grace.
"""

from collections import defaultdict
from datetime import timedelta

from tests.checker.case import Case
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome
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


def minutes_attended(case: Case) -> Finding:
    """However somebody came in, by the desk, the kiosk or a call: no more minutes than the session had, those in the
    call among them, and it was attended by call where all of them were; who was not there has none.

    Source: domain.md, statuses and minutes; telehealth, modality is recorded per attendance."""
    finding = Finding("minutes attended", "outcomes")
    for outcome in case.outcomes.values():
        booking = case.timetable.bookings.get(outcome.booking_id)
        if booking is None:
            continue
        finding.judged += 1
        lasts = int((booking.ends_at - booking.starts_at).total_seconds()) // 60
        wrong = _wrong(outcome, lasts)
        if wrong is not None:
            told = f"{outcome.status}, {outcome.minutes} minutes, {outcome.telehealth_minutes} in the call"
            finding.differs(f"booking {outcome.booking_id}", wrong, told, [booking.event, outcome.event])
    return finding


def _wrong(outcome: Outcome, lasts: int) -> str | None:
    """What it should have been; None where it may be so."""
    if not 0 <= outcome.telehealth_minutes <= outcome.minutes <= lasts:
        return f"at most {lasts} minutes, those in the call among them"
    if outcome.attended and not outcome.minutes:
        return "minutes"
    by_call = outcome.event.data["modality"] == "telehealth"
    if outcome.minutes and by_call != (outcome.telehealth_minutes == outcome.minutes):
        return "by call where every minute was in the call"
    return None
