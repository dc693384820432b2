"""What follows when a fact changes: outcomes, the weeks they fall into, verdicts. Pure: the caller loads and saves."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.attendance.domain.calendar import week_end, week_start
from services.attendance.domain.episode import Episode, JudgedBy
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rules import AttendanceRules, WeekRules
from services.attendance.domain.treatment_week import TreatmentWeek
from services.attendance.domain.week import days_in_episode, judge


class RuleBook(Protocol):
    """The rule packs, as the domain needs them. Every method raises ``RuleMissing`` where no pack gives a number."""

    def attendance(self, judged_by: JudgedBy, on: date) -> AttendanceRules:
        """What holds for a session on this local day."""

    def week(self, judged_by: JudgedBy, monday: date) -> WeekRules:
        """What is demanded of the week, by the packs in force on its Monday."""

    def judged_after(self, judged_by: JudgedBy, monday: date) -> timedelta:
        """From the week's end until it is judged."""


WeekOf = Callable[[Episode, date], TreatmentWeek]
"""Loads or begins a week of an episode."""

RecordOf = Callable[[UUID], AttendanceRecord]
"""Loads the record of a booking."""


def settle(
    record: AttendanceRecord, episode: Episode, week_of: WeekOf, book: RuleBook, *, reason: str, at: datetime
) -> None:
    """Works one booking's outcome out again, and its week's verdict where that was judged. Before the admission is
    known there are no rules to go by: the facts wait."""
    if not episode.admitted:
        return
    rules = book.attendance(episode.judged_by, record.seat.local_date)
    outcome = record.settle(
        rules,
        reason,
        at,
        suspended=episode.suspended_at(record.seat.starts_at),
        discharged=episode.discharged_by(record.seat.starts_at),
    )
    if outcome is None:
        return
    week = week_of(episode, week_start(record.seat.local_date))
    week.count(record.id, record.seat, outcome, at)
    episode.note_outcome(record.id, record.seat, outcome, rules.unexcused_no_shows, at)
    judge_again(week, episode, book, at)


def await_outcome(record: AttendanceRecord, episode: Episode, book: RuleBook, at: datetime) -> None:
    """Sets the deadline of a booking once the admission, and so the rules, are known."""
    if episode.admitted:
        record.await_outcome(book.attendance(episode.judged_by, record.seat.local_date), at)


def open_week(episode: Episode, monday: date, book: RuleBook, at: datetime) -> None:
    """Opens a treatment week with the deadline of its judgement."""
    judged_from = week_end(monday, episode.time_zone) + book.judged_after(episode.judged_by, monday)
    episode.open_week(monday, judged_from, at)


def settle_since(
    episode: Episode, since: date, week_of: WeekOf, record_of: RecordOf, book: RuleBook, *, reason: str, at: datetime
) -> None:
    """Works out again every outcome and verdict of the weeks from the local day ``since`` on: a suspension or the
    discharge changed. What has no outcome yet is settled when its grace ends."""
    for monday in sorted(monday for monday in episode.weeks if monday >= week_start(since)):
        week = week_of(episode, monday)
        for booking_id in sorted(week.attended):
            settle(record_of(booking_id), episode, week_of, book, reason=reason, at=at)
        judge_again(week, episode, book, at)


def judge_first(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    """The week's time is over: judges it, and opens the next one unless the episode ended in it. A week that began
    after the discharge is none of the episode's."""
    if not episode.over_before(week.week_start):
        _judge(week, episode, book, at)
    episode.close_week(week.week_start, at)
    open_week(episode, week.week_start + timedelta(days=7), book, at)


def judge_again(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    """Judges a week again that was judged before; nothing happens to one that was not."""
    if week.verdict is not None:
        _judge(week, episode, book, at)


def _judge(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    rules = book.week(episode.judged_by, week.week_start)
    active_days = days_in_episode(week.week_start, episode)
    outside = episode.over_before(week.week_start)
    week.judge(judge(week.attended.values(), active_days, rules, outside=outside), at)
