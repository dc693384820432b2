"""A small service that tells much and one that hears it, for the benchmarks of transport and projections.

The teller is `medication_review` as far as others can tell: each of its events is published as a
`medication_review.review_opened.v1`. The hearer is `attendance`, with one projection of a row per participant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4, uuid5

from eventsourcing.domain import Aggregate, event
from sqlalchemy import Column, Integer, String, Uuid

from events.contract.registry import published_type
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant
from events.follow.view import view
from events.log.commands import Context, Unit
from events.log.database import Database
from events.log.event import Event
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport.feed import Published
from services.platform.definition import ServiceDefinition
from services.platform.service import TABLES

TELLER, HEARER = "medication_review", "attendance"
OPENED = published_type("medication_review.review_opened.v1").type
PEOPLE = 2_000
_NAMES = UUID("0bb4f0c1-6f4c-5b43-8f5b-5d0cf8d3a001")


def person(number: int) -> UUID:
    return uuid5(_NAMES, str(number % PEOPLE))


class Case(Aggregate):
    TOPIC = "medication_review.case"

    class Created(Aggregate.Created):
        TOPIC = "medication_review.case.created"

    class ReviewOpened(Aggregate.Event):
        TOPIC = "medication_review.case.review_opened"
        participant_id: UUID
        episode_id: UUID
        review_id: UUID
        cause: str
        urgent: bool
        due_at: datetime

    def open_review(self, participant_id: UUID, number: int, at: datetime) -> None:
        self.trigger_event(
            self.ReviewOpened,
            timestamp=at,
            participant_id=participant_id,
            episode_id=uuid5(participant_id, "episode"),
            review_id=uuid5(participant_id, str(number)),
            cause="order_changed",
            urgent=number % 7 == 0,
            due_at=at + timedelta(days=number % 5),
        )

    @event(ReviewOpened)
    def _opened(self, participant_id: UUID) -> None:
        self.last = participant_id


@dataclass(frozen=True)
class OpenReviews:
    first: int
    count: int


def publish(event: Event) -> Iterable[Published]:
    if event.type != Case.ReviewOpened.TOPIC:
        return
    data = event.data
    names = ("participant_id", "episode_id", "review_id", "cause", "urgent", "due_at")
    yield Published(OPENED, data["participant_id"], {"kind": "review", **{name: data[name] for name in names}})


LAST_REVIEW = view(
    "last_review",
    Column("participant_id", Uuid),
    Column("review_id", Uuid, nullable=False),
    Column("cause", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("reviews", Integer, nullable=False),
    Column("urgent", Integer, nullable=False),
    key=("participant_id",),
)


class LastReview(Projection):
    """Every event makes a new version of one row."""

    name = "last_review"
    views = (LAST_REVIEW,)

    @handles(Case.ReviewOpened.TOPIC, OPENED)
    def opened(self, event: Event, rows: Rows) -> None:
        data = event.data
        before = rows.get(LAST_REVIEW, data["participant_id"]) or {"reviews": 0, "urgent": 0}
        rows.put(
            LAST_REVIEW,
            {
                "participant_id": data["participant_id"],
                "review_id": data["review_id"],
                "cause": data["cause"],
                "due_at": data["due_at"],
                "reviews": before["reviews"] + 1,
                "urgent": before["urgent"] + data["urgent"],
            },
        )


class Party:
    """One of the two services with its own log."""

    def __init__(self, url: str, name: str) -> None:
        self._folder = TemporaryDirectory()
        self.database = Database.open(url, name)
        self.vault = Vault.connect(f"sqlite:///{self._folder.name}/keys.sqlite", bytes(32))
        self.log = EventLog(self.database, TypeRegistry(name, [Case] if name == TELLER else []), self.vault, now)

    def fill(self, count: int, at_once: int = 500) -> None:
        for first in range(0, count, at_once):
            open_reviews(self.log, first, min(at_once, count - first))

    def close(self) -> None:
        self.database.close()
        self.vault.close()
        self._folder.cleanup()


def open_reviews(log: EventLog, first: int, count: int) -> int:
    """One command that appends so many events that will be published; the position of the last."""
    at = now()
    context = Context(uuid4(), at, "person:1", frozenset({"prescriber"}), "bench")

    def decide(unit: Unit) -> Mapping[str, Any]:
        case = unit.add(Case._create(Case.Created, id=uuid4(), timestamp=at))
        for number in range(first, first + count):
            case.open_review(person(number), number, at)
        return {}

    return log.execute(OpenReviews(first, count), context, decide).position


def now() -> datetime:
    return datetime.now(UTC)


def migrated(url: str, name: str) -> Party:
    """With its tables; the owner's job."""
    database = Database.open(url, name)
    database.migrate(extra=TABLES)
    database.close()
    return Party(url, name)


def definition(name: str) -> ServiceDefinition:
    """The same two as services that a runner takes. They answer no commands over HTTP."""
    telling = name == TELLER
    return ServiceDefinition(
        name=name,
        aggregates=(Case,) if telling else (),
        shell=_Shell,
        application=lambda runtime: None,
        publish=publish,
        consumes=frozenset() if telling else frozenset({OPENED}),
        projections=() if telling else (LastReview,),
    )


class _Shell:
    """Nothing to ask for."""
