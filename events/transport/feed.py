"""The feed: own events are turned into published events once, and their bytes are kept for ever as they were told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from marshmallow import Schema, ValidationError
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import sqlite

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent, partition_of
from events.contract.fitting import obviously_fits
from events.contract.registry import published_type
from events.follow import bulk
from events.follow.checkpoint import Checkpoint
from events.follow.follower import Clock, Follower, wall_clock
from events.follow.tail import Tail
from events.log.database import Appended, Database
from events.log.event import Event
from events.log.log import EventLog
from events.transport.tables import FEED, HEAD

Numbers = dict[tuple[int, int], int]
"""(generation, partition) → last sequence."""


class Unpublishable(ValueError):
    """What ``publishing.py`` made does not fit the contract; the message names type and fields, never a value."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a service wants told: a registered type, the one key that decides its order, and its data."""

    type: str
    key: str
    data: Mapping[str, Any]


Publish = Callable[[Event], Iterable[Published]]


class FeedFollower(Follower):
    """Freezes what ``publish`` makes of each own event at (generation, partition, sequence), in the order of the log.

    An event that cannot be published, or does not fit its schema, is parked like any other. ``told`` wakes those who
    wait for the feed in this process.
    """

    def __init__(
        self,
        database: Database,
        log: EventLog,
        publish: Publish,
        *,
        told: Appended | None = None,
        tail: Tail | None = None,
        clock: Clock = wall_clock,
    ):
        super().__init__("feed", database, log, tail=tail, clock=clock)
        self.told = told or Appended()
        self._publish = publish
        self._schemas: dict[str, tuple[Schema, Callable[[Mapping[str, Any]], bool], str]] = {}
        self._handled: list[tuple[Event, Published]] = []
        self._ready: list[tuple[Event, int, Published]] = []
        self._place = 0
        self._numbers: Numbers = {}
        self._next: tuple[int, Numbers] | None = None

    def wants(self, event: Event) -> bool:
        """Own decisions only: what was received is never told again; the machinery's records concern nobody."""
        return event.origin is None and event.type in self.log.registry

    def handle(self, event: Event, at: int) -> None:
        self._handled = [(event, self._checked(published)) for published in self._publish(event)]

    def keep(self) -> None:
        self._ready += [(event, index, published) for index, (event, published) in enumerate(self._handled)]
        self._handled = []

    def undo(self) -> None:
        self._handled = []

    def take(self, tx: Connection) -> Checkpoint:
        taken = super().take(tx)
        self._place = tx.scalar(select(func.coalesce(func.max(FEED.c.place), 0))) or 0
        self._numbers = {(row.generation, row.partition): row.sequence for row in tx.execute(select(HEAD))}
        return taken

    def save(self, tx: Connection) -> None:
        """Numbers are given here, so that a batch that is rolled back leaves no gap."""
        place, numbers = self._place, dict(self._numbers)
        rows = []
        for event, index, published in self._ready:
            place += 1
            frozen = self._frozen(event, index, published, numbers)
            rows.append(
                {
                    "place": place,
                    "generation": frozen.generation,
                    "partition": frozen.partition,
                    "sequence": frozen.sequence,
                    "position": event.position,
                    "event_id": frozen.id,
                    "type": frozen.type,
                    "body": frozen.to_bytes(),
                }
            )
        if rows:
            bulk.insert(tx, FEED, rows)
            _write_heads(tx, {number: last for number, last in numbers.items() if self._numbers.get(number) != last})
        self._next = place, numbers

    def tells(self) -> bool:
        return bool(self._ready) or super().tells()

    def committed(self, moved: Checkpoint) -> None:
        super().committed(moved)
        if self._next:
            self._place, self._numbers = self._next
        if self._ready:
            self.told.announce()
        self._ready, self._next = [], None

    def forget(self) -> None:
        super().forget()
        self._handled, self._ready, self._next = [], [], None

    def _checked(self, published: Published) -> Published:
        schema, fits, key = self._schema(published.type)
        data = loads(dumps(published.data))
        try:
            if not fits(data):
                schema.load(data)
        except ValidationError as error:
            fields = ", ".join(sorted(map(str, error.messages_dict)))
            raise Unpublishable(f"{published.type} does not fit its schema: {fields}") from None
        if data[key] != published.key:
            raise Unpublishable(f"the key of {published.type} is not its {key}")
        return Published(published.type, published.key, data)

    def _schema(self, type_: str) -> tuple[Schema, Callable[[Mapping[str, Any]], bool], str]:
        if type_ not in self._schemas:
            entry = published_type(type_)
            if entry.service != self.log.service:
                raise Unpublishable(f"{type_} belongs to another service's language")
            schema = entry.schema()
            self._schemas[type_] = schema, obviously_fits(schema), entry.key
        return self._schemas[type_]

    def _frozen(self, event: Event, index: int, published: Published, numbers: Numbers) -> CloudEvent:
        """Gives the event the next number of its partition."""
        generation = self.log.identity.generation_of(event.position)
        partition = partition_of(published.key)
        sequence = numbers[generation, partition] = numbers.get((generation, partition), 0) + 1
        cause = event.causation_id or event.command
        return CloudEvent(
            id=uuid5(event.id, str(index)),
            source=self.log.source,
            generation=generation,
            partition=partition,
            sequence=sequence,
            type=published.type,
            key=published.key,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            correlation_id=event.correlation_id,
            causation_id=cause,
            actor=event.actor,
            traceparent=event.traceparent,
            data=published.data,
        )


def _write_heads(tx: Connection, numbers: Numbers) -> None:
    rows = [(generation, partition, sequence) for (generation, partition), sequence in sorted(numbers.items())]
    if tx.dialect.name == "postgresql":  # one statement, whose text is always the same
        tx.exec_driver_sql(_HEADS, tuple(map(list, zip(*rows, strict=True))))
        return
    insert = sqlite.insert(HEAD)
    statement = insert.on_conflict_do_update(
        index_elements=["generation", "partition"], set_={"sequence": insert.excluded.sequence}
    )
    tx.execute(statement, [dict(zip(("generation", "partition", "sequence"), row, strict=True)) for row in rows])


_HEADS = (
    "INSERT INTO feed_head (generation, partition, sequence) "
    "SELECT generation, partition, sequence "
    "FROM unnest(%b::int[], %b::int[], %b::bigint[]) AS heads (generation, partition, sequence) "
    "ON CONFLICT (generation, partition) DO UPDATE SET sequence = excluded.sequence"
)
