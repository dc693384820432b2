"""A small service for the followers' tests: it hears of votes and keeps tallies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event
from sqlalchemy import Boolean, Column, Integer, String, select

from events.contract.envelope import CloudEvent, partition_of
from events.follow import tables
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import View, view
from events.log.commands import Answer, Context, Unit
from events.log.database import Database
from events.log.event import Event
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = UUID("8c9a2f4e-6a5b-5d31-8a33-b6c2f0f7d001")
TYPES = ("ballot.vote_cast.v1", "ballot.vote_withdrawn.v1", "ballot.poll_closed.v1")


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: datetime = START):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


class Chair(Aggregate):
    """Counts what the service decided itself."""

    TOPIC = "tally.chair"

    class Created(Aggregate.Created):
        TOPIC = "tally.chair.created"

    class Acted(Aggregate.Event):
        TOPIC = "tally.chair.acted"
        deed: str

    @classmethod
    def open(cls, chair: UUID, at: datetime) -> "Chair":
        return cls._create(cls.Created, id=chair, timestamp=at)

    def act(self, deed: str, at: datetime) -> None:
        self.trigger_event(self.Acted, deed=deed, timestamp=at)

    @event(Acted)
    def _acted(self, deed: str) -> None:
        self.deeds = [*getattr(self, "deeds", []), deed]


@dataclass(frozen=True)
class Act:
    chair: UUID
    deed: str


class ActRefused(Exception):
    """The chair does not do this."""


TALLY: View = view(
    "tally",
    Column("poll", String),
    Column("votes", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    key=("poll",),
    indexes=("votes",),
)
VOTER: View = view(
    "voter", Column("poll", String), Column("voter", String), Column("times", Integer), key=("poll", "voter")
)


class Tally(Projection):
    """How the polls stand. ``broken``: positions that the handlers stumble over, after having changed something."""

    name = "tally"
    views = (TALLY, VOTER)
    broken: ClassVar[set[int]] = set()

    @handles("ballot.vote_cast.v1")
    def cast(self, event: Event, rows: Rows) -> None:
        self._count(event, rows, 1)

    @handles("ballot.vote_withdrawn.v1")
    def withdrawn(self, event: Event, rows: Rows) -> None:
        self._count(event, rows, -1)

    @handles("ballot.poll_closed.v1")
    def closed(self, event: Event, rows: Rows) -> None:
        rows.put(TALLY, self._row(event, rows) | {"closed": True})
        for voter in rows.find(VOTER, poll=event.key):
            rows.delete(VOTER, event.key, voter["voter"])
        self._stumble(event)

    def _count(self, event: Event, rows: Rows, by: int) -> None:
        row = self._row(event, rows)
        rows.put(TALLY, row | {"votes": row["votes"] * 2 + by})  # order shows
        voter = event.data["voter"]
        times = (rows.get(VOTER, event.key, voter) or {"times": 0})["times"]
        rows.put(VOTER, {"poll": event.key, "voter": voter, "times": times + by})
        self._stumble(event)

    @staticmethod
    def _row(event: Event, rows: Rows) -> dict[str, Any]:
        return rows.get(TALLY, event.key) or {"poll": event.key, "votes": 0, "closed": False}

    def _stumble(self, event: Event) -> None:
        if event.position in self.broken:
            raise ZeroDivisionError("the handler has a bug")


class Service:
    """Database, log and what a test does to them."""

    def __init__(self, url: str, keys_url: str, *, migrate: bool = True):
        self.url = url
        self.clock = Clock()
        self.database = Database.open(url, "tally")
        if migrate:
            self.database.migrate(extra=[tables.metadata])
        self.vault = Vault.connect(keys_url, bytes(32))
        self.log = self.another_log()
        self._sequence: dict[int, int] = {}

    def another_log(self) -> EventLog:
        """As another process would have it."""
        return EventLog(self.database, TypeRegistry("tally", [Chair]), self.vault, self.clock)

    def hear(self, *told: tuple[str, str, Mapping[str, Any]]) -> int:
        """Receives (type, key, data), each at the next position; the last position."""
        events = []
        for type_, key, data in told:
            partition = partition_of(key)
            sequence = self._sequence[partition] = self._sequence.get(partition, 0) + 1
            events.append(
                CloudEvent(
                    id=uuid5(NAMES, f"{partition}/{sequence}"), source="/daybook/ballot", generation=1,
                    partition=partition, sequence=sequence, type=type_, key=key, occurred_at=self.clock(),
                    recorded_at=self.clock(), correlation_id=f"{partition}/{sequence}", causation_id=None,
                    actor="person:1", traceparent=None, data=data,
                )
            )  # fmt: skip
        with self.database.begin() as tx:
            self.log.receive(tx, events)
        return self.log.head()

    def votes(self, *votes: str) -> int:
        """``votes("a:ann", "a:-ann", "a!")``: ann votes in poll a, withdraws, the poll closes."""
        return self.hear(*map(vote, votes))

    def act(self, command: Act, context: Context) -> Answer:
        """The application method of the one command."""
        if command.deed == "forbidden":
            raise ActRefused

        def decide(unit: Unit) -> Mapping[str, Any]:
            chair = unit.find(Chair, command.chair) or unit.add(Chair.open(command.chair, context.at))
            chair.act(command.deed, context.at)
            return {}

        return self.log.execute(command, context, decide)

    def deeds(self) -> list[str]:
        """What chairs did, in order."""
        return [event.data["deed"] for event in self.log.read(0, 10_000) if event.type == "tally.chair.acted"]

    def table(self, name: View | str) -> list[dict[str, Any]]:
        """All row versions, in order of the primary key."""
        table = name.table if isinstance(name, View) else TALLY.physical(name)
        with self.database.read() as connection:
            found = connection.execute(select(table).order_by(*table.primary_key.columns))
            return [dict(row) for row in found.mappings()]

    def close(self) -> None:
        self.database.close()


def vote(text: str) -> tuple[str, str, Mapping[str, Any]]:
    if text.endswith("!"):
        return TYPES[2], text[:-1], {}
    poll, _, voter = text.partition(":")
    return (TYPES[1], poll, {"voter": voter[1:]}) if voter.startswith("-") else (TYPES[0], poll, {"voter": voter})


def all_rows(service: Service, views: Iterable[View] = (TALLY, VOTER)) -> dict[str, list[dict[str, Any]]]:
    return {view_.name: service.table(view_) for view_ in views}
