"""What happens to the observed doses of an episode, as it is stored."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.medication_review.domain.doses import DoseOrder


class Event(Aggregate.Event):
    TOPIC = "medication_review.dosing.event"
    participant_id: UUID
    episode_id: UUID


class Created(Aggregate.Created):
    TOPIC = "medication_review.dosing.dosing_begun"
    participant_id: UUID
    episode_id: UUID


class DosesOrdered(Event):
    TOPIC = "medication_review.dosing.doses_ordered"
    order: DoseOrder


class OrderEnded(Event):
    """From ``ended_on`` on it holds no more."""

    TOPIC = "medication_review.dosing.order_ended"
    order_id: UUID
    ended_on: date


class DoseRecorded(Event):
    """What came of a day's dose. ``late``: written down after the day, or instead of something else.
    ``override_reason``: why a prescriber gives it although a review was asked for first."""

    TOPIC = "medication_review.dosing.dose_recorded"
    PERSONAL = ("reason", "override_reason")
    order_id: UUID
    medication: str
    on: date
    outcome: str
    late: bool
    reason: str | None
    override_reason: str | None
    recorded_at: datetime


class DoseMissed(Event):
    """The day is over, and the dose was not taken."""

    TOPIC = "medication_review.dosing.dose_missed"
    order_id: UUID
    medication: str
    on: date


class MissReversed(Event):
    """It was taken after all, or was not expected."""

    TOPIC = "medication_review.dosing.miss_reversed"
    on: date


class DosesMissed(Event):
    """So many in a row that a review is asked for. Told again when another is asked for, or fewer, or a dose was taken
    since: then it is not ``under_way``. ``since``: the end of the last of these days."""

    TOPIC = "medication_review.dosing.doses_missed"
    order_id: UUID
    medication: str
    first_on: date
    last_on: date
    count: int
    since: datetime
    under_way: bool


class DosesMissedReversed(Event):
    """Those that began on that day are not so many any more."""

    TOPIC = "medication_review.dosing.doses_missed_reversed"
    first_on: date


class DayAwaited(Event):
    """The day whose end comes next and may make a missed dose; none where no dose is expected."""

    TOPIC = "medication_review.dosing.day_awaited"
    on: date | None
    ends_at: datetime | None
