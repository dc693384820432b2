"""What psychoeducation teaches on a track: topics in an order, some of which need others before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.scheduling.domain.errors import (
    EditionAlreadyAdopted,
    PrerequisiteComesLater,
    TopicRepeated,
    TopicsBelongToPsychoeducation,
    TopicUnknown,
)
from services.scheduling.domain.identity import curriculum_id

PSYCHOEDUCATION = "psychoeducation"


@dataclass(frozen=True)
class Topic:
    """``code`` names the same topic in every edition and on every track; ``requires``: codes of what comes before."""

    code: str
    title: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class TopicRule:
    """What topics belong to."""

    component: str
    source: str

    def check(self, component: str) -> None:
        """Raises ``TopicsBelongToPsychoeducation``."""
        if component != self.component:
            raise TopicsBelongToPsychoeducation(f"{component} has no curriculum; give the topic as free text")


PSYCHOEDUCATION_HAS_THE_CURRICULUM = TopicRule(
    PSYCHOEDUCATION, "program components table (docs: the domain): psychoeducation as a curriculum with topics"
)


def check_topics(topics: tuple[Topic, ...]) -> None:
    """Each code once, and what a topic requires before it, so that the curriculum's order can be taught. Raises
    ``TopicRepeated`` or ``PrerequisiteComesLater``. By the rule ``prerequisites_come_first``."""
    before: set[str] = set()
    for topic in topics:
        if topic.code in before:
            raise TopicRepeated(f"topic {topic.code} stands twice; a topic has one place in the order")
        missing = [code for code in topic.requires if code not in before]
        if missing:
            raise PrerequisiteComesLater(f"topic {topic.code} requires {', '.join(missing)}; put that before it")
        before.add(topic.code)


class Curriculum(Aggregate):
    """One per track, in its present edition."""

    TOPIC = "scheduling.curriculum"

    class Created(Aggregate.Created):
        TOPIC = "scheduling.curriculum.adopted"
        KEY: ClassVar[str] = "track_id"
        track_id: UUID
        edition: str
        topics: tuple[Topic, ...]

    class EditionAdopted(Aggregate.Event):
        """Another edition holds from now on. Sessions keep the topics that they have."""

        TOPIC = "scheduling.curriculum.edition_adopted"
        KEY: ClassVar[str] = "track_id"
        track_id: UUID
        edition: str
        topics: tuple[Topic, ...]

    @event(Created)
    def __init__(self, track_id: UUID, edition: str, topics: tuple[Topic, ...]) -> None:
        self.track_id = track_id
        self.edition = edition
        self.topics = topics
        self.editions = {edition: topics}

    @classmethod
    def adopt(cls, track_id: UUID, edition: str, topics: tuple[Topic, ...], at: datetime) -> "Curriculum":
        """Raises as ``check_topics``."""
        check_topics(topics)
        return cls._create(
            cls.Created,
            id=curriculum_id(track_id),
            timestamp=at,
            track_id=track_id,
            edition=edition,
            topics=topics,
        )

    def adopt_edition(self, edition: str, topics: tuple[Topic, ...], at: datetime) -> None:
        """An edition adopted before may be adopted again as it was. Raises as ``check_topics``, or
        ``EditionAlreadyAdopted``."""
        check_topics(topics)
        if self.editions.get(edition, topics) != topics:
            raise EditionAlreadyAdopted(f"edition {edition} has other topics; give the new ones another edition")
        if edition != self.edition:
            self.trigger_event(
                self.EditionAdopted, timestamp=at, track_id=self.track_id, edition=edition, topics=topics
            )

    def topic(self, code: str) -> Topic:
        """Raises ``TopicUnknown``."""
        for topic in self.topics:
            if topic.code == code:
                return topic
        raise TopicUnknown(f"the track's curriculum has no topic {code}; see GET /scheduling/tracks/ID/curriculum")

    def in_order(self, first: str | None) -> Iterator[Topic]:
        """The topics in the curriculum's order from ``first`` on, again and again. Raises ``TopicUnknown``."""
        start = 0 if first is None else self.topics.index(self.topic(first))
        return islice(cycle(self.topics), start, None)

    @event(EditionAdopted)
    def _edition_adopted(self, edition: str, topics: tuple[Topic, ...]) -> None:
        self.edition = edition
        self.topics = topics
        self.editions[edition] = topics
