"""The whole service on a real log: its application, followers, feed and views, without HTTP and without a broker."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from scheduling_world import NAMES, NOW, RULES

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent, partition_of
from events.contract.registry import published_type
from events.follow import tables as following
from events.follow.compose import ServiceFollowers
from events.follow.reading import Reader
from events.log.commands import Answer, Context
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport import tables as transport
from events.transport.feed import FeedFollower
from events.transport.source import LocalFeed
from services.platform.web import Query
from services.scheduling.application import Application
from services.scheduling.wiring import define

Told = tuple[str, Mapping[str, Any], datetime]
"""Type without version, data, when it happened there."""


class Service:
    def __init__(self, url: str, keys_url: str, now: datetime = NOW) -> None:
        self.now = now
        self.definition = define()
        self.database = Database.open(url, "scheduling")
        self.database.migrate(extra=[following.metadata, transport.metadata])
        self.vault = Vault.connect(keys_url, bytes(32))
        self.log = EventLog(
            self.database, TypeRegistry("scheduling", self.definition.aggregates), self.vault, lambda: self.now
        )
        self.application = Application(self.log, Reader(self.database, self.log), self.vault, RULES, lambda: self.now)
        self.followers = ServiceFollowers(
            self.database,
            self.log,
            projections=[projection() for projection in self.definition.projections],
            reactions=[reaction() for reaction in self.definition.reactions],
            deadlines=[deadlines() for deadlines in self.definition.deadlines],
            others=[lambda tail: FeedFollower(self.database, self.log, self.definition.publish, tail=tail)],
            dispatch=self.application.handle,
            clock=lambda: self.now,
        )
        self._numbers: dict[tuple[str, int], int] = {}

    def do(self, command: object, command_id: UUID | None = None) -> Answer:
        context = Context(command_id or uuid4(), self.now, "someone", frozenset({"coordinator"}), "test")
        return self.application.handle(command, context)

    def told(self, *events: Told) -> list[CloudEvent]:
        """Received in this order, each with the next number of its source and partition."""
        received = [self._cloud_event(*event) for event in events]
        self.received(received)
        return received

    def received(self, events: Sequence[CloudEvent]) -> None:
        with self.database.begin() as tx:
            self.log.receive(tx, events)

    def settle(self) -> None:
        self.followers.drain()

    def ask(self, query: str, as_of: int | None = None, **params: Any) -> dict[str, Any]:
        """A query as the shell puts it, its answer as JSON."""
        answer = getattr(self.application, query)(Query(params, as_of=as_of))
        body = loads(dumps(answer))
        assert isinstance(body, dict)
        return body

    def feed(self) -> list[dict[str, Any]]:
        """Everything told to others, checked against the contract, partition by partition in order."""
        source = LocalFeed(self.database, self.log.source, lambda: self.log.generation)
        found = []
        for partition in sorted(source.heads().heads):
            for body in source.read(partition, 0, 10_000):
                told = loads(body)
                published_type(told["type"]).schema().load(told["data"])
                found.append(told)
        return found

    def close(self) -> None:
        self.database.close()

    def _cloud_event(self, name: str, data: Mapping[str, Any], happened: datetime) -> CloudEvent:
        entry = published_type(f"{name}.v1")
        plain = loads(dumps(data))
        entry.schema().load(plain)
        key = plain[entry.key]
        partition = partition_of(key)
        number = self._numbers[entry.service, partition] = self._numbers.get((entry.service, partition), 0) + 1
        return CloudEvent(
            id=uuid5(NAMES, f"{entry.service}/{partition}/{number}"),
            source=f"/daybook/{entry.service}",
            generation=1,
            partition=partition,
            sequence=number,
            type=entry.type,
            key=key,
            occurred_at=happened,
            recorded_at=happened,
            correlation_id="test",
            causation_id=None,
            actor="someone",
            traceparent=None,
            data=plain,
        )
