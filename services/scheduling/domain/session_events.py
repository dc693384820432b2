"""What happens to a session, as it is stored. ``sequence`` counts the changes (RFC 5545 §3.8.7.4, from 0)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate


class Created(Aggregate.Created):
    TOPIC = "scheduling.session.scheduled"
    series_id: UUID
    track_id: UUID
    component: str
    title: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    local_date: date
    time_zone: str
    seats_min: int
    seats: int
    facilitators: tuple[UUID, ...]
    room_id: UUID | None
    room: str | None
    prescriber_led: bool
    override_reason: str | None = None
    override_role: str | None = None


class SeatTaken(Aggregate.Event):
    TOPIC = "scheduling.session.seat_taken"
    booking_id: UUID
    participant_id: UUID
    episode_id: UUID


class SeatFreed(Aggregate.Event):
    TOPIC = "scheduling.session.seat_freed"
    booking_id: UUID
    participant_id: UUID


class SessionMoved(Aggregate.Event):
    """It takes place at another time. ``overridden``: bookings moved although their participants are elsewhere then,
    for the reason and by the role given."""

    TOPIC = "scheduling.session.moved"
    KEY: ClassVar[str] = "originator_id"
    starts_at: datetime
    ends_at: datetime
    local_date: date
    overridden: tuple[UUID, ...]
    override_reason: str | None
    override_role: str | None
    sequence: int


class FacilitatorSubstituted(Aggregate.Event):
    TOPIC = "scheduling.session.facilitator_substituted"
    KEY: ClassVar[str] = "originator_id"
    leaving: UUID
    coming: UUID
    facilitators: tuple[UUID, ...]
    sequence: int
    override_reason: str | None = None
    override_role: str | None = None


class FacilitatorsAssigned(Aggregate.Event):
    """Its series is led by others from that day on."""

    TOPIC = "scheduling.session.facilitators_assigned"
    KEY: ClassVar[str] = "originator_id"
    facilitators: tuple[UUID, ...]
    sequence: int
    override_reason: str | None = None
    override_role: str | None = None


class SessionAltered(Aggregate.Event):
    """Where and how it takes place, for how many and on what: all of it as it is now."""

    TOPIC = "scheduling.session.altered"
    KEY: ClassVar[str] = "originator_id"
    modality: str
    room_id: UUID | None
    room: str | None
    seats: int
    topic: str | None
    sequence: int
    topic_code: str | None = None
    override_reason: str | None = None
    override_role: str | None = None


class SubstituteSettled(Aggregate.Event):
    """Its facilitator lost the qualification for it, and a coordinator saw to that in another way."""

    TOPIC = "scheduling.session.substitute_settled"
    KEY: ClassVar[str] = "originator_id"
    facilitator_id: UUID
    outcome: str


class SessionCancelled(Aggregate.Event):
    """``closure_id``: the closure that it fell on."""

    TOPIC = "scheduling.session.cancelled"
    KEY: ClassVar[str] = "originator_id"
    reason: str
    closure_id: UUID | None = None


class SessionReinstated(Aggregate.Event):
    """A closure had cancelled it and the days are open again: it takes place after all, as its series is planned now.
    Seats are taken anew."""

    TOPIC = "scheduling.session.reinstated"
    KEY: ClassVar[str] = "originator_id"
    series_id: UUID
    track_id: UUID
    component: str
    title: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    local_date: date
    time_zone: str
    seats_min: int
    seats: int
    facilitators: tuple[UUID, ...]
    room_id: UUID | None
    room: str | None
    prescriber_led: bool
    override_reason: str | None
    override_role: str | None
    sequence: int
