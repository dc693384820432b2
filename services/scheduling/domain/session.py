"""One occurrence of a series and its seats."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain import session_events as events
from services.scheduling.domain.claimed_day import Span
from services.scheduling.domain.errors import (
    BookingUnknown,
    FacilitatorDoesNotLead,
    FacilitatorLeadsAlready,
    SeatsAlreadyTaken,
    SeatsOutOfRange,
    SessionCancelled,
    SessionHasPassed,
    SessionHasStarted,
    SessionIsFull,
)
from services.scheduling.domain.identity import booking_id, session_id
from services.scheduling.domain.override import Override, as_told
from services.scheduling.domain.recurrence import Occurrence
from services.scheduling.domain.series import Series


@dataclass(frozen=True)
class Setting:
    """Where and how a session takes place, for how many and on what."""

    modality: str
    room_id: UUID | None
    room: str | None
    seats: int
    topic: str | None
    topic_code: str | None = None
    """Where the topic is one of the curriculum's."""


class Session(Aggregate):
    """Where and when it takes place, who leads it, who holds its seats. The seats are the claim that keeps capacity."""

    TOPIC = "scheduling.session"

    Created = events.Created
    SeatTaken = events.SeatTaken
    SeatFreed = events.SeatFreed
    SessionMoved = events.SessionMoved
    FacilitatorSubstituted = events.FacilitatorSubstituted
    FacilitatorsAssigned = events.FacilitatorsAssigned
    SessionAltered = events.SessionAltered
    SubstituteSettled = events.SubstituteSettled
    SessionCancelled = events.SessionCancelled
    SessionReinstated = events.SessionReinstated

    @event(events.Created)
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
        self.topic: str | None = None
        self.topic_code: str | None = None
        self.sequence = 0
        self.cancelled = False
        self.closed_by: UUID | None = None
        """The closure that cancelled it."""
        self.held_before: dict[UUID, UUID] = {}
        """The seats that were taken when it was cancelled: booking → episode."""
        self.taken: dict[UUID, UUID] = {}
        self.bookings_of: dict[UUID, int] = {}

    @classmethod
    def schedule(
        cls,
        series: Series,
        occurrence: Occurrence,
        *,
        prescriber_led: bool,
        at: datetime,
        override: Override | None = None,
    ) -> "Session":
        """The series' meeting on one local day. ``prescriber_led``: whether somebody who may prescribe leads it.
        ``override``: of when facilitators and room can be had."""
        return cls._create(
            cls.Created,
            id=session_id(series.id, occurrence.local_date),
            timestamp=at,
            **_as_planned(series, occurrence, prescriber_led, override),
        )

    def reinstate(
        self,
        series: Series,
        occurrence: Occurrence,
        *,
        prescriber_led: bool,
        at: datetime,
        override: Override | None = None,
    ) -> None:
        """What a closure cancelled takes place after all, as it is planned now."""
        self.trigger_event(
            self.SessionReinstated,
            timestamp=at,
            **_as_planned(series, occurrence, prescriber_led, override),
            sequence=self.sequence + 2,  # the cancellation was a change, too
        )

    @property
    def setting(self) -> Setting:
        return Setting(self.modality, self.room_id, self.room, self.seats, self.topic, self.topic_code)

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

    def check_changeable(self, at: datetime) -> None:
        """Past sessions stay what they were. Raises ``SessionCancelled``, ``SessionHasPassed`` or
        ``SessionHasStarted``. By the rule ``past_sessions_stay``."""
        self.check_open(at)
        if at >= self.starts_at:
            raise SessionHasStarted("the session has begun; change a coming one")

    def check_seat(self) -> None:
        """Raises ``SessionIsFull``. By the rule ``seats_are_never_exceeded``."""
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

    def move(
        self, to: Occurrence, at: datetime, overridden: tuple[UUID, ...] = (), override: Override | None = None
    ) -> None:
        """To another time. Raises as ``check_changeable``, or ``SessionHasPassed`` where that time is past."""
        self.check_changeable(at)
        if at >= to.starts_at:
            raise SessionHasPassed("the new time is past; choose a coming one")
        self._change(
            self.SessionMoved,
            at,
            starts_at=to.starts_at,
            ends_at=to.ends_at,
            local_date=to.local_date,
            overridden=overridden,
            **as_told(override),
        )

    def check_substitution(self, leaving: UUID, coming: UUID) -> None:
        """Raises ``FacilitatorDoesNotLead`` or ``FacilitatorLeadsAlready``."""
        self._check_leads(leaving)
        if coming in self.facilitators:
            raise FacilitatorLeadsAlready("the substitute leads the session already; choose another")

    def substitute(self, leaving: UUID, coming: UUID, at: datetime, override: Override | None = None) -> None:
        """``override``: of when the one who comes can be had. Raises as ``check_changeable`` and
        ``check_substitution``."""
        self.check_changeable(at)
        self.check_substitution(leaving, coming)
        leading = tuple(coming if one == leaving else one for one in self.facilitators)
        self._change(
            self.FacilitatorSubstituted,
            at,
            leaving=leaving,
            coming=coming,
            facilitators=leading,
            **as_told(override),
        )

    def assign(self, facilitators: tuple[UUID, ...], at: datetime, override: Override | None = None) -> None:
        """These lead it; ``override``: of when they can be had. Raises as ``check_changeable``; where they do already
        nothing happens."""
        self.check_changeable(at)
        if facilitators != self.facilitators:
            self._change(self.FacilitatorsAssigned, at, facilitators=facilitators, **as_told(override))

    def check_seats(self, seats: int) -> None:
        """Raises ``SeatsOutOfRange`` or ``SeatsAlreadyTaken``."""
        if seats < self.seats_min:
            raise SeatsOutOfRange(f"the session has at least {self.seats_min} seat(s)")
        if seats < len(self.taken):
            raise SeatsAlreadyTaken(f"{len(self.taken)} seats are taken; cancel bookings first, or keep as many")

    def alter(self, to: Setting, at: datetime, override: Override | None = None) -> None:
        """``override``: of when the room can be had. Raises as ``check_changeable`` and ``check_seats``; where it is so
        already nothing happens."""
        self.check_changeable(at)
        self.check_seats(to.seats)
        if to != self.setting:
            self._change(self.SessionAltered, at, **as_told(override), **asdict(to))

    def settle_substitute(self, facilitator_id: UUID, outcome: str, at: datetime) -> None:
        """The one who leads it without the qualification is seen to otherwise. Raises ``FacilitatorDoesNotLead``."""
        self._check_leads(facilitator_id)
        self.trigger_event(self.SubstituteSettled, timestamp=at, facilitator_id=facilitator_id, outcome=outcome)

    def cancel(self, reason: str, at: datetime, closure_id: UUID | None = None) -> None:
        """Raises ``SessionHasPassed`` once it is over; cancelling again changes nothing."""
        if self.cancelled:
            return
        self.check_open(at)
        self.trigger_event(self.SessionCancelled, timestamp=at, reason=reason, closure_id=closure_id)

    def _change(self, event_class: type[Aggregate.Event], at: datetime, **facts: Any) -> None:
        """What others know of it is no longer so (RFC 5545 §3.8.7.4: the sequence grows)."""
        self.trigger_event(event_class, timestamp=at, sequence=self.sequence + 1, **facts)

    def _check_leads(self, facilitator_id: UUID) -> None:
        if facilitator_id not in self.facilitators:
            raise FacilitatorDoesNotLead("the facilitator does not lead the session; look at who does")

    @event(events.SubstituteSettled)
    def _substitute_settled(self) -> None:
        """Nothing that decides changes."""

    @event(events.SeatTaken)
    def _seat_taken(self, booking_id: UUID, episode_id: UUID) -> None:
        self.taken[booking_id] = episode_id
        self.bookings_of[episode_id] = self.bookings_of.get(episode_id, 0) + 1

    @event(events.SeatFreed)
    def _seat_freed(self, booking_id: UUID) -> None:
        del self.taken[booking_id]

    @event(events.SessionMoved)
    def _session_moved(self, starts_at: datetime, ends_at: datetime, local_date: date, sequence: int) -> None:
        self.starts_at, self.ends_at, self.local_date = starts_at, ends_at, local_date
        self.sequence = sequence

    @event(events.FacilitatorSubstituted)
    def _facilitator_substituted(self, facilitators: tuple[UUID, ...], sequence: int) -> None:
        self.facilitators = tuple(facilitators)
        self.sequence = sequence

    @event(events.FacilitatorsAssigned)
    def _facilitators_assigned(self, facilitators: tuple[UUID, ...], sequence: int) -> None:
        self.facilitators = tuple(facilitators)
        self.sequence = sequence

    @event(events.SessionAltered)
    def _session_altered(
        self,
        *,
        modality: str,
        room_id: UUID | None,
        room: str | None,
        seats: int,
        topic: str | None,
        topic_code: str | None,
        sequence: int,
    ) -> None:
        self.modality, self.room_id, self.room = modality, room_id, room
        self.seats, self.topic, self.topic_code = seats, topic, topic_code
        self.sequence = sequence

    @event(events.SessionCancelled)
    def _session_cancelled(self, closure_id: UUID | None) -> None:
        self.cancelled = True
        self.closed_by = closure_id
        self.held_before = dict(self.taken)

    @event(events.SessionReinstated)
    def _session_reinstated(
        self,
        *,
        modality: str,
        starts_at: datetime,
        ends_at: datetime,
        local_date: date,
        seats: int,
        facilitators: tuple[UUID, ...],
        room_id: UUID | None,
        room: str | None,
        prescriber_led: bool,
        sequence: int,
    ) -> None:
        self.modality, self.room_id, self.room, self.seats = modality, room_id, room, seats
        self.starts_at, self.ends_at, self.local_date = starts_at, ends_at, local_date
        self.facilitators = tuple(facilitators)
        self.prescriber_led = prescriber_led
        self.sequence = sequence
        self.cancelled, self.closed_by = False, None
        self.held_before = {}


def _as_planned(
    series: Series, occurrence: Occurrence, prescriber_led: bool, override: Override | None
) -> dict[str, Any]:
    plan = series.plan_on(occurrence.local_date)
    return {
        "series_id": series.id,
        "track_id": series.track_id,
        "component": series.component,
        "title": series.title,
        "modality": plan.modality,
        "starts_at": occurrence.starts_at,
        "ends_at": occurrence.ends_at,
        "local_date": occurrence.local_date,
        "time_zone": series.recurrence.time_zone,
        "seats_min": series.seats_min,
        "seats": plan.seats,
        "facilitators": plan.facilitators,
        "room_id": plan.room_id,
        "room": plan.room,
        "prescriber_led": prescriber_led,
        **as_told(override),
    }
