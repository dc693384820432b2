"""What happens to a treatment week, as it is stored."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.attendance.domain.attended import Attended, Expected
from services.attendance.domain.billable_day import DayVerdict
from services.attendance.domain.early_warning import Shortfall, Within
from services.attendance.domain.week import Verdict


class Event(Aggregate.Event):
    TOPIC = "attendance.treatment_week.event"
    participant_id: UUID
    episode_id: UUID
    week_start: date


class Created(Aggregate.Created):
    TOPIC = "attendance.treatment_week.week_begun"
    participant_id: UUID
    episode_id: UUID
    week_start: date


class BookingExpected(Event):
    """A booking falls into the week and has no outcome yet."""

    TOPIC = "attendance.treatment_week.booking_expected"
    booking_id: UUID
    expected: Expected


class BookingMovedAway(Event):
    """Its session went to another day, of this week or another, or what was counted of it is of another time."""

    TOPIC = "attendance.treatment_week.booking_moved_away"
    booking_id: UUID


class OutcomeCounted(Event):
    """What a booking adds to the week; the last one counts."""

    TOPIC = "attendance.treatment_week.outcome_counted"
    booking_id: UUID
    attended: Attended


class BillableDayDetermined(Event):
    """What a local day of the week amounts to, for the first time or again."""

    TOPIC = "attendance.treatment_week.billable_day_determined"
    day: date
    revision: int
    verdict: DayVerdict


class DaysBilledElsewhere(Event):
    """Days of the week on which another episode of the person has a per diem of its own; the last word counts."""

    TOPIC = "attendance.treatment_week.days_billed_elsewhere"
    other_episode_id: UUID
    days: tuple[date, ...]
    goes_first: bool
    """Whether the other's days stand beside this one's."""


class OtherEpisodeParted(Event):
    """The other episode is somebody else's after all."""

    TOPIC = "attendance.treatment_week.other_episode_parted"
    other_episode_id: UUID


class EarlyWarningRaised(Event):
    """The minimum is out of reach. Told again where what is missing, or what would repair it, changed."""

    TOPIC = "attendance.treatment_week.early_warning_raised"
    shortfall: Shortfall
    make_ups: tuple[UUID, ...]
    within: Within
    looked_again_at: tuple[datetime, ...]
    """When it is looked at again even if nothing changes: sessions pass, seats fill."""
    known_at: int
    """The position up to which the view of sessions knew what is free."""


class EarlyWarningCleared(Event):
    TOPIC = "attendance.treatment_week.early_warning_cleared"


class WeekJudged(Event):
    TOPIC = "attendance.treatment_week.week_judged"
    revision: int
    verdict: Verdict
