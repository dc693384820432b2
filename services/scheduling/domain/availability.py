"""When a participant, a facilitator or a room can be had, as somebody stated it, and what lies outside of that."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.available_times import Times, Window
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM, Span
from services.scheduling.domain.errors import (
    ConflictUnknown,
    FacilitatorNotAvailable,
    ParticipantNotAvailable,
    RoomNotAvailable,
    SchedulingRefused,
)
from services.scheduling.domain.identity import availability_id

_REFUSALS: dict[str, tuple[type[SchedulingRefused], str]] = {
    PARTICIPANT: (ParticipantNotAvailable, "the participant is not available then; choose another time"),
    FACILITATOR: (FacilitatorNotAvailable, "the facilitator is not available then; choose another, or another time"),
    ROOM: (RoomNotAvailable, "the room is not available then; choose another, or another time"),
}


class Availability(Aggregate):
    """Guards what is decided by it: a statement, and what takes a facilitator's or a room's time, are written here, so
    that neither misses the other. What takes a participant's time is written to the placement, and so are their
    statements."""

    TOPIC = "scheduling.availability"

    class Created(Aggregate.Created):
        """The first that was stated, or relied on that nothing was."""

        TOPIC = "scheduling.availability.opened"
        KEY: ClassVar[str] = "originator_id"
        kind: str
        resource_id: UUID

    class AvailabilityStated(Aggregate.Event):
        """All of it anew. ``reasons``: a code or none for each window, in their order; null where there is none."""

        TOPIC = "scheduling.availability.stated"
        KEY: ClassVar[str] = "originator_id"
        PERSONAL: ClassVar[tuple[str, ...]] = ("reasons",)
        SUBJECT: ClassVar[str] = "resource_id"
        kind: str
        resource_id: UUID
        time_zone: str
        windows: tuple[Window, ...]
        reasons: Any

    class ReliedOn(Aggregate.Event):
        """Something takes time by what is stated here."""

        TOPIC = "scheduling.availability.relied_on"
        KEY: ClassVar[str] = "originator_id"

    class ConflictNoted(Aggregate.Event):
        """A booking or a session that was there before lies outside; it stays until somebody sees to it."""

        TOPIC = "scheduling.availability.conflict_noted"
        KEY: ClassVar[str] = "originator_id"
        kind: str
        resource_id: UUID
        claim_id: UUID
        session_id: UUID
        episode_id: UUID | None
        starts_at: datetime

    class ConflictEnded(Aggregate.Event):
        """It lies inside by now, or is no more."""

        TOPIC = "scheduling.availability.conflict_ended"
        KEY: ClassVar[str] = "originator_id"
        resource_id: UUID
        claim_id: UUID

    class ConflictSettled(Aggregate.Event):
        """A coordinator has seen to it, and it stays as it is."""

        TOPIC = "scheduling.availability.conflict_settled"
        KEY: ClassVar[str] = "originator_id"
        resource_id: UUID
        claim_id: UUID
        outcome: str

    @event(Created)
    def __init__(self, kind: str, resource_id: UUID) -> None:
        self.kind = kind
        self.resource_id = resource_id
        self.times = Times("UTC")
        self.conflicts: set[UUID] = set()

    @classmethod
    def open(cls, kind: str, resource_id: UUID, at: datetime) -> "Availability":
        return cls._create(
            cls.Created, id=availability_id(kind, resource_id), timestamp=at, kind=kind, resource_id=resource_id
        )

    def state(self, times: Times, reasons: tuple[str | None, ...], at: datetime) -> None:
        """Raises ``UnknownTimeZone`` or ``AvailabilityMalformed``."""
        times.check()
        self.trigger_event(
            self.AvailabilityStated,
            timestamp=at,
            kind=self.kind,
            resource_id=self.resource_id,
            time_zone=times.time_zone,
            windows=times.windows,
            reasons=list(reasons) if any(reasons) else None,
        )

    def check(self, span: Span) -> None:
        """Raises the kind's refusal where the span is not all available. By the rule ``booked_when_available``."""
        if not self.times.allow(span):
            refusal, detail = _REFUSALS[self.kind]
            raise refusal(detail)

    def rely(self, at: datetime) -> None:
        """Of two decisions that rely on it, or one and a statement, one is made again; one event guards a decision."""
        if not self.pending_events:
            self.trigger_event(self.ReliedOn, timestamp=at)

    def note_conflict(
        self, claim_id: UUID, session_id: UUID, episode_id: UUID | None, starts_at: datetime, at: datetime
    ) -> None:
        """Nothing happens where it is known."""
        if claim_id not in self.conflicts:
            self.trigger_event(
                self.ConflictNoted,
                timestamp=at,
                kind=self.kind,
                resource_id=self.resource_id,
                claim_id=claim_id,
                session_id=session_id,
                episode_id=episode_id,
                starts_at=starts_at,
            )

    def end_conflict(self, claim_id: UUID, at: datetime) -> None:
        self.trigger_event(self.ConflictEnded, timestamp=at, resource_id=self.resource_id, claim_id=claim_id)

    def settle_conflict(self, claim_id: UUID, outcome: str, at: datetime) -> None:
        """Raises ``ConflictUnknown``."""
        if claim_id not in self.conflicts:
            raise ConflictUnknown("nothing of the kind lies outside; look at the coordinator's requests")
        self.trigger_event(
            self.ConflictSettled, timestamp=at, resource_id=self.resource_id, claim_id=claim_id, outcome=outcome
        )

    @event(AvailabilityStated)
    def _availability_stated(self, time_zone: str, windows: tuple[Window, ...]) -> None:
        self.times = Times(time_zone, tuple(windows))

    @event(ReliedOn)
    def _relied_on(self) -> None:
        """Nothing changes but the stream."""

    @event(ConflictNoted)
    def _conflict_noted(self, claim_id: UUID) -> None:
        self.conflicts.add(claim_id)

    @event(ConflictEnded)
    def _conflict_ended(self, claim_id: UUID) -> None:
        self.conflicts.discard(claim_id)

    @event(ConflictSettled)
    def _conflict_settled(self, claim_id: UUID) -> None:
        """It is asked about once: it counts as known until it has ended."""
