"""Looks ahead in a week under way: raises, renews or clears its early warning. Pure: the caller loads and saves."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from services.attendance.domain.attended import Expected
from services.attendance.domain.calendar import local_midnight
from services.attendance.domain.demand import demanded
from services.attendance.domain.early_warning import Offer, Within, make_ups, shortfall
from services.attendance.domain.episode import Episode
from services.attendance.domain.rulebook import RuleBook
from services.attendance.domain.treatment_week import TreatmentWeek

OffersOf = Callable[[UUID, date], tuple[Sequence[Offer], int]]
"""Track and Monday → the week's sessions, and the position up to which that is known."""


def look_ahead(week: TreatmentWeek, episode: Episode, book: RuleBook, offers_of: OffersOf, at: datetime) -> None:
    """By the rule ``early_warning``: nothing happens before the pack's time for warnings, or after the week."""
    if not episode.is_looked_ahead(week.week_start, at):
        return
    rules = book.week(episode.stay.judged_by_in(week.week_start), week.week_start)
    booked = still_to_come(week, episode)
    demand = demanded(week.week_start, episode, rules)
    lacking = shortfall(week.attended.values(), booked, demand, rules)
    if not lacking.stands:
        week.clear_warning(at)
        return
    within = _within(week, episode, at)
    offers, known_at = ((), 0) if within.track_id is None else offers_of(within.track_id, week.week_start)
    found = make_ups(lacking, within, rules, offers, booked, at)
    first = tuple(offer.session_id for offer in found[0]) if found else ()
    week.warn(lacking, first, within, _midnights(week.week_start, episode, at), known_at, at)


def _within(week: TreatmentWeek, episode: Episode, at: datetime) -> Within:
    monday = week.week_start
    days = (monday + timedelta(days=n) for n in range(7))
    return Within(
        episode.stay.placement_on(episode.stay.local_day(at)).track_id,
        tuple(day for day in days if episode.stay.has_day(day)),
        episode.stay.judged_by_in(monday),
    )


def still_to_come(week: TreatmentWeek, episode: Episode) -> list[Expected]:
    """Bookings of the week without an outcome that the episode lets them attend."""
    return [
        one
        for one in week.expected.values()
        if not episode.stay.suspended_at(one.starts_at) and not episode.stay.discharged_by(one.starts_at)
    ]


def _midnights(monday: date, episode: Episode, at: datetime) -> tuple[datetime, ...]:
    zone = episode.stay.zone_on(monday)
    all_of_them = (local_midnight(monday + timedelta(days=n), zone) for n in range(1, 7))
    return tuple(midnight for midnight in all_of_them if midnight > at)
