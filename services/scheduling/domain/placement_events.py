"""What happens to a placement, as it is stored. Every event names the participant, whose key orders it."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate


class Created(Aggregate.Created):
    """The first thing heard of the episode, whichever it was."""

    TOPIC = "scheduling.placement.expected"
    participant_id: UUID


class PlacementOpened(Aggregate.Event):
    TOPIC = "scheduling.placement.opened"
    participant_id: UUID
    track_id: UUID
    admitted_at: datetime


class PlacementSuspended(Aggregate.Event):
    TOPIC = "scheduling.placement.suspended"
    participant_id: UUID
    suspension_id: UUID
    suspended_at: datetime
    reason: str


class SuspensionCancelled(Aggregate.Event):
    TOPIC = "scheduling.placement.suspension_cancelled"
    participant_id: UUID
    suspension_id: UUID


class PlacementResumed(Aggregate.Event):
    TOPIC = "scheduling.placement.resumed"
    participant_id: UUID
    suspension_id: UUID
    resumed_at: datetime


class ResumptionCancelled(Aggregate.Event):
    TOPIC = "scheduling.placement.resumption_cancelled"
    participant_id: UUID
    suspension_id: UUID


class PlacementTransferred(Aggregate.Event):
    """The episode goes on in another track; told again with the same ``effective_at``, the last word counts."""

    TOPIC = "scheduling.placement.transferred"
    participant_id: UUID
    from_track_id: UUID
    track_id: UUID
    effective_at: datetime


class PlacementClosed(Aggregate.Event):
    TOPIC = "scheduling.placement.closed"
    participant_id: UUID
    discharged_at: datetime


class PersonMerged(Aggregate.Event):
    """One place at a time holds across both ids from here on."""

    TOPIC = "scheduling.placement.person_merged"
    participant_id: UUID
    surviving_id: UUID
    retired_id: UUID


class PersonSeparated(Aggregate.Event):
    """One place at a time holds for each of the two ids alone again."""

    TOPIC = "scheduling.placement.person_separated"
    participant_id: UUID
    surviving_id: UUID
    retired_id: UUID


class BookingMade(Aggregate.Event):
    TOPIC = "scheduling.placement.booking_made"
    participant_id: UUID
    booking_id: UUID
    session_id: UUID
    series_id: UUID
    track_id: UUID
    component: str
    title: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    local_date: date
    time_zone: str
    room: str | None
    with_prescriber: bool
    restores_booking_id: UUID | None
    kind: str = "regular"
    makes_up_for: UUID | None = None
    override_reason: str | None = None
    override_role: str | None = None


class BookingChanged(Aggregate.Event):
    """Its session was moved or takes place elsewhere: the booking's facts as they are now, all of them."""

    TOPIC = "scheduling.placement.booking_changed"
    participant_id: UUID
    booking_id: UUID
    session_id: UUID
    series_id: UUID
    track_id: UUID
    component: str
    title: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    local_date: date
    time_zone: str
    room: str | None
    with_prescriber: bool
    sequence: int


class BookingCancelled(Aggregate.Event):
    TOPIC = "scheduling.placement.booking_cancelled"
    participant_id: UUID
    booking_id: UUID
    session_id: UUID
    starts_at: datetime
    reason: str
    notice_hours: float | None
    suspension_id: UUID | None


class BookingLost(Aggregate.Event):
    """The suspension was cancelled, but the seat could not be given back."""

    TOPIC = "scheduling.placement.booking_lost"
    participant_id: UUID
    booking_id: UUID
    session_id: UUID
    starts_at: datetime
    why: str


class LossSettled(Aggregate.Event):
    """A coordinator has seen to it otherwise than by booking the same session."""

    TOPIC = "scheduling.placement.loss_settled"
    participant_id: UUID
    booking_id: UUID
    outcome: str


class ReviewAwaited(Aggregate.Event):
    TOPIC = "scheduling.placement.review_awaited"
    participant_id: UUID
    review_id: UUID
    opened_at: datetime
    due_at: datetime


class ReviewRescheduled(Aggregate.Event):
    """It falls due at another time: what sees to it in time is worked out anew, and a coordinator asked anew."""

    TOPIC = "scheduling.placement.review_rescheduled"
    participant_id: UUID
    review_id: UUID
    due_at: datetime


class ReviewBooked(Aggregate.Event):
    """A session with a prescriber sees to the review."""

    TOPIC = "scheduling.placement.review_booked"
    participant_id: UUID
    review_id: UUID
    booking_id: UUID
    seat_taken: bool


class PrescriberRequested(Aggregate.Event):
    """No such session was free: a coordinator has to find one."""

    TOPIC = "scheduling.placement.prescriber_requested"
    participant_id: UUID
    review_id: UUID
    due_at: datetime


class ReviewClosed(Aggregate.Event):
    TOPIC = "scheduling.placement.review_closed"
    participant_id: UUID
    review_id: UUID


class SeatWaitJoined(Aggregate.Event):
    """For a seat in the session, or in any session of the series: one of the two is None."""

    TOPIC = "scheduling.placement.seat_wait_joined"
    participant_id: UUID
    session_id: UUID | None
    series_id: UUID | None
    priority: int


class SeatWaitLeft(Aggregate.Event):
    TOPIC = "scheduling.placement.seat_wait_left"
    participant_id: UUID
    session_id: UUID | None
    series_id: UUID | None
    reason: str


class AvailabilityStated(Aggregate.Event):
    """When the participant is available was stated anew: what was decided by what held before is decided again."""

    TOPIC = "scheduling.placement.availability_stated"
    participant_id: UUID


class TimeCameFree(Aggregate.Event):
    """What the participant waits for may be possible now."""

    TOPIC = "scheduling.placement.time_came_free"
    participant_id: UUID
