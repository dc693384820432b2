"""What came of one booking: a pure function of the facts and the rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.attendance.domain.rules import AttendanceRules
from services.attendance.domain.visits import Presence, Visit, came_at, left_at, presence


@dataclass(frozen=True)
class Outcome:
    """A status of attendance and the minutes attended; ``telehealth_minutes`` of them in the call only."""

    status: str
    minutes: int
    telehealth_minutes: int = 0


@dataclass(frozen=True)
class Facts:
    """All that is known about one booking when its outcome is asked for."""

    starts_at: datetime
    ends_at: datetime
    visits: tuple[Visit, ...]
    grace_ended: bool
    freed: str | None = None
    """Why the booking was given back, None while it stands."""
    notice: timedelta | None = None
    excused: bool = False
    corrected_to: str | None = None
    suspended: bool = False
    discharged: bool = False


def outcome(facts: Facts, rules: AttendanceRules) -> Outcome | None:
    """The outcome, or None while it is open. What staff corrected comes first, then attendance (the rule
    ``attendance_beats_cancellation``), then why nobody came."""
    if facts.corrected_to is not None:
        return Outcome(facts.corrected_to, 0)
    if facts.visits:
        return _attended(facts, rules) if _visit_is_over(facts, rules) else None
    if facts.excused:
        return Outcome("excused", 0)
    if facts.freed is not None:
        return Outcome(_freed_status(facts, rules), 0)
    if not facts.grace_ended:
        return None
    return Outcome(_absence_status(facts), 0)


def minutes_attended(facts: Facts, rules: AttendanceRules) -> Presence:
    """Whole minutes within the session's time, of all visits together. Overlaps count once."""
    open_until = facts.ends_at if rules.open_visit_counts == "until_session_end" else None
    return presence(facts.visits, facts.starts_at, facts.ends_at, open_until=open_until)


def _visit_is_over(facts: Facts, rules: AttendanceRules) -> bool:
    """Who is still in, or left so early that they may come back, is waited for until the grace ends (the rule
    ``outcome_at_grace``)."""
    last = left_at(facts.visits)
    return facts.grace_ended or (last is not None and last >= facts.ends_at - rules.left_early_before)


def _attended(facts: Facts, rules: AttendanceRules) -> Outcome:
    counted = minutes_attended(facts, rules)
    return Outcome(_attended_status(facts, rules), counted.minutes, counted.telehealth_minutes)


def _attended_status(facts: Facts, rules: AttendanceRules) -> str:
    """By the rules ``late_counts_as_no_show`` and ``late_before_left_early``."""
    late_by = came_at(facts.visits) - facts.starts_at
    limit = rules.late_counts_as_no_show_after
    if limit is not None and late_by >= limit:
        return "no_show"
    if late_by > rules.late_after:
        return "late"
    left = left_at(facts.visits)
    if left is not None and left < facts.ends_at - rules.left_early_before:
        return "left_early"
    return "present"


def _freed_status(facts: Facts, rules: AttendanceRules) -> str:
    """Only who gave the seat up needs notice (the rule ``notice_excuses``); whatever else freed it was not the
    participant's doing."""
    if facts.freed == "suspended":
        return "excused"
    if facts.freed != "participant":
        return "cancelled_by_program"
    if facts.suspended:
        return "excused"
    if facts.discharged:
        return "cancelled_by_program"
    return "excused" if facts.notice is not None and facts.notice >= rules.notice_excuses else "no_show"


def _absence_status(facts: Facts) -> str:
    """By the rules ``suspension_excuses`` and ``freed_by_discharge``."""
    if facts.suspended:
        return "excused"
    return "cancelled_by_program" if facts.discharged else "no_show"
