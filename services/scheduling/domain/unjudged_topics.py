"""Whose attended topics wait for a track to be told, and with it for the rule packs that judge them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.identity import unjudged_topics_id


class UnjudgedTopics(Aggregate):
    """Episodes that attended sessions of a track before it was told. What of theirs waits, they know themselves."""

    TOPIC = "scheduling.unjudged_topics"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.unjudged_topics.opened"
        KEY: ClassVar[str] = "track_id"
        track_id: UUID
        episode_id: UUID

    class EpisodeNoted(Aggregate.Event):
        TOPIC = "scheduling.unjudged_topics.episode_noted"
        KEY: ClassVar[str] = "track_id"
        track_id: UUID
        episode_id: UUID

    @event(Created)
    def __init__(self, track_id: UUID, episode_id: UUID) -> None:
        self.track_id = track_id
        self.episodes: tuple[UUID, ...] = (episode_id,)

    @classmethod
    def open(cls, track_id: UUID, episode_id: UUID, at: datetime) -> "UnjudgedTopics":
        return cls._create(
            cls.Created, id=unjudged_topics_id(track_id), timestamp=at, track_id=track_id, episode_id=episode_id
        )

    def note(self, episode_id: UUID, at: datetime) -> None:
        """Nothing happens where it is known."""
        if episode_id not in self.episodes:
            self.trigger_event(self.EpisodeNoted, timestamp=at, track_id=self.track_id, episode_id=episode_id)

    @event(EpisodeNoted)
    def _episode_noted(self, episode_id: UUID) -> None:
        self.episodes = (*self.episodes, episode_id)
