"""A small aggregate with a personal field, to try the log with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate, event

from events.log.commands import Answer, Context, Unit
from events.log.log import EventLog

MASTER_KEY = bytes(range(32))
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Shelf(Aggregate):
    """A shelf with places for so many books, kept by someone whose name is personal."""

    TOPIC = "library.shelf"

    class Created(Aggregate.Created):
        TOPIC = "library.shelf.put_up"
        PERSONAL = ("keeper",)
        SUBJECT = "participant_id"
        participant_id: UUID
        keeper: str
        places: int

    class BookPlaced(Aggregate.Event):
        TOPIC = "library.shelf.book_placed"
        title: str

    def __init__(self, participant_id: UUID, keeper: str, places: int):
        self.participant_id = participant_id
        self.keeper = keeper
        self.places = places
        self.titles: list[str] = []

    @classmethod
    def put_up(cls, shelf: UUID, at: datetime, keeper: str = "Ada Lovelace", places: int = 10_000) -> "Shelf":
        return cls._create(cls.Created, id=shelf, timestamp=at, participant_id=shelf, keeper=keeper, places=places)

    def place(self, title: str, at: datetime) -> None:
        if len(self.titles) >= self.places:
            raise ShelfIsFull(title)
        self.trigger_event(self.BookPlaced, timestamp=at, title=title)

    @event(BookPlaced)
    def _placed(self, title: str) -> None:
        self.titles.append(title)


class ShelfIsFull(Exception):
    pass


@dataclass(frozen=True)
class PutUp:
    shelf: UUID
    places: int = 10_000


@dataclass(frozen=True)
class Place:
    shelf: UUID
    title: str


class Library:
    """The log under test with two commands."""

    def __init__(self, log: EventLog):
        self.log = log

    def context(self, command_id: UUID | None = None, **kwargs: Any) -> Context:
        return Context(command_id or uuid4(), NOW, "ada", frozenset({"keeper"}), "correlation", **kwargs)

    def put_up(self, shelf: UUID, places: int = 10_000, context: Context | None = None) -> Answer:
        def decide(unit: Unit) -> dict[str, Any]:
            unit.add(Shelf.put_up(shelf, unit.context.at, places=places))
            return {"shelf": shelf}

        return self.log.execute(PutUp(shelf, places), context or self.context(), decide)

    def place(self, shelf: UUID, title: str, context: Context | None = None) -> Answer:
        def decide(unit: Unit) -> dict[str, Any]:
            found = unit.get(Shelf, shelf)
            found.place(title, unit.context.at)
            return {"place": len(found.titles)}

        return self.log.execute(Place(shelf, title), context or self.context(), decide)
