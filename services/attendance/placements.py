"""Which packs judge an episode, as the views show it; the same as ``Stay.judged_by_on`` and ``judged_by_in``."""

from datetime import date, timedelta

from events.follow.reading import Snapshot
from services.attendance.domain.episode_facts import JudgedBy
from services.attendance.projections.weekly_hours import PLACEMENTS


def judged_by_on(snapshot: Snapshot, episode_id: str, day: date) -> JudgedBy:
    """The packs that judge a local day; nobody's before the admission is known."""
    return _between(snapshot, episode_id, day, day)


def judged_by_in(snapshot: Snapshot, episode_id: str, monday: date) -> JudgedBy:
    """The packs that judge a week: those of all tracks in it together."""
    return _between(snapshot, episode_id, monday, monday + timedelta(days=6))


def _between(snapshot: Snapshot, episode_id: str, first: date, last: date) -> JudgedBy:
    rows = snapshot.many(PLACEMENTS, PLACEMENTS.c.episode_id == episode_id, order_by=PLACEMENTS.c.since)
    begun = [row for row in rows if row["since"] <= first]
    later = [row for row in rows if first < row["since"] <= last]
    judged_by = JudgedBy()
    for row in (begun[-1:] + later) or rows[:1]:
        judged_by = judged_by.together_with(JudgedBy(tuple(row["packs"]), row["age_group"]))
    return judged_by
