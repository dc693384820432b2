"""What scheduling was told about tracks and people: the little of it that decides commands."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event


class Track(Aggregate):
    """A program line, as enrollment opened it."""

    TOPIC = "scheduling.track"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.track.learned"
        name: str
        time_zone: str
        packs: tuple[str, ...] = ()

    @event(Created)
    def __init__(self, name: str, time_zone: str, packs: tuple[str, ...]) -> None:
        self.name = name
        self.time_zone = time_zone
        self.packs = tuple(packs)

    @classmethod
    def learn(cls, track_id: UUID, name: str, time_zone: str, packs: tuple[str, ...], at: datetime) -> "Track":
        """``packs``: the names of the rule packs that its sessions are held to."""
        return cls._create(cls.Created, id=track_id, timestamp=at, name=name, time_zone=time_zone, packs=packs)


class Person(Aggregate):
    """A participant id, the episodes under it, and the ids that turned out to be the same person."""

    TOPIC = "scheduling.person"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.person.learned"
        KEY: ClassVar[str] = "originator_id"

    class EpisodeLearned(Aggregate.Event):
        TOPIC = "scheduling.person.episode_learned"
        KEY: ClassVar[str] = "originator_id"
        episode_id: UUID

    class MergedInto(Aggregate.Event):
        """This id is an alias from now on."""

        TOPIC = "scheduling.person.merged_into"
        KEY: ClassVar[str] = "originator_id"
        surviving_id: UUID
        revision: int = 1

    class AliasTaken(Aggregate.Event):
        TOPIC = "scheduling.person.alias_taken"
        KEY: ClassVar[str] = "originator_id"
        retired_id: UUID

    class SeparatedFrom(Aggregate.Event):
        """This id stands for itself again, or it was said before the merge was that it does."""

        TOPIC = "scheduling.person.separated_from"
        KEY: ClassVar[str] = "originator_id"
        surviving_id: UUID
        revision: int

    class AliasReleased(Aggregate.Event):
        TOPIC = "scheduling.person.alias_released"
        KEY: ClassVar[str] = "originator_id"
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

    @event(AliasReleased)
    def _alias_released(self, retired_id: UUID) -> None:
        self.aliases = tuple(one for one in self.aliases if one != retired_id)

    @event(AliasTaken)
    def _alias_taken(self, retired_id: UUID) -> None:
        self.aliases = (*self.aliases, retired_id)
