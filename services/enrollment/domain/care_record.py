"""What holds across all episodes of one participant: aliases, hospital stays, episodes.

A care record exists as soon as anything is known under a participant id, also before the participant is: a merge or a
hospital stay about somebody unknown waits here. Facts stay under the id under which they came; what concerns a person
is read from the records of all their ids together, so that no order of merges and facts makes a difference.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain.errors import EpisodeAlreadyOpen, NotMerged
from services.enrollment.domain.identity import care_record_id
from services.enrollment.domain.stays import HospitalFact


class CareRecord(Aggregate):
    TOPIC = "enrollment.care_record"

    class Event(Aggregate.Event):
        TOPIC = "enrollment.care_record.event"
        participant_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "enrollment.care_record.opened"
        participant_id: UUID

    class HospitalFactRecorded(Event):
        TOPIC = "enrollment.care_record.hospital_fact_recorded"
        hospitalization_id: UUID
        kind: str
        stated_at: datetime
        instant: datetime | None

    class EpisodeBegun(Event):
        TOPIC = "enrollment.care_record.episode_begun"
        episode_id: UUID

    class EpisodeEnded(Event):
        TOPIC = "enrollment.care_record.episode_ended"
        episode_id: UUID

    class MergedIntoSurvivor(Event):
        """This participant id is now an alias."""

        TOPIC = "enrollment.care_record.merged_into_survivor"
        surviving_id: UUID
        revision: int = 1

    class AliasJoined(Event):
        """Another participant id is now an alias of this one."""

        TOPIC = "enrollment.care_record.alias_joined"
        retired_id: UUID
        revision: int = 1

    class SeparatedFromSurvivor(Event):
        """They are two people: this participant id stands for itself again. ``revision``: of what is said about it."""

        TOPIC = "enrollment.care_record.separated_from_survivor"
        surviving_id: UUID
        revision: int
        stated_at: datetime

    class AliasSeparated(Event):
        """Another participant id is no alias of this one any more."""

        TOPIC = "enrollment.care_record.alias_separated"
        retired_id: UUID
        revision: int
        stated_at: datetime

    @classmethod
    def begin(cls, participant_id: UUID, at: datetime) -> "CareRecord":
        return cls._create(cls.Created, id=care_record_id(participant_id), timestamp=at, participant_id=participant_id)

    @event(Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.surviving_id: UUID | None = None
        self.alias_ids: tuple[UUID, ...] = ()
        self.revision = 0
        """How often it was said of this id that it is an alias, or is not: published, so that the last word counts."""
        self.separated: dict[UUID, datetime] = {}
        """Ids that turned out to be somebody else, and when that was stated."""
        self.facts: frozenset[HospitalFact] = frozenset()
        self.episode_ids: tuple[UUID, ...] = ()
        self.open_episode_ids: tuple[UUID, ...] = ()

    def record(self, fact: HospitalFact, at: datetime) -> None:
        """Keeps a fact once, whatever it means."""
        if fact not in self.facts:
            self.trigger_event(
                self.HospitalFactRecorded,
                timestamp=at,
                participant_id=self.participant_id,
                hospitalization_id=fact.hospitalization_id,
                kind=fact.kind,
                stated_at=fact.stated_at,
                instant=fact.instant,
            )

    @event(HospitalFactRecorded)
    def _recorded(self, hospitalization_id: UUID, kind: str, stated_at: datetime, instant: datetime | None) -> None:
        self.facts |= {HospitalFact(hospitalization_id, kind, stated_at, instant)}

    def begin_episode(self, episode_id: UUID, at: datetime) -> None:
        """Raises ``EpisodeAlreadyOpen``: a person has one open episode at a time."""
        if self.open_episode_ids:
            raise EpisodeAlreadyOpen("the participant has an open episode; discharge it first")
        self.trigger_event(self.EpisodeBegun, timestamp=at, participant_id=self.participant_id, episode_id=episode_id)

    @event(EpisodeBegun)
    def _episode_begun(self, episode_id: UUID) -> None:
        self.episode_ids += (episode_id,)
        self.open_episode_ids += (episode_id,)

    def end_episode(self, episode_id: UUID, at: datetime) -> None:
        if episode_id in self.open_episode_ids:
            self.trigger_event(
                self.EpisodeEnded, timestamp=at, participant_id=self.participant_id, episode_id=episode_id
            )

    @event(EpisodeEnded)
    def _episode_ended(self, episode_id: UUID) -> None:
        self.open_episode_ids = tuple(one for one in self.open_episode_ids if one != episode_id)

    def merge_into(self, survivor: "CareRecord", at: datetime) -> None:
        """Makes this id, which is no alias yet, an alias of the survivor's; told under both."""
        revision = self.revision + 1
        self._trigger(self.MergedIntoSurvivor, at, surviving_id=survivor.participant_id, revision=revision)
        survivor._trigger(self.AliasJoined, at, retired_id=self.participant_id, revision=revision)

    @event(MergedIntoSurvivor)
    def _merged(self, surviving_id: UUID, revision: int) -> None:
        self.surviving_id = surviving_id
        self.revision = revision

    @event(AliasJoined)
    def _joined(self, retired_id: UUID) -> None:
        self.alias_ids += (retired_id,)

    def separate_from(self, survivor: "CareRecord", at: datetime) -> None:
        """Undoes the merge into the survivor; what was recorded under each id stays there.

        Raises ``NotMerged``.
        """
        if self.surviving_id != survivor.participant_id:
            of = f"it is an alias of {self.surviving_id}" if self.surviving_id else "it is no alias of anybody"
            raise NotMerged(f"{self.participant_id} was not merged into {survivor.participant_id}: {of}")
        stated = {"revision": self.revision + 1, "stated_at": at}
        self._trigger(self.SeparatedFromSurvivor, at, surviving_id=survivor.participant_id, **stated)
        survivor._trigger(self.AliasSeparated, at, retired_id=self.participant_id, **stated)

    @event(SeparatedFromSurvivor)
    def _separated(self, surviving_id: UUID, revision: int, stated_at: datetime) -> None:
        self.surviving_id = None
        self.revision = revision
        self.separated[surviving_id] = stated_at

    @event(AliasSeparated)
    def _alias_separated(self, retired_id: UUID, stated_at: datetime) -> None:
        self.alias_ids = tuple(one for one in self.alias_ids if one != retired_id)
        self.separated[retired_id] = stated_at

    def is_somebody_else(self, other_id: UUID, stated_at: datetime) -> bool:
        """Whether it was said since, or just then, that the other id is another person: then a merge stated at that
        time is outdated, whenever it arrives."""
        return other_id in self.separated and stated_at <= self.separated[other_id]

    def _trigger(self, event_class: type[Event], at: datetime, **facts: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **facts)
