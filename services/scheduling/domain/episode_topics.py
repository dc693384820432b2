"""Which topics a participant has completed in an episode: by the sessions attended, whatever of them is told first."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain import topic_events as events
from services.scheduling.domain.identity import episode_topics_id

ATTENDED = frozenset({"present", "late", "left_early"})
"""What may come of a booking of somebody who was there (words of the domain: attendance)."""


@dataclass(frozen=True)
class TopicShare:
    """How much of a session has to be attended to have completed its topic; ``source``: who says so."""

    percent: Decimal
    source: str

    def completes(self, status: str, minutes: int, lasts: int) -> bool:
        """``minutes`` of a session that ``lasts`` so many."""
        return status in ATTENDED and minutes * 100 >= self.percent * lasts


@dataclass(frozen=True)
class Attended:
    """What came of one booking. ``completes``: None while the track, and with it the rule, is not known."""

    session_id: UUID
    topic: str
    starts_at: datetime
    ends_at: datetime
    status: str
    minutes: int
    completes: bool | None = None

    def judged(self, share: TopicShare | None) -> "Attended":
        lasts = int((self.ends_at - self.starts_at).total_seconds()) // 60
        verdict = None if share is None else share.completes(self.status, self.minutes, lasts)
        return Attended(**asdict(self) | {"completes": verdict})


class EpisodeTopics(Aggregate):
    """One per episode. A topic is completed by the first of its sessions that completes it, in order of their ends."""

    TOPIC = "scheduling.episode_topics"

    Created = events.Created
    AttendanceNoted = events.AttendanceNoted
    TopicCompleted = events.TopicCompleted
    TopicCompletionReversed = events.TopicCompletionReversed

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.attended: dict[UUID, Attended] = {}
        self.completed: dict[str, tuple[UUID, datetime]] = {}
        self.revisions: dict[str, int] = {}

    @classmethod
    def begin(cls, participant_id: UUID, episode_id: UUID, at: datetime) -> "EpisodeTopics":
        return cls._create(
            cls.Created,
            id=episode_topics_id(episode_id),
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
        )

    def note(self, booking_id: UUID, attended: Attended, share: TopicShare | None, at: datetime) -> None:
        """What came of a booking, for the first time or corrected; completes the topic, or takes that back.
        By the rule ``topic_once_attended``."""
        judged = attended.judged(share)
        before = self.attended.get(booking_id)
        if before == judged:
            return
        self.trigger_event(
            self.AttendanceNoted,
            timestamp=at,
            participant_id=self.participant_id,
            booking_id=booking_id,
            percent=share.percent if share else None,
            **asdict(judged),
        )
        for topic in dict.fromkeys((before.topic if before else judged.topic, judged.topic)):
            self._conclude(topic, at)

    def unjudged(self) -> dict[UUID, Attended]:
        """Bookings whose rule is not known yet."""
        return {booking_id: one for booking_id, one in self.attended.items() if one.completes is None}

    def _conclude(self, topic: str, at: datetime) -> None:
        found = [one for one in self.attended.values() if one.topic == topic and one.completes]
        first = min(((one.ends_at, one.session_id) for one in found), default=None)
        told = {
            "participant_id": self.participant_id,
            "episode_id": self.episode_id,
            "topic": topic,
            "revision": self.revisions.get(topic, 0) + 1,
        }
        if first is None:
            if topic in self.completed:
                self.trigger_event(self.TopicCompletionReversed, timestamp=at, **told)
        elif self.completed.get(topic) != (first[1], first[0]):
            self.trigger_event(self.TopicCompleted, timestamp=at, session_id=first[1], completed_at=first[0], **told)

    @event(events.AttendanceNoted)
    def _attendance_noted(
        self,
        *,
        booking_id: UUID,
        session_id: UUID,
        topic: str,
        starts_at: datetime,
        ends_at: datetime,
        status: str,
        minutes: int,
        completes: bool | None,
    ) -> None:
        self.attended[booking_id] = Attended(session_id, topic, starts_at, ends_at, status, minutes, completes)

    @event(events.TopicCompleted)
    def _topic_completed(self, topic: str, session_id: UUID, completed_at: datetime, revision: int) -> None:
        self.completed[topic] = (session_id, completed_at)
        self.revisions[topic] = revision

    @event(events.TopicCompletionReversed)
    def _topic_completion_reversed(self, topic: str, revision: int) -> None:
        del self.completed[topic]
        self.revisions[topic] = revision
