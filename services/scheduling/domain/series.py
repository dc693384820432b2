"""A recurring group, or a recurring hour: what a program plans once and then meets again and again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.errors import DurationOutOfRange, HorizonTooLong, SeatsOutOfRange
from services.scheduling.domain.recurrence import Occurrence, Recurrence

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
        """Raises ``SeatsOutOfRange``."""
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


class Series(Aggregate):
    """The plan. Sessions are scheduled from it by command, up to a horizon."""

    TOPIC = "scheduling.series"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.series.planned"
        track_id: UUID
        component: str
        title: str
        rule: str
        first_date: date
        local_start: time
        minutes: int
        time_zone: str
        seats_min: int
        seats: int
        facilitators: tuple[UUID, ...]
        room_id: UUID | None
        room: str | None
        modality: str

    class HorizonExtended(Aggregate.Event):
        """Sessions are scheduled for the days up to this one."""

        TOPIC = "scheduling.series.horizon_extended"
        from_date: date
        through: date
        scheduled: int

    @event(Created)
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
        self.seats = seats
        self.facilitators = tuple(facilitators)
        self.room_id = room_id
        self.room = room
        self.modality = modality
        self.horizon: date | None = None

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
        """When it meets between two local days, both included. Raises ``HorizonTooLong``."""
        if through - max(from_date, self.recurrence.first_date) > LONGEST_HORIZON:
            raise HorizonTooLong(f"at most {LONGEST_HORIZON.days} days at once; choose an earlier last day")
        return self.recurrence.between(from_date, through)

    def next_unscheduled(self) -> date:
        """The first day that no command has scheduled yet."""
        return self.recurrence.first_date if self.horizon is None else self.horizon + timedelta(days=1)

    def extend_horizon(self, from_date: date, through: date, scheduled: int, at: datetime) -> None:
        """Notes what was scheduled. Nothing happens where nothing was and the horizon stays."""
        if scheduled or self.horizon is None or through > self.horizon:
            self.trigger_event(
                self.HorizonExtended, timestamp=at, from_date=from_date, through=through, scheduled=scheduled
            )

    @event(HorizonExtended)
    def _horizon_extended(self, from_date: date, through: date, scheduled: int) -> None:
        self.horizon = through if self.horizon is None else max(self.horizon, through)
