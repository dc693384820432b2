"""Weeks and days judged, for the first time and again. Pure: the caller loads and saves."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from services.attendance.domain.billable_day import judge_day
from services.attendance.domain.calendar import local_midnight, week_end, week_start
from services.attendance.domain.demand import demanded
from services.attendance.domain.episode import Episode
from services.attendance.domain.rulebook import RuleBook
from services.attendance.domain.treatment_week import TreatmentWeek
from services.attendance.domain.week import judge, served_in

WeekOf = Callable[[Episode, date], TreatmentWeek]
"""Loads or begins a week of an episode."""

WEEK = timedelta(days=7)


def open_week(episode: Episode, monday: date, book: RuleBook, at: datetime) -> None:
    """Opens a treatment week with the times of its first look ahead, its end and its judgement."""
    judged_by, zone = episode.stay.judged_by_in(monday), episode.stay.zone_on(monday)
    begins, ends = local_midnight(monday, zone), week_end(monday, zone)
    warned_from = max(begins, episode.stay.admitted_at or begins) + book.warned_after(judged_by, monday)
    episode.open_week(monday, warned_from, ends, ends + book.judged_after(judged_by, monday), at)


def end_week(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    """The week's time is over, though late entries may come: nothing can be made up any more, and the next one
    begins."""
    week.clear_warning(at)
    open_week(episode, week.week_start + WEEK, book, at)


def judge_first(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    """The week's time is over: judges it, and opens the next one unless the episode ended in it. A week that began
    after the discharge is none of the episode's."""
    if not episode.stay.over_before(week.week_start):
        _judge(week, episode, book, at)
    episode.close_week(week.week_start, at)
    end_week(week, episode, book, at)


def judge_again(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    """Judges a week again that was judged before; nothing happens to one that was not."""
    if week.verdict is not None:
        _judge(week, episode, book, at)


def judge_days(week: TreatmentWeek, days: Iterable[date], episode: Episode, book: RuleBook, at: datetime) -> None:
    """Judges local days of the week whose bookings all have their outcomes; the others wait."""
    for day in sorted(set(days)):
        if week.settled(day):
            rules = book.day(episode.stay.judged_by_on(day), day)
            week.determine_day(day, judge_day(day, week.attended_on(day), episode, rules), at)


def judge_after_gap(changed: Iterable[date], episode: Episode, week_of: WeekOf, book: RuleBook, at: datetime) -> None:
    """Days of service came or went: judges again what the gaps reach that they end or open, up to the next day of
    service."""
    for day in sorted(changed):
        later = next((served for served in episode.service_days if served > day), None)
        last = max(episode.weeks) if later is None else week_start(later)
        for monday in sorted(monday for monday in episode.weeks if week_start(day) <= monday <= last):
            week = week_of(episode, monday)
            if later is not None and monday == last and later in week.days:
                judge_days(week, [later], episode, book, at)
            judge_again(week, episode, book, at)


def _judge(week: TreatmentWeek, episode: Episode, book: RuleBook, at: datetime) -> None:
    rules = book.week(episode.stay.judged_by_in(week.week_start), week.week_start)
    demand = demanded(week.week_start, episode, rules)
    week.judge(judge(week.attended.values(), demand, rules, served_in(week.week_start, episode)), at)
