"""A recurring group, or a recurring hour: what a program plans once and then meets again and again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain import series_events as events
from services.scheduling.domain.errors import DurationOutOfRange, HorizonTooLong, SeatsOutOfRange, SeriesHasEnded
from services.scheduling.domain.override import Override, as_told
from services.scheduling.domain.recurrence import Occurrence, Recurrence, instant

LONGEST_HORIZON = timedelta(days=400)
"""The most that one command schedules: a year and what a yearly plan needs beyond it."""


@dataclass(frozen=True)
class SeatRule:
    """How many seats the sessions of a component may have; ``most`` is None where only the room limits them."""

    component: str
    least: int
    most: int | None
    source: str

    def check(self, seats: int) -> None:
        """Raises ``SeatsOutOfRange``. By the rule ``one_to_one``."""
        if seats < self.least:
            raise SeatsOutOfRange(f"{self.component} has at least {self.least} seat(s), not {seats} ({self.source})")
        if self.most is not None and seats > self.most:
            raise SeatsOutOfRange(f"{self.component} has at most {self.most} seat(s), not {seats} ({self.source})")


INDIVIDUAL_THERAPY_IS_ONE_TO_ONE = SeatRule(
    "individual_therapy", 1, 1, "program components table (docs: the domain): individual therapy is one to one"
)
SEAT_RULES = {rule.component: rule for rule in (INDIVIDUAL_THERAPY_IS_ONE_TO_ONE,)}
"""Those that hold everywhere; what payers and states say of groups is in the track's rule packs."""


def check_duration(minutes: int) -> None:
    """Raises ``DurationOutOfRange``."""
    if not 5 <= minutes <= 24 * 60:
        raise DurationOutOfRange("a session lasts between 5 minutes and a day")


def check_seats(component: str, seats: int) -> None:
    """Raises ``SeatsOutOfRange`` where the component has a rule that holds everywhere."""
    if component in SEAT_RULES:
        SEAT_RULES[component].check(seats)


@dataclass(frozen=True)
class Plan:
    """How the sessions of a series are held from some day on: local start, minutes, who leads, where, for how many."""

    starts_at: time
    minutes: int
    facilitators: tuple[UUID, ...]
    room_id: UUID | None
    room: str | None
    modality: str
    seats: int


