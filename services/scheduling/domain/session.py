"""One occurrence of a series and its seats."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.errors import BookingUnknown, SessionCancelled, SessionHasPassed, SessionIsFull
from services.scheduling.domain.identity import booking_id, session_id
from services.scheduling.domain.recurrence import Occurrence
from services.scheduling.domain.series import Series


class Session(Aggregate):
    """Where and when it takes place, who leads it, who holds its seats. The seats are the claim that keeps capacity."""

    TOPIC = "scheduling.session"

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

    class SeatTaken(Aggregate.Event):
        TOPIC = "scheduling.session.seat_taken"
        booking_id: UUID
        participant_id: UUID
        episode_id: UUID

    class SeatFreed(Aggregate.Event):
        TOPIC = "scheduling.session.seat_freed"
        booking_id: UUID
        participant_id: UUID

    class SessionCancelled(Aggregate.Event):
        TOPIC = "scheduling.session.cancelled"
        KEY: ClassVar[str] = "originator_id"
        reason: str

    @event(Created)
    def __init__(
        self,
        *,
        series_id: UUID,
        track_id: UUID,
        component: str,
        title: str,
        modality: str,
        starts_at: datetime,
        ends_at: datetime,
        local_date: date,
        time_zone: str,
        seats_min: int,
        seats: int,
        facilitators: tuple[UUID, ...],
        room_id: UUID | None,
        room: str | None,
        prescriber_led: bool,
    ) -> None:
        self.series_id = series_id
        self.track_id = track_id
        self.component = component
        self.title = title
        self.modality = modality
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.local_date = local_date
        self.time_zone = time_zone
        self.seats_min = seats_min
        self.seats = seats
        self.facilitators = tuple(facilitators)
        self.room_id = room_id
        self.room = room
        self.prescriber_led = prescriber_led
        self.cancelled = False
        self.taken: dict[UUID, UUID] = {}
        self.bookings_of: dict[UUID, int] = {}

    @classmethod
    def schedule(cls, series: Series, occurrence: Occurrence, *, prescriber_led: bool, at: datetime) -> "Session":
        """The series' meeting on one local day. ``prescriber_led``: whether somebody who may prescribe leads it."""
        return cls._create(
            cls.Created,
            id=session_id(series.id, occurrence.local_date),
            timestamp=at,
            series_id=series.id,
            track_id=series.track_id,
            component=series.component,
            title=series.title,
            modality=series.modality,
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
            local_date=occurrence.local_date,
            time_zone=series.recurrence.time_zone,
            seats_min=series.seats_min,
            seats=series.seats,
            facilitators=series.facilitators,
            room_id=series.room_id,
            room=series.room,
            prescriber_led=prescriber_led,
        )

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    def can_be_had(self, at: datetime) -> bool:
        """Whether it has yet to begin and has a free seat."""
        return not self.cancelled and at < self.starts_at and len(self.taken) < self.seats

    def check_open(self, at: datetime) -> None:
        """Raises ``SessionCancelled`` or ``SessionHasPassed``."""
        if self.cancelled:
            raise SessionCancelled("the program cancelled this session; choose another")
        if at >= self.ends_at:
            raise SessionHasPassed("the session is over; choose a coming one")

    def check_seat(self) -> None:
        """Raises ``SessionIsFull``."""
        if len(self.taken) >= self.seats:
            raise SessionIsFull(f"all {self.seats} seat(s) are taken; choose another session")

    def take_seat(self, participant_id: UUID, episode_id: UUID, at: datetime) -> UUID:
        """The booking's id. Raises ``SessionCancelled``, ``SessionHasPassed`` or ``SessionIsFull``."""
        self.check_open(at)
        self.check_seat()
        booking = booking_id(self.id, episode_id, self.bookings_of.get(episode_id, 0) + 1)
        self.trigger_event(
            self.SeatTaken, timestamp=at, booking_id=booking, participant_id=participant_id, episode_id=episode_id
        )
        return booking

    def episode_of(self, booking_id: UUID) -> UUID:
        """Whose seat. Raises ``BookingUnknown`` where the booking is not, or no longer, of this session."""
        try:
            return self.taken[booking_id]
        except KeyError:
            raise BookingUnknown("the session has no such booking that still holds; look at its roster") from None

    def free_seat(self, booking_id: UUID, participant_id: UUID, at: datetime) -> None:
        """Raises ``BookingUnknown``."""
        self.episode_of(booking_id)
        self.trigger_event(self.SeatFreed, timestamp=at, booking_id=booking_id, participant_id=participant_id)

    def cancel(self, reason: str, at: datetime) -> None:
        """Raises ``SessionHasPassed`` once it is over; cancelling again changes nothing."""
        if self.cancelled:
            return
        self.check_open(at)
        self.trigger_event(self.SessionCancelled, timestamp=at, reason=reason)

    @event(SeatTaken)
    def _seat_taken(self, booking_id: UUID, episode_id: UUID) -> None:
        self.taken[booking_id] = episode_id
        self.bookings_of[episode_id] = self.bookings_of.get(episode_id, 0) + 1

    @event(SeatFreed)
    def _seat_freed(self, booking_id: UUID) -> None:
        del self.taken[booking_id]

    @event(SessionCancelled)
    def _session_cancelled(self) -> None:
        self.cancelled = True
