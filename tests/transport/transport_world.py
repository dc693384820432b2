"""A service that tells and services that hear, for the transport's tests: real logs, real feeds, real inboxes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from eventsourcing.domain import Aggregate, event
from sqlalchemy import select

from events.contract.envelope import CloudEvent
from events.follow import tables as follow_tables
from events.log.commands import Context, Unit
from events.log.database import Appended, Database
from events.log.event import Event
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport import marks, tables
from events.transport.feed import FeedFollower, Published
from events.transport.marks import Place
from events.transport.receiver import Receiver
from events.transport.source import PAGE, FeedSource, Heads, LocalFeed
from events.transport.tables import FEED, UNREADABLE

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = UUID("0bb4f0c1-6f4c-5b43-8f5b-5d0cf8d3a001")
OVERDUE = "medication_review.review_overdue.v1"
WITHDRAWN = "medication_review.review_withdrawn.v1"
CONSUMED = frozenset({OVERDUE})


def person(number: int) -> UUID:
    return uuid5(PEOPLE, str(number))


class Teller(Aggregate):
    TOPIC = "medication_review.teller"

    class Created(Aggregate.Created):
        TOPIC = "medication_review.teller.created"

    class Said(Aggregate.Event):
        TOPIC = "medication_review.teller.said"
        participant_id: UUID
        heard: bool

    @classmethod
    def open(cls, teller_id: UUID) -> "Teller":
        return cls._create(cls.Created, id=teller_id, timestamp=NOW)

    def say(self, participant_id: UUID, heard: bool) -> None:
        self.trigger_event(self.Said, participant_id=participant_id, heard=heard, timestamp=NOW)

    @event(Said)
    def _said(self, participant_id: UUID, heard: bool) -> None:
        self.last = participant_id


@dataclass(frozen=True)
class Say:
    people: tuple[UUID, ...]


def publish(event: Event) -> Iterable[Published]:
    """Two types: one that the hearers consume, one that they pass over."""
    if event.type != "medication_review.teller.said":
        return
    who = event.data["participant_id"]
    ids = {"participant_id": who, "episode_id": who, "review_id": who, "kind": "review"}
    if event.data["heard"]:
        yield Published(OVERDUE, who, {**ids, "due_at": NOW})
    else:
        yield Published(WITHDRAWN, who, {**ids, "reason": "discharged"})


class Source:
    """The service medication_review, as far as others can tell."""

    def __init__(self, url: str, keys_url: str, told: Appended | None = None):
        self.database = Database.open(url, "medication_review")
        self.database.migrate(extra=[follow_tables.metadata, tables.metadata])
        self.keys_url = keys_url
        self.open(told)

    def open(self, told: Appended | None = None) -> None:
        """As after a start of the service."""
        vault = Vault.connect(self.keys_url, bytes(32))
        self.log = EventLog(self.database, TypeRegistry("medication_review", [Teller]), vault, lambda: NOW)
        self.feed = FeedFollower(self.database, self.log, publish, told=told)
        self.local = LocalFeed(self.database, self.log.source, lambda: self.log.generation)

    def say(self, *people: int, heard: bool = True) -> None:
        """Decides once per person given, in one command."""
        context = Context(uuid4(), NOW, "person:1", frozenset({"prescriber"}), "conversation")

        def decide(unit: Unit) -> Mapping[str, Any]:
            teller = unit.add(Teller.open(uuid4()))
            for number in people:
                teller.say(person(number), heard)
            return {}

        self.log.execute(Say(tuple(map(person, people))), context, decide)

    def freeze(self) -> None:
        while self.feed.step():
            pass

    def tell(self, *people: int, heard: bool = True) -> None:
        self.say(*people, heard=heard)
        self.freeze()

    def bodies(self) -> list[bytes]:
        """Everything told so far, in order."""
        with self.database.read() as connection:
            return list(connection.scalars(select(FEED.c.body).order_by(FEED.c.place)))

    def consumed(self) -> dict[tuple[int, int], list[UUID]]:
        """Per (generation, partition) the ids that a hearer must end up with, in order."""
        return grouped([CloudEvent.from_bytes(body) for body in self.bodies()])


def grouped(events: Sequence[CloudEvent]) -> dict[tuple[int, int], list[UUID]]:
    found: dict[tuple[int, int], list[UUID]] = {}
    for one in events:
        if one.type in CONSUMED:
            found.setdefault((one.generation, one.partition), []).append(one.id)
    return found


class Hearer:
    """A service that consumes one of the two types."""

    def __init__(self, url: str, keys_url: str, sources: Iterable[FeedSource], name: str = "attendance"):
        self.name = name
        self.database = Database.open(url, name)
        self.database.migrate(extra=[follow_tables.metadata, tables.metadata])
        vault = Vault.connect(keys_url, bytes(32))
        self.log = EventLog(self.database, TypeRegistry(name, []), vault, lambda: NOW)
        self.sources = list(sources)
        self.receiver = self.another_receiver()

    def another_receiver(self, sources: Sequence[FeedSource] = ()) -> Receiver:
        """As another copy of the service, or the same after a restart, has it; with other ``sources`` if given."""
        return Receiver(self.database, self.log, CONSUMED, sources or self.sources, lambda: NOW)

    def known(self, source: str = "/daybook/medication_review") -> dict[tuple[int, int], list[UUID]]:
        """Per (generation, partition) of a source the ids in the log, in its order."""
        found: dict[tuple[int, int], list[UUID]] = {}
        for one in self.log.read(0, 1_000_000):
            if one.origin and one.origin.source == source:
                found.setdefault((one.origin.generation, one.origin.partition), []).append(one.origin.event_id)
        return found

    def marks(self) -> dict[Place, int]:
        with self.database.read() as connection:
            return {place: mark.sequence for place, mark in marks.load(connection).items()}

    def unreadable(self) -> list[tuple[bytes, str]]:
        with self.database.read() as connection:
            return [(row.body, row.reason) for row in connection.execute(select(UNREADABLE))]

    def close(self) -> None:
        self.database.close()


class Echo:
    """A second source, whose feed is the first one's with ids and name of its own."""

    source = "/daybook/enrollment"
    remote = False

    def __init__(self, original: LocalFeed):
        self._original = original

    def heads(self) -> Heads:
        return self._original.heads()

    def read(self, partition: int, after: int, limit: int = PAGE, *, generation: int | None = None) -> list[bytes]:
        return [self.of(body) for body in self._original.read(partition, after, limit, generation=generation)]

    def of(self, body: bytes) -> bytes:
        event_ = CloudEvent.from_bytes(body)
        return replace(event_, source=self.source, id=uuid5(event_.id, "echo")).to_bytes()


class Tampered:
    """A source whose feed gives other bytes for some events, or none. ``change`` gets an event and its bytes."""

    remote = False

    def __init__(self, original: LocalFeed, change: Callable[[CloudEvent, bytes], bytes | None]):
        self.source = original.source
        self.change = change
        self._original = original

    def heads(self) -> Heads:
        return self._original.heads()

    def read(self, partition: int, after: int, limit: int = PAGE, *, generation: int | None = None) -> list[bytes]:
        bodies = self._original.read(partition, after, limit, generation=generation)
        changed = [self.change(CloudEvent.from_bytes(body), body) for body in bodies]
        return [body for body in changed if body is not None]


def sqlite_url(folder: Path, name: str) -> str:
    (folder / name).mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / name / 'log.db'}"
