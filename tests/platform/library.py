"""A tiny service to try the platform with: a lending library. Books are lent by the copy; a lent book is due back.

Two definitions: ``books()`` publishes, ``readers()`` receives. The published types are borrowed from enrollment's
contract, since the contract of Daybook has no library.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, AggregateCreated, event
from marshmallow import fields, validate
from sqlalchemy import Column, Integer, String

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.commands import Answer, Context, Unit
from events.log.event import Event
from events.transport.feed import Published
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.problem import Problem, Refused
from services.platform.web import CommandSchema, ParamsSchema, Query, Raw, command, query

logger = logging.getLogger(__name__)


class OutOfCopies(Exception):
    """All copies are lent."""

    code = "OutOfCopies"
    detail = "all copies of this book are lent; wait for one to come back"


class Book(Aggregate):
    TOPIC = "enrollment.book"

    class Created(AggregateCreated):
        TOPIC = "enrollment.book.bought"
        title: str
        copies: int

    class Lent(Aggregate.Event):
        TOPIC = "enrollment.book.lent"
        to: str

    @event(Created)
    def __init__(self, title: str, copies: int) -> None:
        self.title = title
        self.copies = copies
        self.lent = 0

    def lend(self, to: str, at: datetime) -> None:
        if self.lent >= self.copies:
            raise OutOfCopies
        self.trigger_event(self.Lent, timestamp=at, to=to)

    @event(Lent)
    def _lent(self, to: str) -> None:
        self.lent += 1


@dataclass(frozen=True)
class BuyBook:
    book_id: UUID
    title: str
    copies: int


@dataclass(frozen=True)
class LendBook:
    book_id: UUID
    to: str


class BuyBookSchema(CommandSchema):
    makes = BuyBook
    book_id = fields.UUID(required=True)
    title = fields.String(required=True, validate=validate.Length(min=1, max=200))
    copies = fields.Integer(required=True, validate=validate.Range(min=1), metadata={"description": "How many"})


class LendBookSchema(CommandSchema):
    makes = LendBook
    book_id = fields.UUID(required=True)
    to = fields.String(required=True)


class ShelfParams(ParamsSchema):
    at_least = fields.Integer(load_default=0)


class Shelf(Projection):
    name = "shelf"
    BOOKS = view(
        "shelf_book", Column("book_id", String), Column("title", String), Column("free", Integer), key=("book_id",)
    )
    views = (BOOKS,)

    @handles("enrollment.book.bought")
    def bought(self, event: Event, rows: Rows) -> None:
        rows.put(self.BOOKS, {"book_id": str(event.stream), "title": event.data["title"], "free": event.data["copies"]})

    @handles("enrollment.book.lent")
    def lent(self, event: Event, rows: Rows) -> None:
        if event.data["to"] == "nobody":
            raise ValueError("nobody is no reader")
        row = rows.get(self.BOOKS, str(event.stream))
        assert row is not None
        rows.put(self.BOOKS, {**row, "free": row["free"] - 1})


class Library:
    def __init__(self, runtime: Runtime) -> None:
        self._log = runtime.log
        self._reader = runtime.reader

    def buy(self, command: BuyBook, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            unit.add(
                Book._create(
                    Book.Created, id=command.book_id, timestamp=context.at, title=command.title, copies=command.copies
                )
            )
            return {"book_id": command.book_id}

        return self._log.execute(command, context, decide)

    def lend(self, command: LendBook, context: Context) -> Answer:
        def decide(unit: Unit) -> Mapping[str, Any]:
            if command.to == "trouble":
                raise RuntimeError("secret value of a person")
            if command.to == "sleepyhead":
                logger.warning("asleep")
                time.sleep(3600)
            unit.get(Book, command.book_id).lend(command.to, context.at)
            return {"to_whom": context.actor}

        return self._log.execute(command, context, decide)

    def shelf(self, request: Query) -> Mapping[str, Any]:
        snapshot = self._reader.at([Shelf.name], as_of=request.as_of, after=request.after)
        found = snapshot.many(Shelf.BOOKS, Shelf.BOOKS.table.c.free >= request["at_least"])
        return {"books": [dict(row) for row in found], "position": snapshot.position}

    def book(self, request: Query) -> Mapping[str, Any]:
        snapshot = self._reader.at([Shelf.name], as_of=request.as_of, after=request.after)
        row = snapshot.one(Shelf.BOOKS, str(request["book_id"]))
        return {"book": dict(row) if row else None, "position": snapshot.stamp}


class LibraryService:
    """Lends books."""

    name = "enrollment"
    application: Library

    @command("POST", "/enrollment/books/<uuid:book_id>", BuyBookSchema, roles={"coordinator"})
    def buy(self, command: BuyBook, context: Context) -> Answer:
        """Buy a book."""
        return self.application.buy(command, context)

    @command(
        "POST",
        "/enrollment/books/<uuid:book_id>/loans",
        LendBookSchema,
        roles={"coordinator", "front_desk"},
        status=200,
    )
    def lend(self, command: LendBook, context: Context) -> Answer:
        """Lend a copy."""
        return self.application.lend(command, context)

    @query("/enrollment/books", ShelfParams, roles={"coordinator", "auditor"})
    def shelf(self, request: Query) -> Mapping[str, Any]:
        """All books with so many free copies."""
        return self.application.shelf(request)

    @query("/enrollment/books/<uuid:book_id>", roles={"coordinator", "auditor"})
    def book(self, request: Query) -> Mapping[str, Any]:
        """One book."""
        return self.application.book(request)

    @query("/enrollment/label", roles={"coordinator"}, answers="text/plain")
    def label(self, request: Query) -> Raw:
        """A label to print."""
        return Raw(b"LIBRARY", "text/plain", position=7)

    @query("/enrollment/noticeboard", roles={"coordinator"}, answers="text/plain", capability="key")
    def noticeboard(self, request: Query) -> Raw:
        """What hangs in the hall, for those with a token or the key."""
        if request.capability not in (None, "sesame"):
            raise Refused(404, "no_board", "There is no such board", "the key does not fit")
        return Raw(b"Closed on Monday", "text/plain", headers={"ETag": '"monday"', "Cache-Control": "private"})


def publish(event: Event) -> Iterable[Published]:
    if event.type == "enrollment.book.bought":
        yield Published(
            "enrollment.track_opened.v1",
            str(event.stream),
            {
                "track_id": str(event.stream),
                "name": event.data["title"],
                "time_zone": "UTC",
                "packs": [],
                "census_limit": event.data["copies"],
            },
        )


def books() -> ServiceDefinition:
    return ServiceDefinition(
        name="enrollment",
        aggregates=(Book,),
        shell=LibraryService,
        application=Library,
        publish=publish,
        projections=(Shelf,),
        errors={OutOfCopies: Problem(409, title="No copy is free")},
    )


class Heard(Projection):
    name = "heard"
    TITLES = view("heard_title", Column("book_id", String), Column("title", String), key=("book_id",))
    views = (TITLES,)

    @handles("enrollment.track_opened.v1")
    def opened(self, event: Event, rows: Rows) -> None:
        rows.put(self.TITLES, {"book_id": event.data["track_id"], "title": event.data["name"]})


class Listening:
    def __init__(self, runtime: Runtime) -> None:
        self._reader = runtime.reader

    def titles(self, request: Query) -> Mapping[str, Any]:
        snapshot = self._reader.at([Heard.name], as_of=request.as_of, after=request.after)
        return {"titles": [row["title"] for row in snapshot.many(Heard.TITLES)], "position": snapshot.position}


class ListeningService:
    """Hears of books."""

    name = "scheduling"
    application: Listening

    @query("/scheduling/titles", roles={"coordinator"})
    def titles(self, request: Query) -> Mapping[str, Any]:
        """All titles heard of."""
        return self.application.titles(request)


class Note(Aggregate):
    TOPIC = "scheduling.note"

    class Created(AggregateCreated):
        TOPIC: ClassVar[str] = "scheduling.note.written"

    @event(Created)
    def __init__(self) -> None: ...


def readers() -> ServiceDefinition:
    return ServiceDefinition(
        name="scheduling",
        aggregates=(Note,),
        shell=ListeningService,
        application=Listening,
        publish=lambda event: (),
        consumes=frozenset({"enrollment.track_opened.v1"}),
        projections=(Heard,),
    )


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
