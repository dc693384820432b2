"""What payers authorize for an episode and what counts against it, as it is stored."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate


class Event(Aggregate.Event):
    TOPIC = "enrollment.coverage.event"
    participant_id: UUID
    episode_id: UUID


class Created(Aggregate.Created):
    TOPIC = "enrollment.coverage.begun"
    participant_id: UUID
    episode_id: UUID


class AuthorizationRecorded(Event):
    """The whole authorization; told again with the same id, the last word counts. ``expires_at``: the end of its
    last day where the episode's track is."""

    TOPIC = "enrollment.coverage.authorization_recorded"
    PERSONAL = ("number",)
    authorization_id: UUID
    number: Any
    payer: str
    from_date: date
    through_date: date
    units: int
    unit: str
    days_per_week: int | None
    level_of_care: str | None
    status: str
    warn_units: int | None
    expires_at: datetime
    recorded_at: datetime


class LevelOfCareNoted(Event):
    """From this local day on the episode is at this level of care."""

    TOPIC = "enrollment.coverage.level_of_care_noted"
    since: date
    level_of_care: str


class BillableDayTold(Event):
    """Attendance's verdict on a day; the highest revision counts."""

    TOPIC = "enrollment.coverage.billable_day_told"
    date: date
    billable: bool
    revision: int


class AuthorizationRanLow(Event):
    TOPIC = "enrollment.coverage.authorization_ran_low"
    authorization_id: UUID
    units: int
    units_left: int
    from_date: date
    through_date: date


class AuthorizationExhausted(Event):
    TOPIC = "enrollment.coverage.authorization_exhausted"
    authorization_id: UUID
    units: int
    units_left: int
    from_date: date
    through_date: date


class UnitsGivenBack(Event):
    """It neither runs low nor is exhausted any more: a later verdict, or the payer, gave units back."""

    TOPIC = "enrollment.coverage.units_given_back"
    authorization_id: UUID
    units_left: int


class AuthorizationExpired(Event):
    TOPIC = "enrollment.coverage.authorization_expired"
    authorization_id: UUID
    through_date: date
