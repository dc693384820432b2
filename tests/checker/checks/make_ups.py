"""Make-ups and the weeks that they repair: what is made up was missed, once; who is warned cannot reach the minimum.

Source: domain.md, make-up sessions, early warning in mid-week with the make-up sessions that would; named rules
one_make_up_each, early_warning, fewest_make_ups.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import chain

from tests.checker.case import Case
from tests.checker.checks.treatment_weeks import WEEK, Week, midnight, mondays
from tests.checker.episodes import Episode, monday_of
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome, standing
from tests.checker.reading import Event
from tests.checker.timetable import Booking, Session

MOST = 6
"""Make-ups that are suggested together."""

AT_REST = timedelta(hours=1)
"""Scheduling and attendance know of one another by events: what stands, or has begun, for less is not judged."""


def make_ups(case: Case) -> Finding:
    """A make-up names a booking of the same episode in another session, which was over or given back by then, and for
    which no other make-up stood."""
    finding = Finding("make-ups", "make-ups")
    bookings = case.timetable.bookings
    last: dict[str, Booking] = {}
    for booking in bookings.values():
        missed_id = booking.event.data.get("makes_up_for")
        if booking.kind != "make_up" and missed_id is None:
            continue
        finding.judged += 1
        missed, before = bookings.get(missed_id or ""), last.get(missed_id or "")
        wrong = _wrong(booking, missed, before)
        if wrong is not None:
            from_ = [one.event for one in (missed, before, booking) if one is not None]
            finding.differs(f"make-up {booking.id}", "one booking missed, made up once", wrong, from_)
        if missed_id is not None:
            last[missed_id] = booking
    return finding


def _wrong(booking: Booking, missed: Booking | None, before: Booking | None) -> str | None:
    """Why it makes up for nothing."""
    made_at = booking.event.at
    if missed is None:
        return "of no booking"
    if missed.episode_id != booking.episode_id:
        return "of another episode's booking"
    if missed.session_id == booking.session_id:
        return "of the same session"
    if missed.ends_at > made_at and (missed.freed is None or missed.freed.at > made_at):
        return "of a booking that stood"
    if before is not None and (before.freed is None or before.freed.at > made_at):
        return "of a booking made up for already"
    return None


def early_warnings(case: Case) -> Finding:
    """At the end of a week of which everything is known by then, a warning stands with what is missing to the minimum,
    and none where nothing is. When the week is over, none stands any more.

    Weeks that a suspension or a transfer touches, or in which they step down, are left out: what was known of these in
    mid-week nobody else can tell."""
    finding = Finding("early warnings", "weeks")
    told = _warnings(case)
    for episode in case.episodes.values():
        for monday in mondays(episode, case):
            ends_at, week = midnight(monday + WEEK, episode.zone), Week(case, episode, monday)
            events = told.get((episode.id, monday), [])
            subject = f"week {monday} of episode {episode.id}"
            if events and "raised" in events[-1].type:
                finding.differs(subject, "cleared when the week is over", "a warning stands", events[-1:])
            if not _is_plain(week, ends_at):
                continue
            finding.judged += 1
            by_then = [one for one in case.told_of_week[episode.id, monday] if one.at < ends_at]
            outcomes = list(standing(by_then).values())
            in_week = [one for one in events if one.at < ends_at]
            last = in_week[-1] if in_week and "raised" in in_week[-1].type else None
            stands = None if last is None else (last.data["missing_minutes"], last.data["missing_days"])
            from_ = [*(one.event for one in outcomes), *in_week]
            finding.compare(subject, _missing(week, outcomes), stands, from_)
    return finding


def suggestions(case: Case) -> Finding:
    """What is suggested is of the track and the week, still to come, overlaps nothing that they hold, and is enough for
    the minutes that are missing: at most six sessions."""
    finding = Finding("make-ups suggested", "suggestions")
    for event in case.told.of("attendance.early_warning_raised"):
        episode = case.episodes.get(event.data["episode_id"])
        if episode is None or not event.data["make_ups"]:
            continue
        finding.judged += 1
        wrong = _unsuitable(case, episode, event)
        if wrong is not None:
            monday, id_ = event.data["week"], episode.id
            finding.differs(f"week {monday} of episode {id_}", "make-ups that repair it", wrong, [event])
    return finding


def _unsuitable(case: Case, episode: Episode, event: Event) -> str | None:
    monday = date.fromisoformat(event.data["week"])
    rules = episode.rules_of_week(monday, case.packs)
    sessions = [case.timetable.sessions[one] for one in event.data["make_ups"]]
    counted = rules.value("week.counted_components", frozenset())
    minutes = sum(
        int((one.ends_at - one.starts_at).total_seconds()) // 60 for one in sessions if one.component in counted
    )
    if len(sessions) > MOST:
        return f"{len(sessions)} sessions"
    if any(monday_of(one.day) != monday or one.starts_at <= event.at - AT_REST for one in sessions):
        return "a session of another time"
    if any(one.track_id not in {stay.track_id for stay in episode.stays} for one in sessions):
        return "a session of another track"
    if any(_overlap(one, held) for one in sessions for held in _held(case, episode, event.at)):
        return "a session at a time that is taken"
    if minutes < event.data["missing_minutes"]:
        return f"{minutes} minutes"
    return None


def _held(case: Case, episode: Episode, at: datetime) -> list[Session]:
    """What they had a seat in then, where it is known when that takes place: not moved or changed since."""
    mine = [
        one
        for one in case.bookings_of.get(episode.id, ())
        if one.event.at < at - AT_REST and (one.freed is None or one.freed.at > at + AT_REST)
    ]
    sessions = [case.timetable.sessions[one.session_id] for one in mine]
    return [one for one in sessions if one.event.at < at and one.starts_at > at]


def _overlap(one: Session, other: Session) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _is_plain(week: Week, ends_at: datetime) -> bool:
    """Whether what judges it, and what came of its bookings, was known by its end."""
    episode, monday, case = week.episode, week.monday, week.case
    days = [monday + timedelta(days=number) for number in range(7)]
    moved = any(monday <= one.first_day <= days[-1] for one in episode.stays[1:])
    suspended = any(
        one.since < ends_at and (one.until is None or one.until >= midnight(monday, episode.zone))
        for one in episode.suspensions.values()
    )
    if week.days_in_episode != 7 or moved or suspended or week.is_stepping_down:
        return False
    booked = chain.from_iterable(case.bookings_by_day.get((episode.id, day), ()) for day in days)
    return all(one.id in case.outcomes and case.outcomes[one.id].first.at < ends_at for one in booked)


def _missing(week: Week, outcomes: list[Outcome]) -> tuple[int, int] | None:
    """Minutes and days to the minimum; None where there are enough."""
    rules = week.rules
    minutes = sum(one.counts(rules, "week.counted_components") for one in outcomes)
    enough = max(int(rules.value("day.minimum_hours", 0) * 60), 1)
    by_day: dict[date, int] = defaultdict(int)
    for one in outcomes:
        by_day[one.day] += one.counts(rules, "day.counted_components")
    days = sum(counted >= enough for counted in by_day.values())
    missing = (
        max(week.part(rules.value("week.minimum_hours", 0) * 60) - minutes, 0),
        max(week.part(rules.value("week.minimum_days", 0)) - days, 0),
    )
    return missing if any(missing) else None


def _warnings(case: Case) -> dict[tuple[str, date], list[Event]]:
    told: dict[tuple[str, date], list[Event]] = defaultdict(list)
    for event in case.told.of("attendance.early_warning_raised", "attendance.early_warning_cleared"):
        told[event.data["episode_id"], date.fromisoformat(event.data["week"])].append(event)
    return told
