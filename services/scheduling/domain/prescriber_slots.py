"""Where a medication review can be seen to: the prescriber-led sessions of a track, one stream per week."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.identity import slot_week_id


class PrescriberSlots(Aggregate):
    """Sessions of one week by their start. Which of them still has a seat, its session knows."""

    TOPIC = "scheduling.prescriber_slots"

    class Created(Aggregate.Created):
        """The first such session of the week."""

        TOPIC = "scheduling.prescriber_slots.week_opened"
        track_id: UUID
        week: date
        session_id: UUID
        starts_at: datetime

    class SlotOffered(Aggregate.Event):
        TOPIC = "scheduling.prescriber_slots.slot_offered"
        session_id: UUID
        starts_at: datetime

    class SlotFreed(Aggregate.Event):
        """Somebody gave a seat in the session back."""

        TOPIC = "scheduling.prescriber_slots.slot_freed"
        session_id: UUID

    class SlotWithdrawn(Aggregate.Event):
        """The session takes place at another time."""

        TOPIC = "scheduling.prescriber_slots.slot_withdrawn"
        session_id: UUID

    @event(Created)
    def __init__(self, track_id: UUID, week: date, session_id: UUID, starts_at: datetime) -> None:
        self.track_id = track_id
        self.week = week
        self.starts = {session_id: starts_at}

    @classmethod
    def open(cls, track_id: UUID, week: date, session_id: UUID, starts_at: datetime, at: datetime) -> "PrescriberSlots":
        """A week begins with its first session."""
        return cls._create(
            cls.Created,
            id=slot_week_id(track_id, week),
            timestamp=at,
            track_id=track_id,
            week=week,
            session_id=session_id,
            starts_at=starts_at,
        )

    def offer(self, session_id: UUID, starts_at: datetime, at: datetime) -> None:
        """Adds a session; nothing happens where it is known."""
        if session_id not in self.starts:
            self.trigger_event(self.SlotOffered, timestamp=at, session_id=session_id, starts_at=starts_at)

    def withdraw(self, session_id: UUID, at: datetime) -> None:
        """Takes a session away; nothing happens where it is not known."""
        if session_id in self.starts:
            self.trigger_event(self.SlotWithdrawn, timestamp=at, session_id=session_id)

    def free(self, session_id: UUID, at: datetime) -> None:
        """Notes that a seat in the session can be had again."""
        self.trigger_event(self.SlotFreed, timestamp=at, session_id=session_id)

    @event(SlotOffered)
    def _slot_offered(self, session_id: UUID, starts_at: datetime) -> None:
        self.starts[session_id] = starts_at

    @event(SlotWithdrawn)
    def _slot_withdrawn(self, session_id: UUID) -> None:
        del self.starts[session_id]
