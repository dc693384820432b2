"""Whose medication review waits for a prescriber's session: the episodes of a track, one stream per week."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.identity import request_week_id


class PrescriberRequests(Aggregate):
    """Episodes that found no free session in this week. Which of them still need one, their placements know."""

    TOPIC = "scheduling.prescriber_requests"

    class Created(Aggregate.Created):
        """The first that found none."""

        TOPIC = "scheduling.prescriber_requests.week_opened"
        track_id: UUID
        week: date
        episode_id: UUID

    class EpisodeNoted(Aggregate.Event):
        TOPIC = "scheduling.prescriber_requests.episode_noted"
        episode_id: UUID

    @event(Created)
    def __init__(self, track_id: UUID, week: date, episode_id: UUID) -> None:
        self.track_id = track_id
        self.week = week
        self.episodes: tuple[UUID, ...] = (episode_id,)

    @classmethod
    def open(cls, track_id: UUID, week: date, episode_id: UUID, at: datetime) -> "PrescriberRequests":
        """A week begins with the first episode that waits in it."""
        return cls._create(
            cls.Created,
            id=request_week_id(track_id, week),
            timestamp=at,
            track_id=track_id,
            week=week,
            episode_id=episode_id,
        )

    def note(self, episode_id: UUID, at: datetime) -> None:
        """Adds an episode; nothing happens where it is known."""
        if episode_id not in self.episodes:
            self.trigger_event(self.EpisodeNoted, timestamp=at, episode_id=episode_id)

    @event(EpisodeNoted)
    def _episode_noted(self, episode_id: UUID) -> None:
        self.episodes = (*self.episodes, episode_id)
