"""What happens to the topics of an episode, as it is stored. ``revision`` counts what was said of a topic, from 1."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from eventsourcing.domain import Aggregate


class Created(Aggregate.Created):
    """The first session with a topic that was attended, or not, was told."""

    TOPIC = "scheduling.episode_topics.begun"
    participant_id: UUID
    episode_id: UUID


class AttendanceNoted(Aggregate.Event):
    """What came of a booking, the topic its session had, and the share of it that was needed then."""

    TOPIC = "scheduling.episode_topics.attendance_noted"
    participant_id: UUID
    booking_id: UUID
    session_id: UUID
    topic: str
    starts_at: datetime
    ends_at: datetime
    status: str
    minutes: int
    completes: bool | None
    percent: Decimal | None


class TopicCompleted(Aggregate.Event):
    """By this session; said again where another session, that ended earlier, turns out to have completed it, or the
    one that had did not."""

    TOPIC = "scheduling.episode_topics.topic_completed"
    participant_id: UUID
    episode_id: UUID
    topic: str
    session_id: UUID
    completed_at: datetime
    revision: int


class TopicCompletionReversed(Aggregate.Event):
    """None of its sessions completes it any more."""

    TOPIC = "scheduling.episode_topics.topic_completion_reversed"
    participant_id: UUID
    episode_id: UUID
    topic: str
    revision: int
