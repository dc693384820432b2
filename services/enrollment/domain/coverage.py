"""What payers authorized for an episode of care, and the billable days that consume it. Facts only: ``units`` says what
follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain import coverage_events as events
from services.enrollment.domain.errors import AuthorizationDatesReversed
from services.enrollment.domain.identity import coverage_id
from services.enrollment.domain.units import ACTIVE, EXHAUSTED, RUNNING_LOW, Authorized, cover, state, units_left


@dataclass(frozen=True)
class AuthorizationTold:
    """As the payer says it. ``unit``: whether it counts units or days; each billable day consumes one."""

    number: str
    payer: str
    from_date: date
    through_date: date
    units: int
    unit: str
    days_per_week: int | None
    level_of_care: str | None
    status: str


class Coverage(Aggregate):
    TOPIC = "enrollment.coverage"

    Created = events.Created
    AuthorizationRecorded = events.AuthorizationRecorded
    LevelOfCareNoted = events.LevelOfCareNoted
    BillableDayTold = events.BillableDayTold
    AuthorizationRanLow = events.AuthorizationRanLow
    AuthorizationExhausted = events.AuthorizationExhausted
    UnitsGivenBack = events.UnitsGivenBack
    AuthorizationExpired = events.AuthorizationExpired

    @classmethod
    def begin(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "Coverage":
        return cls._create(
            cls.Created,
            id=coverage_id(episode_id),
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
        )

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.authorized: dict[UUID, Authorized] = {}
        self.days: dict[date, tuple[int, bool]] = {}
        self.levels: dict[date, str] = {}
        self.noted: dict[UUID, str] = {}
        self.expired: dict[UUID, date] = {}

    @property
    def usable_units(self) -> int:
        """Units left in all authorizations that still hold."""
        left = self._left()
        held = (one for one in self.authorized.values() if one.status == ACTIVE)
        return sum(max(left[one.authorization_id], 0) for one in held if not self._is_expired(one))

    def record(
        self,
        authorization_id: UUID,
        told: AuthorizationTold,
        *,
        warn_units: int | None,
        expires_at: datetime,
        at: datetime,
    ) -> None:
        """Raises ``AuthorizationDatesReversed``."""
        if told.through_date < told.from_date:
            raise AuthorizationDatesReversed("an authorization ends on or after the day on which it begins")
        self._trigger(
            self.AuthorizationRecorded,
            at,
            authorization_id=authorization_id,
            number=told.number,
            payer=told.payer,
            from_date=told.from_date,
            through_date=told.through_date,
            units=told.units,
            unit=told.unit,
            days_per_week=told.days_per_week,
            level_of_care=told.level_of_care,
            status=told.status,
            warn_units=warn_units,
            expires_at=expires_at,
            recorded_at=at,
        )
        self._note(at)

    @event(events.AuthorizationRecorded)
    def _recorded(
        self,
        authorization_id: UUID,
        from_date: date,
        through_date: date,
        units: int,
        status: str,
        days_per_week: int | None,
        warn_units: int | None,
        level_of_care: str | None,
    ) -> None:
        self.authorized[authorization_id] = Authorized(
            authorization_id, from_date, through_date, units, status, days_per_week, warn_units, level_of_care
        )

    def follow_levels(self, levels: Mapping[date, str], at: datetime) -> None:
        """What is known of the episode's levels of care, by the day from which each holds; of one day the last."""
        news = {since: level for since, level in levels.items() if self.levels.get(since) != level}
        for since, level in news.items():
            self._trigger(self.LevelOfCareNoted, at, since=since, level_of_care=level)
        if news:
            self._note(at)

    @event(events.LevelOfCareNoted)
    def _level_noted(self, since: date, level_of_care: str) -> None:
        self.levels[since] = level_of_care

    def tell_day(self, day: date, billable: bool, revision: int, at: datetime) -> bool:
        """Whether it was news: a verdict that is not newer than what is known changes nothing."""
        if day in self.days and self.days[day][0] >= revision:
            return False
        self._trigger(self.BillableDayTold, at, date=day, billable=billable, revision=revision)
        self._note(at)
        return True

    @event(events.BillableDayTold)
    def _day_told(self, date: date, billable: bool, revision: int) -> None:
        self.days[date] = (revision, billable)

    def expire(self, authorization_id: UUID, through_date: date, at: datetime) -> bool:
        """Nothing happens where its end was moved, or noted before."""
        one = self.authorized.get(authorization_id)
        if one is None or one.through_date != through_date or self._is_expired(one):
            return False
        self._trigger(self.AuthorizationExpired, at, authorization_id=authorization_id, through_date=through_date)
        return True

    @event(events.AuthorizationExpired)
    def _expired(self, authorization_id: UUID, through_date: date) -> None:
        self.expired[authorization_id] = through_date

    @event(events.AuthorizationRanLow)
    def _ran_low(self, authorization_id: UUID) -> None:
        self.noted[authorization_id] = RUNNING_LOW

    @event(events.AuthorizationExhausted)
    def _exhausted(self, authorization_id: UUID) -> None:
        self.noted[authorization_id] = EXHAUSTED

    @event(events.UnitsGivenBack)
    def _given_back(self, authorization_id: UUID) -> None:
        del self.noted[authorization_id]

    def _note(self, at: datetime) -> None:
        """Says once of each authorization that it runs low, is exhausted, or no longer is."""
        left = self._left()
        for id_, one in self.authorized.items():
            now = state(one, left[id_], expired=False)
            if now in (RUNNING_LOW, EXHAUSTED) and self.noted.get(id_) != now:
                self._trigger(
                    self.AuthorizationRanLow if now == RUNNING_LOW else self.AuthorizationExhausted,
                    at,
                    authorization_id=id_,
                    units=one.units,
                    units_left=left[id_],
                    from_date=one.from_date,
                    through_date=one.through_date,
                )
            elif now not in (RUNNING_LOW, EXHAUSTED) and id_ in self.noted:
                self._trigger(self.UnitsGivenBack, at, authorization_id=id_, units_left=left[id_])

    def _left(self) -> dict[UUID, int]:
        billable = [day for day, (_, billable) in self.days.items() if billable]
        return units_left(self.authorized.values(), cover(self.authorized.values(), billable, self.levels))

    def _is_expired(self, one: Authorized) -> bool:
        return self.expired.get(one.authorization_id) == one.through_date

    def _trigger(self, event_class: type[events.Event], at: datetime, **facts: Any) -> None:
        self.trigger_event(
            event_class, timestamp=at, participant_id=self.participant_id, episode_id=self.episode_id, **facts
        )
