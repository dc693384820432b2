"""A whole service on a real log: application, followers, deadlines, feed, views; without HTTP, without a broker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4, uuid5

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent, partition_of
from events.contract.registry import published_type
from events.follow import tables as following
from events.follow.compose import ServiceFollowers
from events.follow.parking import Parking
from events.follow.reading import Reader
from events.log.commands import Answer, Context
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport import tables as transport
from events.transport.feed import FeedFollower
from events.transport.source import LocalFeed
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.packs import Packs
from services.platform.web import Query
from tests.support.laid_out import lay_out

SQLITE = "sqlite:///"
NAMES = UUID("00000000-0000-0000-0000-00000000da1e")


@dataclass(frozen=True)
class Told:
    """What another service published: type without version, data, and when it happened there."""

    type: str
    data: Mapping[str, Any]
    at: datetime

    @property
    def stream(self) -> tuple[str, str]:
        """Within this, order is promised."""
        entry = published_type(f"{self.type}.v1")
        return entry.service, str(self.data[entry.key])


class WholeService:
    def __init__(
        self, definition: ServiceDefinition, url: str, keys_url: str, now: datetime, packs: Packs | None = None
    ) -> None:
        self.now = now
        self.definition = definition
        if url.startswith(SQLITE):
            lay_out(Path(url.removeprefix(SQLITE)), definition)
        self.database = Database.open(url, definition.name)
        self.database.migrate(extra=[following.metadata, transport.metadata])
        self.vault = Vault.connect(keys_url, bytes(32))
        registry = TypeRegistry(definition.name, definition.aggregates)
        self.log = EventLog(self.database, registry, self.vault, self.clock)
        reader = Reader(self.database, self.log)
        self.runtime = Runtime(definition.name, self.log, reader, self.vault, self.clock, None, packs or Packs.load())
        self.application = definition.application(self.runtime)
        self.followers = ServiceFollowers(
            self.database,
            self.log,
            projections=[projection() for projection in definition.projections],
            reactions=[reaction() for reaction in definition.reactions],
            deadlines=[deadlines() for deadlines in definition.deadlines],
            others=[lambda tail: FeedFollower(self.database, self.log, definition.publish, tail=tail)],
            dispatch=self.application.handle,
            clock=self.clock,
        )
        self._numbers: dict[tuple[str, int], int] = {}

    def clock(self) -> datetime:
        return self.now

    def do(self, command: object, *roles: str, command_id: UUID | None = None) -> Answer:
        """A command of a person with these roles, at the present time."""
        context = Context(command_id or uuid4(), self.now, "someone", frozenset(roles or ("coordinator",)), "test")
        return self.application.handle(command, context)

    def told(self, *events: Told) -> list[CloudEvent]:
        """Received in this order, each with the next number of its source and partition; and settled."""
        received = [self._cloud_event(event) for event in events]
        self.received(received)
        self.settle()
        return received

    def received(self, events: Sequence[CloudEvent]) -> None:
        with self.database.begin() as tx:
            self.log.receive(tx, events)

    def settle(self) -> None:
        self.followers.drain()

    def pass_time(self, until: datetime, step: timedelta = timedelta(hours=6)) -> None:
        """The clock goes on, and what falls due on the way is carried out."""
        while self.now < until:
            self.now = min(until, self.now + step)
            self.settle()

    def ask(self, query: str, as_of: int | None = None, by: str = "coordinator", **params: Any) -> dict[str, Any]:
        """A query as the shell puts it, its answer as JSON. Parameters left out are null."""
        answer = getattr(self.application, query)(Query(_Given(params), as_of=as_of, roles=frozenset({by})))
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

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The present rows of all views, without positions; nothing may be parked."""
        assert Parking(self.database, self.log).list() == []
        found = {}
        for projection in self.definition.projections:
            snapshot = Reader(self.database, self.log).at([projection.name])
            found |= {view.name: loads(dumps(snapshot.many(view))) for view in projection.views}
        return found

    def close(self) -> None:
        self.database.close()

    def _cloud_event(self, event: Told) -> CloudEvent:
        entry = published_type(f"{event.type}.v1")
        plain = loads(dumps(event.data))
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
            occurred_at=event.at,
            recorded_at=event.at,
            correlation_id="test",
            causation_id=None,
            actor="someone",
            traceparent=None,
            data=plain,
        )


class _Given(dict[str, Any]):
    def __missing__(self, key: str) -> None:
        return None


@contextmanager
def opened(
    define: Callable[[], ServiceDefinition], now: datetime, packs: Packs | None = None
) -> Iterator[WholeService]:
    """A service with a folder of its own, for as long as the block lasts."""
    with TemporaryDirectory() as folder:
        definition, logs = define(), Path(folder) / "log"
        logs.mkdir()
        url, keys_url = f"sqlite:///{logs}/{definition.name}.db", f"sqlite:///{folder}/keys.db"
        service = WholeService(definition, url, keys_url, now, packs)
        try:
            yield service
        finally:
            service.close()


def interleaved(events: Sequence[Told], picks: Sequence[int]) -> list[Told]:
    """The events in another order that keeps each source's order per key; ``picks`` choose among the next ones."""
    waiting: dict[tuple[str, str], list[Told]] = {}
    for event in events:
        waiting.setdefault(event.stream, []).append(event)
    found = []
    for pick in picks:
        streams = [stream for stream, left in waiting.items() if left]
        if streams:
            found.append(waiting[streams[pick % len(streams)]].pop(0))
    for left in waiting.values():
        found.extend(left)
    return found
