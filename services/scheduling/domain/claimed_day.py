"""What a facilitator, a room or a participant is taken for on one day: nobody is in two places at one time."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.errors import (
    FacilitatorAlreadyBooked,
    ParticipantAlreadyBooked,
    RoomAlreadyBooked,
    SchedulingRefused,
)
from services.scheduling.domain.identity import claimed_day_id

FACILITATOR, ROOM, PARTICIPANT = "facilitator", "room", "participant"

_REFUSALS: dict[str, tuple[type[SchedulingRefused], str]] = {
    FACILITATOR: (FacilitatorAlreadyBooked, "the facilitator leads another session at that time; choose another"),
    ROOM: (RoomAlreadyBooked, "the room is taken at that time; choose another room or time"),
    PARTICIPANT: (ParticipantAlreadyBooked, "the participant is booked at that time; cancel that booking first"),
}


@dataclass(frozen=True)
class Span:
    """From (included) until (not included): sessions that only touch do not overlap."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


class ClaimedDay(Aggregate):
    """The spans taken on one UTC day: by session for facilitators and rooms, by booking for participants."""

    TOPIC = "scheduling.claimed_day"

    class Created(Aggregate.Created):
        """The first claim of the day."""

        TOPIC = "scheduling.claimed_day.day_opened"
        kind: str
        resource_id: UUID
        day: date
        claim_id: UUID
        starts_at: datetime
        ends_at: datetime

    class TimeClaimed(Aggregate.Event):
        TOPIC = "scheduling.claimed_day.time_claimed"
        claim_id: UUID
        starts_at: datetime
        ends_at: datetime

    class TimeReleased(Aggregate.Event):
        TOPIC = "scheduling.claimed_day.time_released"
        claim_id: UUID

    @event(Created)
    def __init__(
        self, *, kind: str, resource_id: UUID, day: date, claim_id: UUID, starts_at: datetime, ends_at: datetime
    ) -> None:
        self.kind = kind
        self.resource_id = resource_id
        self.day = day
        self.claims = {claim_id: Span(starts_at, ends_at)}

    @classmethod
    def open(cls, kind: str, resource_id: UUID, day: date, *, claim_id: UUID, span: Span, at: datetime) -> "ClaimedDay":
        """A day begins with its first claim."""
        return cls._create(
            cls.Created,
            id=claimed_day_id(kind, resource_id, day),
            timestamp=at,
            kind=kind,
            resource_id=resource_id,
            day=day,
            claim_id=claim_id,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
        )

    def check_free(self, span: Span, but_for: UUID | None = None) -> None:
        """Raises the refusal of this kind of resource where the span overlaps one that is taken. ``but_for``: the
        claim that is to move there, which does not stand in its own way. By the rule ``one_place_at_a_time``."""
        if any(span.overlaps(taken) for claim_id, taken in self.claims.items() if claim_id != but_for):
            refusal, detail = _REFUSALS[self.kind]
            raise refusal(detail)

    def claim(self, claim_id: UUID, span: Span, at: datetime) -> None:
        """Takes the time. Raises as ``check_free``."""
        self.check_free(span)
        self.claim_beside(claim_id, span, at)

    def claim_beside(self, claim_id: UUID, span: Span, at: datetime) -> None:
        """Takes the time although another claim overlaps it: a deliberate override."""
        self.trigger_event(
            self.TimeClaimed, timestamp=at, claim_id=claim_id, starts_at=span.starts_at, ends_at=span.ends_at
        )

    def release(self, claim_id: UUID, at: datetime) -> None:
        """Gives the time back; nothing happens where it was not taken."""
        if claim_id in self.claims:
            self.trigger_event(self.TimeReleased, timestamp=at, claim_id=claim_id)

    @event(TimeClaimed)
    def _time_claimed(self, claim_id: UUID, starts_at: datetime, ends_at: datetime) -> None:
        self.claims[claim_id] = Span(starts_at, ends_at)

    @event(TimeReleased)
    def _time_released(self, claim_id: UUID) -> None:
        del self.claims[claim_id]
