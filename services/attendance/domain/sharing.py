"""The days that episodes of one person share: each week is told what the others bill, and one of them stands. Pure:
the caller loads and saves."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from services.attendance.domain.episode import Episode
from services.attendance.domain.judging import WeekOf
from services.attendance.domain.treatment_week import TreatmentWeek

FindWeek = Callable[[Episode, date], TreatmentWeek | None]
"""Loads a week of an episode; None where it was not begun."""


def goes_first(one: Episode, other: Episode) -> bool:
    """Whether its days stand beside the other's: by admission, and by id where both were admitted at once."""
    if one.stay.admitted_at is None or other.stay.admitted_at is None:
        raise ValueError("an episode without an admission has no days")
    return (one.stay.admitted_at, one.id) < (other.stay.admitted_at, other.id)


def weeks_shared(one: Episode, other: Episode) -> list[date]:
    """The weeks of an episode in which the other has days, too, in order; none before both are admitted."""
    if not (one.stay.admitted and other.stay.admitted):
        return []
    return sorted(monday for monday in one.weeks if _spans_any(other, monday))


def share_days(week: TreatmentWeek, episode: Episode, other: Episode, week_of: WeekOf, at: datetime) -> None:
    """Tells another episode of the person which days of the week this one bills. Told for the first time it is noted
    although there are none: so two decisions about the same days cannot both be made in ignorance of the other."""
    if episode.stay.admitted and other.stay.admitted and _spans_any(other, week.week_start):
        first = goes_first(episode, other)
        week_of(other, week.week_start).note_elsewhere(episode.id, week.billed_alone, first, at)


def part(one: Episode, other: Episode, find_week: FindWeek, at: datetime) -> None:
    """They are not of one person after all: what was given up for the other is had again."""
    for monday in sorted(one.weeks | other.weeks):
        week = find_week(one, monday)
        if week is not None:
            week.forget_elsewhere(other.id, at)


def _spans_any(episode: Episode, monday: date) -> bool:
    return any(episode.stay.spans(monday + timedelta(days=n)) for n in range(7))