class Series(Aggregate):
    """The plan. Sessions are scheduled from it by command, up to a horizon."""

    TOPIC = "scheduling.series"

    Created = events.Created
    HorizonExtended = events.HorizonExtended
    SeriesChanged = events.SeriesChanged
    SeriesEnded = events.SeriesEnded

    @event(events.Created)
    def __init__(
        self,
        *,
        track_id: UUID,
        component: str,
        title: str,
        rule: str,
        first_date: date,
        local_start: time,
        minutes: int,
        time_zone: str,
        seats_min: int,
        seats: int,
        facilitators: tuple[UUID, ...],
        room_id: UUID | None,
        room: str | None,
        modality: str,
    ) -> None:
        self.track_id = track_id
        self.component = component
        self.title = title
        self.recurrence = Recurrence(rule, first_date, local_start, minutes, time_zone)
        self.seats_min = seats_min
        first = Plan(local_start, minutes, tuple(facilitators), room_id, room, modality, seats)
        self.plans: tuple[tuple[date, Plan], ...] = ((first_date, first),)
        """Each from the day on that stands before it, in order."""
        self.horizon: date | None = None
        self.ended_from: date | None = None
        """The first day of which nothing is planned any more."""

    @classmethod
    def plan(
        cls,
        series_id: UUID,
        *,
        track_id: UUID,
        component: str,
        title: str,
        recurrence: Recurrence,
        seats_min: int,
        seats: int,
        facilitators: tuple[UUID, ...],
        room_id: UUID | None,
        room: str | None,
        modality: str,
        at: datetime,
    ) -> "Series":
        """Raises the recurrence's errors, ``DurationOutOfRange`` or ``SeatsOutOfRange``."""
        recurrence.check()
        check_duration(recurrence.minutes)
        if not 1 <= seats_min <= seats:
            raise SeatsOutOfRange("seats have to be at least the minimum, and the minimum at least 1")
        check_seats(component, seats)
        return cls._create(
            cls.Created,
            id=series_id,
            timestamp=at,
            track_id=track_id,
            component=component,
            title=title,
            rule=recurrence.rule,
            first_date=recurrence.first_date,
            local_start=recurrence.starts_at,
            minutes=recurrence.minutes,
            time_zone=recurrence.time_zone,
            seats_min=seats_min,
            seats=seats,
            facilitators=facilitators,
            room_id=room_id,
            room=room,
            modality=modality,
        )

    def occurrences(self, from_date: date, through: date) -> Iterator[Occurrence]:
        """When it meets between two local days, both included. Raises ``SeriesHasEnded`` or ``HorizonTooLong``."""
        self.check_goes_on(from_date)
        if through - max(from_date, self.recurrence.first_date) > LONGEST_HORIZON:
            raise HorizonTooLong(f"at most {LONGEST_HORIZON.days} days at once; choose an earlier last day")
        return map(self._as_planned, self._meetings(from_date, through))

    def scheduled_from(self, from_date: date) -> list[Occurrence]:
        """When it meets on the days from then on that commands have scheduled."""
        if self.horizon is None:
            return []
        return [self._as_planned(occurrence) for occurrence in self._meetings(from_date, self.horizon)]

    def plan_on(self, day: date) -> Plan:
        """What holds for the session planned for a day; the first plan before it begins."""
        holding = [plan for from_date, plan in self.plans if from_date <= day]
        return holding[-1] if holding else self.plans[0][1]

    def change(self, from_date: date, plan: Plan, at: datetime, override: Override | None = None) -> None:
        """From that day on this plan holds, whatever was planned for later days; ``override``: why although somebody is
        elsewhere or not available. Raises ``SeriesHasEnded``, ``DurationOutOfRange`` or ``SeatsOutOfRange``; where it
        holds already nothing happens."""
        self.check_goes_on(from_date)
        check_duration(plan.minutes)
        check_seats(self.component, plan.seats)
        if plan.seats < self.seats_min:
            raise SeatsOutOfRange(f"the series has at least {self.seats_min} seat(s)")
        if any(other != plan for other in (self.plan_on(from_date), *self._planned_after(from_date))):
            told = asdict(plan)
            self.trigger_event(
                self.SeriesChanged,
                timestamp=at,
                from_date=from_date,
                local_start=told.pop("starts_at"),
                **as_told(override),
                **told,
            )

    def check_goes_on(self, from_date: date) -> None:
        """Raises ``SeriesHasEnded`` where nothing is planned from that day on."""
        if self.ended_from is not None and from_date >= self.ended_from:
            raise SeriesHasEnded(f"the series ended on {self.ended_from}; plan another from then on")

    def end(self, from_date: date, reason: str, sessions: tuple[UUID, ...], at: datetime) -> None:
        """Nothing takes place that is planned for that day or later. Raises ``SeriesHasEnded``."""
        self.check_goes_on(from_date)
        self.trigger_event(self.SeriesEnded, timestamp=at, from_date=from_date, reason=reason, sessions=sessions)

    def _meetings(self, from_date: date, through: date) -> Iterator[Occurrence]:
        last = through if self.ended_from is None else min(through, self.ended_from - timedelta(days=1))
        return self.recurrence.between(from_date, last)

    def _planned_after(self, day: date) -> list[Plan]:
        return [plan for from_date, plan in self.plans if from_date > day]

    def _as_planned(self, occurrence: Occurrence) -> Occurrence:
        """The rule says on which days, the day's plan at what time."""
        plan = self.plan_on(occurrence.local_date)
        starts_at = instant(datetime.combine(occurrence.local_date, plan.starts_at), self.recurrence.time_zone)
        if plan.starts_at == self.recurrence.starts_at:
            starts_at = occurrence.starts_at  # also where a zone skips the day
        return Occurrence(occurrence.local_date, starts_at, starts_at + timedelta(minutes=plan.minutes))

    def next_unscheduled(self) -> date:
        """The first day that no command has scheduled yet."""
        return self.recurrence.first_date if self.horizon is None else self.horizon + timedelta(days=1)

    def extend_horizon(self, from_date: date, through: date, scheduled: int, at: datetime) -> None:
        """Notes what was scheduled. Nothing happens where nothing was and the horizon stays."""
        if scheduled or self.horizon is None or through > self.horizon:
            self.trigger_event(
                self.HorizonExtended, timestamp=at, from_date=from_date, through=through, scheduled=scheduled
            )

    @event(events.SeriesChanged)
    def _series_changed(
        self,
        *,
        from_date: date,
        local_start: time,
        minutes: int,
        facilitators: tuple[UUID, ...],
        room_id: UUID | None,
        room: str | None,
        modality: str,
        seats: int,
    ) -> None:
        plan = Plan(local_start, minutes, tuple(facilitators), room_id, room, modality, seats)
        self.plans = (*(earlier for earlier in self.plans if earlier[0] < from_date), (from_date, plan))

    @event(events.SeriesEnded)
    def _series_ended(self, from_date: date) -> None:
        self.ended_from = from_date

    @event(events.HorizonExtended)
    def _horizon_extended(self, from_date: date, through: date, scheduled: int) -> None:
        self.horizon = through if self.horizon is None else max(self.horizon, through)
