"""Whose episodes belong together: what attendance was told of ids that are one person, or two after all."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event


class Person(Aggregate):
    """A participant id: the episodes admitted under it, and the ids that turned out to be the same person."""

    TOPIC = "attendance.person"

    class Event(Aggregate.Event):
        TOPIC = "attendance.person.event"
        KEY: ClassVar[str] = "originator_id"

    class Created(Aggregate.Created):
        TOPIC = "attendance.person.learned"
        KEY: ClassVar[str] = "originator_id"

    class EpisodeLearned(Event):
        TOPIC = "attendance.person.episode_learned"
        episode_id: UUID

    class MergedInto(Event):
        """This id is an alias from now on."""

        TOPIC = "attendance.person.merged_into"
        surviving_id: UUID
        revision: int

    class SeparatedFrom(Event):
        """This id stands for itself again, or it was said before the merge was that it does."""

        TOPIC = "attendance.person.separated_from"
        surviving_id: UUID
        revision: int

    class AliasTaken(Event):
        TOPIC = "attendance.person.alias_taken"
        retired_id: UUID

    class AliasReleased(Event):
        TOPIC = "attendance.person.alias_released"
        retired_id: UUID

    @event(Created)
    def __init__(self) -> None:
        self.episodes: tuple[UUID, ...] = ()
        self.merged_into: UUID | None = None
        self.revision = 0
        """Of the last word about this id as an alias."""
        self.aliases: tuple[UUID, ...] = ()

    @classmethod
    def learn(cls, participant_id: UUID, at: datetime) -> "Person":
        return cls._create(cls.Created, id=participant_id, timestamp=at)

    def learn_episode(self, episode_id: UUID, at: datetime) -> None:
        """Nothing happens twice."""
        if episode_id not in self.episodes:
            self.trigger_event(self.EpisodeLearned, timestamp=at, episode_id=episode_id)

    def merge_into(self, surviving: "Person", revision: int, at: datetime) -> None:
        """Both sides note it, so that either leads to the other. Whoever calls has separated it from anybody else."""
        self.trigger_event(self.MergedInto, timestamp=at, surviving_id=surviving.id, revision=revision)
        if self.id not in surviving.aliases:
            surviving.trigger_event(surviving.AliasTaken, timestamp=at, retired_id=self.id)

    def separate_from(self, surviving: "Person", revision: int, at: datetime) -> None:
        """Both sides note it."""
        self.trigger_event(self.SeparatedFrom, timestamp=at, surviving_id=surviving.id, revision=revision)
        if self.id in surviving.aliases:
            surviving.trigger_event(surviving.AliasReleased, timestamp=at, retired_id=self.id)

    @event(EpisodeLearned)
    def _episode_learned(self, episode_id: UUID) -> None:
        self.episodes = (*self.episodes, episode_id)

    @event(MergedInto)
    def _merged_into(self, surviving_id: UUID, revision: int) -> None:
        self.merged_into = surviving_id
        self.revision = revision

    @event(SeparatedFrom)
    def _separated_from(self, revision: int) -> None:
        self.merged_into = None
        self.revision = revision

    @event(AliasTaken)
    def _alias_taken(self, retired_id: UUID) -> None:
        self.aliases = (*self.aliases, retired_id)

    @event(AliasReleased)
    def _alias_released(self, retired_id: UUID) -> None:
        self.aliases = tuple(one for one in self.aliases if one != retired_id)
