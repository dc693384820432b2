"""When instruments are due: at the admission, at every review of the plan of care, before the discharge.

A score meets what is due at its occasion, with whichever instrument. How it is scored is ``domain/scoring``'s.
"""

from datetime import date, datetime

from events.log.commands import Unit
from services.enrollment.desk import Desk
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.follow_up import (
    DISCHARGE_INSTRUMENT,
    INSTRUMENT,
    PLAN_REVIEW,
    REVIEW_INSTRUMENT,
    FollowUp,
)
from services.enrollment.domain.instruments import ADMISSION, DISCHARGE, REVIEW
from services.enrollment.domain.plan import local_date
from services.enrollment.dues import falls_due

DUE_AT = {ADMISSION: INSTRUMENT, REVIEW: REVIEW_INSTRUMENT, DISCHARGE: DISCHARGE_INSTRUMENT}
"""The occasion of a score → what it meets."""


def admitted(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp) -> None:
    """The rule ``measured_at_admission``: soon, unless it was done at intake; and with the first review."""
    if not follow_up.measured_on(ADMISSION):
        falls_due(desk, unit, episode, follow_up, INSTRUMENT)
    falls_due(desk, unit, episode, follow_up, REVIEW_INSTRUMENT)


def reviewed(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp) -> None:
    """The rule ``measured_at_every_review``: due with the next review; what this one lacked stays due as it was."""
    if REVIEW_INSTRUMENT not in follow_up.dues:
        falls_due(desk, unit, episode, follow_up, REVIEW_INSTRUMENT)


def discharge_decided(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, decided: bool) -> None:
    """The rule ``measured_before_discharge``: due as soon as a review plans the discharge; not any more where the next
    one does not."""
    if not decided:
        follow_up.withdraw_due(DISCHARGE_INSTRUMENT, unit.context.at)
    elif DISCHARGE_INSTRUMENT not in follow_up.dues and not follow_up.measured_on(DISCHARGE):
        falls_due(desk, unit, episode, follow_up, DISCHARGE_INSTRUMENT)


def measured(desk: Desk, unit: Unit, episode: Episode, follow_up: FollowUp, occasion: str) -> None:
    """What is due at this occasion is done. Where the review that it was due with is over, it falls due anew; another
    instrument of that day belongs to the same review."""
    kind, at = DUE_AT[occasion], unit.context.at
    if kind != REVIEW_INSTRUMENT:
        follow_up.meet_due(kind, at)
    elif kind in follow_up.dues and _day(episode, follow_up.set_at[kind]) != _day(episode, at):
        late = follow_up.dues[kind] < follow_up.dues.get(PLAN_REVIEW, at)
        follow_up.meet_due(kind, at)
        if late:
            falls_due(desk, unit, episode, follow_up, kind)


def _day(episode: Episode, instant: datetime | None) -> date | None:
    return None if instant is None else local_date(instant, episode.plan.time_zone)
