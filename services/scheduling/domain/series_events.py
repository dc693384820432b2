"""What happens to a series, as it is stored."""

from datetime import date, time
from uuid import UUID

from eventsourcing.domain import Aggregate


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


class SeriesChanged(Aggregate.Event):
    """Sessions planned for this day and later are held otherwise: all of the plan as it is from then on."""

    TOPIC = "scheduling.series.changed"
    from_date: date
    local_start: time
    minutes: int
    facilitators: tuple[UUID, ...]
    room_id: UUID | None
    room: str | None
    modality: str
    seats: int
    override_reason: str | None = None
    override_role: str | None = None


class SeriesEnded(Aggregate.Event):
    """What is planned for this day and later does not take place; ``sessions``: those scheduled and to come."""

    TOPIC = "scheduling.series.ended"
    from_date: date
    reason: str
    sessions: tuple[UUID, ...]
