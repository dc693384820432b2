"""Absence policies: which steps stand as reached in the end, by which absences; and repeated no-shows.

Source: programs' published policies (domain.md): more than 6 absences in 12 weeks, 3 unexcused, attend at least 5 of
6; named rules absence_steps, suspended_never_counts, late_counts_as_no_show, notice_excuses, suspension_excuses.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.checker.case import Case
from tests.checker.episodes import Episode
from tests.checker.finding import Finding
from tests.checker.outcomes import Outcome
from tests.checker.reading import Event, instant

MISSED = {"no_show": "unexcused", "excused": "excused"}
COUNTED = {
    "absences": frozenset(("excused", "unexcused")),
    "unexcused": frozenset(("unexcused",)),
    "late": frozenset(("late",)),
}
_ONCE = ("in_time", "late", "unexcused", "excused", None)
Steps = dict[tuple[str, str], tuple[str, list[str]]]
"""(Policy, step) → the start of the session that reached it, and the bookings that were counted."""


def steps(case: Case) -> Finding:
    """What stands after everything told: each step that the history reaches, by the first absence that makes as many as
    the policy asks for, with the absences that were counted; and none that it does not."""
    finding = Finding("absence steps", "episodes")
    told: dict[str, dict[tuple[str, str], Event]] = defaultdict(dict)
    for event in case.told.of("attendance.absence_step_reached", "attendance.absence_step_reversed"):
        told[event.data["episode_id"]][event.data["policy"], event.data["step"]] = event
    for episode in case.episodes.values():
        finding.judged += 1
        history = _history(case, episode)
        expected = _reached(case, episode, history)
        for policy, step in sorted(expected.keys() | told[episode.id].keys()):
            last = told[episode.id].get((policy, step))
            stands = None
            if last is not None and "reached" in last.type:
                stands = _utc(last.data["reached_at"]), list(last.data["absences"])
            from_ = [*(one.event for one in history), *([last] if last else ())]
            subject = f"{step} of {policy}, episode {episode.id}"
            finding.compare(subject, expected.get((policy, step)), stands, from_)
    return finding


def repeated_no_shows(case: Case) -> Finding:
    """Unexcused no-shows are told as repeated at each multiple of the pack's number, and taken back when excused."""
    finding = Finding("repeated no-shows", "episodes")
    told: dict[str, list[Event]] = defaultdict(list)
    for event in case.told.of("attendance.no_shows_repeated", "attendance.no_shows_excused"):
        told[event.data["episode_id"]].append(event)
    for episode in case.episodes.values():
        finding.judged += 1
        history = _history(case, episode)
        missed = [one for one in history if _came(one) == "unexcused"]
        number = episode.rules_on(missed[-1].day if missed else episode.first_day, case.packs).value(
            "absence.unexcused_no_shows"
        )
        if not number:
            continue
        standing: list[int] = []
        for event in told[episode.id]:
            if "repeated" in event.type:
                standing.append(event.data["count"])
            else:
                standing = [one for one in standing if one <= event.data["count"]]
        expected = list(range(number, len(missed) + 1, number))
        from_ = [*(one.event for one in missed), *told[episode.id]]
        finding.compare(f"episode {episode.id}", expected, standing, from_)
    return finding


def excused(case: Case) -> Finding:
    """Who gave the seat up with the pack's notice is excused; so is who missed a session that starts in a suspension;
    what starts after the discharge is no absence. But for what staff corrected, and who came all the same."""
    finding = Finding("why nobody came", "bookings")
    for booking in case.timetable.bookings.values():
        outcome, episode = case.outcomes.get(booking.id), case.episodes.get(booking.episode_id)
        if outcome is None or episode is None or outcome.attended or outcome.minutes or outcome.event != outcome.first:
            continue
        status = _status(case, episode, outcome, booking.freed)
        if status is None:
            continue
        finding.judged += 1
        from_ = [*episode.events, booking.event, *([booking.freed] if booking.freed else ()), outcome.event]
        finding.compare(f"booking {booking.id}", status, outcome.status, from_)
    return finding


def _status(case: Case, episode: Episode, outcome: Outcome, freed: Event | None) -> str | None:
    """None where staff may have known better: an excuse given before the session leaves no other trace."""
    rules = episode.rules_on(outcome.day, case.packs)
    if freed is not None and freed.data["reason"] == "suspended":
        return "excused"  # freed for the hospital's sake, and what was freed stays free after it
    if freed is not None and freed.data["reason"] != "participant":
        return "cancelled_by_program"  # nobody missed it, whatever came to cover its time later
    if episode.is_suspended_at(outcome.starts_at):
        return "excused"
    if outcome.starts_at >= episode.left_at:
        return "cancelled_by_program"
    if freed is not None and freed.data["reason"] == "participant":
        notice = freed.data.get("notice_hours")
        enough = notice is not None and notice >= rules.value("absence.notice_hours", 0)
        return "excused" if enough else None
    return None


def _history(case: Case, episode: Episode) -> list[Outcome]:
    """Sessions attended and missed, each once, but those missed while suspended, in order.

    Of several seats at one time all but one were given back, so one counts: attended, else missed without excuse, else
    excused."""
    mine = [one for one in case.outcomes_of.get(episode.id, ()) if _came(one) is not None]
    kept = [one for one in mine if one.status not in MISSED or not episode.is_suspended_at(one.starts_at)]
    once: dict[datetime, Outcome] = {}
    for one in sorted(kept, key=lambda one: (_ONCE.index(_came(one)), one.booking_id)):
        once.setdefault(one.starts_at, one)
    return sorted(once.values(), key=lambda one: (one.starts_at, one.booking_id))


def _came(one: Outcome) -> str | None:
    """How it counts; None where the program cancelled it."""
    if one.attended:
        return "late" if one.status == "late" else "in_time"
    return MISSED.get(one.status)


def _reached(case: Case, episode: Episode, history: list[Outcome]) -> Steps:
    found: Steps = {}
    for number, one in enumerate(history):
        for policy in episode.rules_on(one.day, case.packs).value("absence.policies", ()):
            counts = COUNTED[policy["counts"]]
            if _came(one) not in counts:
                continue
            window = [other for other in _window(policy["window"], history[: number + 1]) if _came(other) in counts]
            for step, least in policy["steps"].items():
                if len(window) >= least:
                    reached = one.starts_at.isoformat(), [other.booking_id for other in window]
                    found.setdefault((policy["name"], step), reached)
    return found


def _window(window: Any, upto: list[Outcome]) -> Iterable[Outcome]:
    """The sessions that a policy looks at, the last of which is the one that is judged."""
    if window == "episode":
        return upto
    if "sessions" in window:
        return upto[-window["sessions"] :]
    first = upto[-1].starts_at - timedelta(weeks=window["weeks"])
    return [one for one in upto if one.starts_at > first]


def _utc(text: str) -> str:
    return instant(text).isoformat()
