"""Who waits for a seat in a session, or in any session of a series, and in which order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.identity import seat_waitlist_id


@dataclass(frozen=True)
class PromotionNotice:
    """Who is promoted hears of it this long before the session; later its free seats are booked by hand."""

    lasts: timedelta
    source: str

    def leaves_time(self, at: datetime, starts_at: datetime) -> bool:
        return at + self.lasts <= starts_at


@dataclass(frozen=True)
class Awaited:
    """A session, or a series: just one of the two."""

    session_id: UUID | None = None
    series_id: UUID | None = None

    @property
    def id(self) -> UUID:
        (found,) = (id_ for id_ in (self.session_id, self.series_id) if id_ is not None)
        return found


@dataclass(frozen=True)
class Wait:
    """A turn: priority 1 before 2, then who has waited longer. ``until``: the start of the last session waited for."""

    episode_id: UUID
    participant_id: UUID
    priority: int
    joined_at: datetime
    until: datetime

    @property
    def turn(self) -> tuple[int, datetime]:
        return self.priority, self.joined_at


class SeatWaitlist(Aggregate):
    """One for each session or series that anybody waits for. Whether somebody can have a seat is not decided here: that
    is asked when there is one, and who cannot have it keeps the turn."""

    TOPIC = "scheduling.seat_waitlist"

    class Created(Aggregate.Created):
        """The first who waits."""

        TOPIC = "scheduling.seat_waitlist.list_opened"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID | None
        series_id: UUID | None
        episode_id: UUID
        participant_id: UUID
        priority: int
        joined_at: datetime
        until: datetime

    class WaitAdded(Aggregate.Event):
        TOPIC = "scheduling.seat_waitlist.wait_added"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID | None
        series_id: UUID | None
        episode_id: UUID
        participant_id: UUID
        priority: int
        joined_at: datetime
        until: datetime

    class WaitEnded(Aggregate.Event):
        TOPIC = "scheduling.seat_waitlist.wait_ended"
        KEY: ClassVar[str] = "originator_id"
        episode_id: UUID

    class SeatOffered(Aggregate.Event):
        """A seat in the session can be had."""

        TOPIC = "scheduling.seat_waitlist.seat_offered"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID

    class SessionRescheduled(Aggregate.Event):
        TOPIC = "scheduling.seat_waitlist.session_rescheduled"
        KEY: ClassVar[str] = "originator_id"
        session_id: UUID
        starts_at: datetime

    @event(Created)
    def __init__(
        self,
        *,
        session_id: UUID | None,
        series_id: UUID | None,
        episode_id: UUID,
        participant_id: UUID,
        priority: int,
        joined_at: datetime,
        until: datetime,
    ) -> None:
        self.awaited = Awaited(session_id, series_id)
        self.waits = {episode_id: Wait(episode_id, participant_id, priority, joined_at, until)}
        """In the order of joining."""

    @classmethod
    def open(cls, awaited: Awaited, wait: Wait) -> "SeatWaitlist":
        """A list begins with the first who waits."""
        return cls._create(
            cls.Created,
            id=seat_waitlist_id(awaited.id),
            timestamp=wait.joined_at,
            session_id=awaited.session_id,
            series_id=awaited.series_id,
            episode_id=wait.episode_id,
            participant_id=wait.participant_id,
            priority=wait.priority,
            joined_at=wait.joined_at,
            until=wait.until,
        )

    def join(self, wait: Wait) -> None:
        """Whose placement waits for nothing of the kind yet."""
        self.trigger_event(
            self.WaitAdded,
            timestamp=wait.joined_at,
            session_id=self.awaited.session_id,
            series_id=self.awaited.series_id,
            episode_id=wait.episode_id,
            participant_id=wait.participant_id,
            priority=wait.priority,
            joined_at=wait.joined_at,
            until=wait.until,
        )

    def leave(self, episode_id: UUID, at: datetime) -> None:
        """Whose placement waits for it."""
        self.trigger_event(self.WaitEnded, timestamp=at, episode_id=episode_id)

    def offer(self, session_id: UUID, at: datetime) -> None:
        """Notes that a seat in the session can be had, where anybody waits."""
        if self.waits:
            self.trigger_event(self.SeatOffered, timestamp=at, session_id=session_id)

    def reschedule(self, session_id: UUID, starts_at: datetime, at: datetime) -> None:
        """The session begins at another time, and until then one can wait for it."""
        self.trigger_event(self.SessionRescheduled, timestamp=at, session_id=session_id, starts_at=starts_at)

    @event(WaitAdded)
    def _wait_added(
        self, episode_id: UUID, participant_id: UUID, priority: int, joined_at: datetime, until: datetime
    ) -> None:
        self.waits[episode_id] = Wait(episode_id, participant_id, priority, joined_at, until)

    @event(SessionRescheduled)
    def _session_rescheduled(self, starts_at: datetime) -> None:
        self.waits = {episode_id: replace(wait, until=starts_at) for episode_id, wait in self.waits.items()}

    @event(WaitEnded)
    def _wait_ended(self, episode_id: UUID) -> None:
        del self.waits[episode_id]
