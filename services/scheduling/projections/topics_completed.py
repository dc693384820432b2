"""Who has completed which topic, in which episode, and on which track is an episode?"""

from typing import Any

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

COMPLETIONS = view(
    "topic_completions",
    Column("episode_id", Uuid),
    Column("topic", String),
    Column("participant_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("completed_at", DateTime, nullable=False),
    key=("episode_id", "topic"),
)
EPISODES = view(
    "learning_episodes",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("tracks", Json, nullable=False),
    Column("closed_at", DateTime),
    key=("episode_id",),
    indexes=("participant_id", "closed_at"),
)
"""``tracks``: from when → track."""


class TopicsCompleted(Projection):
    """One row per topic completed in an episode, and one per episode."""

    name = "topics_completed"
    version = 2
    views = (COMPLETIONS, EPISODES)

    @handles("scheduling.episode_topics.topic_completed")
    def completed(self, event: Event, rows: Rows) -> None:
        rows.put(COMPLETIONS, {name: event.data[name] for name in COMPLETIONS.columns if name in event.data})

    @handles("scheduling.episode_topics.topic_completion_reversed")
    def reversed(self, event: Event, rows: Rows) -> None:
        rows.delete(COMPLETIONS, event.data["episode_id"], event.data["topic"])

    @handles("scheduling.placement.opened")
    def opened(self, event: Event, rows: Rows) -> None:
        self._on_track(event, rows, event.data["admitted_at"])

    @handles("scheduling.placement.transferred")
    def transferred(self, event: Event, rows: Rows) -> None:
        self._on_track(event, rows, event.data["effective_at"])

    @handles("scheduling.placement.closed")
    def closed(self, event: Event, rows: Rows) -> None:
        row = self._episode(event, rows)
        rows.put(EPISODES, row | {"closed_at": event.data["discharged_at"]})

    def _on_track(self, event: Event, rows: Rows, since: str) -> None:
        row = self._episode(event, rows)
        rows.put(EPISODES, row | {"tracks": {**row["tracks"], since: event.data["track_id"]}})

    @staticmethod
    def _episode(event: Event, rows: Rows) -> dict[str, Any]:
        """As far as it is known: its discharge may be told before its admission."""
        new = {"episode_id": event.stream, "participant_id": event.data["participant_id"], "tracks": {}}
        return rows.get(EPISODES, event.stream) or new
