"""One service built from its definition: store first, then what reads it, then who is told, then who may ask."""

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from events.contract.registry import published_type
from events.follow.compose import ServiceFollowers
from events.follow.lease import Leases
from events.follow.loop import FollowerLoop
from events.follow.reading import Reader
from events.follow.rights import allow_views
from events.follow.tables import metadata as following
from events.log.database import Appended, Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.transport.feed import FeedFollower
from events.transport.inbox import KIND as INBOX
from events.transport.inbox import Inbox
from events.transport.receiver import Receiver
from events.transport.relay import Relay
from events.transport.source import FeedSource, HttpFeed, LocalFeed
from events.transport.tables import metadata as transport
from events.transport.topology import source_of
from services.platform import editions_kept, roles
from services.platform.clock import Clock
from services.platform.definition import Runtime, ServiceDefinition
from services.platform.editions_kept import metadata as editions
from services.platform.keyring import Keyring
from services.platform.loops import Worker
from services.platform.metrics import Metrics
from services.platform.packs import Packs
from services.platform.rebuilding import Rebuilding
from services.platform.roles import FOLLOWING, Work
from services.platform.settings import BadSetting, Settings

TABLES = (following, transport, editions)
"""Beside the log's own."""


@dataclass(frozen=True)
class Surroundings:
    """What all services of a process share."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    packs: Packs
    metrics: Metrics
    told: Appended
    """Wakes inboxes of this process when a feed of this process has grown."""
    crowd: int = 1
    """How many services share the process: the more, the less often each does small pieces of work."""


def database_url(settings: Settings, service: str) -> str:
    """Where a service's log is."""
    if settings.database is not None:
        return settings.database
    return f"sqlite:///{settings.data.resolve() / 'logs' / f'{service}.sqlite'}"


def migrate(definition: ServiceDefinition, settings: Settings) -> None:
    """Creates what is missing in a service's database; the owner's job, safe to repeat."""
    database = Database.open(database_url(settings, definition.name), definition.name)
    try:
        database.migrate(service_role=settings.service_role, extra=TABLES)
        if settings.service_role is not None:
            allow_views(database, settings.service_role)
    finally:
        database.close()


class Service:
    """A service in this process. ``connect`` once all services of the process exist, then ``start``."""

    def __init__(
        self, definition: ServiceDefinition, around: Surroundings, work: frozenset[Work], extras: Mapping[str, Any]
    ) -> None:
        self.definition = definition
        self.name = definition.name
        self.work = work
        self.around = around
        connections = roles.connections(work, around.settings.connections)
        self.database = Database.open(database_url(around.settings, self.name), self.name, connections=connections)
        if self.database.dialect == "sqlite":
            self.database.migrate(extra=TABLES)
        self._check_packs()
        registry = TypeRegistry(self.name, definition.aggregates)
        self.log = EventLog(self.database, registry, around.keyring.vault, around.clock)
        versions = {cls.name: cls.version for cls in (*definition.projections, *definition.deadlines)}
        self.reader = Reader(self.database, self.log, versions=versions)
        self.runtime = Runtime(
            self.name, self.log, self.reader, around.keyring.vault, around.clock, around.settings, around.packs, extras
        )
        self.application = definition.application(self.runtime)
        self.followers = ServiceFollowers(
            self.database,
            self.log,
            projections=_built(definition.projections, self.runtime),
            reactions=_built(definition.reactions, self.runtime),
            deadlines=_built(definition.deadlines, self.runtime),
            others=[self._feed_follower],
            dispatch=getattr(self.application, "handle", None),
            clock=around.clock,
        )
        self.feed = LocalFeed(self.database, source_of(self.name), lambda: self.log.generation)
        self.rebuilding = Rebuilding(self.database, self.log)
        self.relay: Relay | None = None
        self.inbox: Inbox | None = None
        self.loops: list[FollowerLoop] = []
        self.workers: list[Worker] = []

    def _check_packs(self) -> None:
        try:
            editions_kept.check(self.database, self.around.packs, self.around.clock().date())
        except BadSetting:
            self.database.close()  # nobody else will: the service does not come to be
            raise

    def _feed_follower(self, tail: Any) -> FeedFollower:
        return FeedFollower(
            self.database, self.log, self.definition.publish,
            told=self.around.told, tail=tail, clock=self.around.clock,
        )  # fmt: skip

    def connect(self, services: Mapping[str, "Service"]) -> None:
        """Finds the sources and makes the loops."""
        settings = self.around.settings
        self._make_following()
        if settings.broker and Work.RELAY in self.work:
            self.relay = Relay(self.database, source_of(self.name), settings.broker, told=self.around.told)
            self._add(self.relay, wait=self.relay.wait, leases=self._leases("relay"))
        if Work.INBOX in self.work and self.definition.consumes:
            self._make_inbox(services)
        if Work.BACKGROUND in self.work:
            for loop in self.definition.background(self.runtime, self.application):
                self._add(loop, wait=getattr(loop, "wait", None))

    def _make_following(self) -> None:
        units = roles.units_by_work(self.followers)
        wanted = {work: units[work] for work in FOLLOWING if work in self.work and units[work]}
        if self.database.dialect == "sqlite":
            everything = [unit for found in wanted.values() for unit in found]
            if everything:
                self.loops.append(FollowerLoop(self.database, self.followers.tail, everything, crowd=self.around.crowd))
            return
        # Copies may have different roles, so each kind of work is shared among those who do it.
        for work, found in wanted.items():
            leases = self._leases(work)
            self.loops.append(
                FollowerLoop(
                    self.database, self.followers.tail, found, leases=leases, kind=work.value, crowd=self.around.crowd
                )
            )

    def _make_inbox(self, services: Mapping[str, "Service"]) -> None:
        settings = self.around.settings
        sources = [self._source(name, services) for name in self.sources]
        receiver = Receiver(self.database, self.log, self.definition.consumes, sources, self.around.clock)
        self.inbox = Inbox(
            receiver,
            self.name,
            broker_url=settings.broker,
            leases=self._leases(INBOX),
            queues=settings.queues,
            told=self.around.told,
            batch=settings.batch,
            patience=settings.idle_seconds,
            compare_seconds=settings.compare_seconds,
            crowd=self.around.crowd,
        )
        self._add(_Named("inbox", self.inbox), wait=lambda seconds: None)  # its step waits by itself

    @property
    def sources(self) -> list[str]:
        """The services whose events this one stores."""
        return sorted({published_type(type_).service for type_ in self.definition.consumes})

    def _source(self, name: str, services: Mapping[str, "Service"]) -> FeedSource:
        if name in services:
            return services[name].feed
        url = self.around.settings.services.get(name)
        if url is None:
            raise BadSetting(
                "DAYBOOK_SERVICES",
                f"it does not say where {name} answers, whose events {self.name} needs",
                f"set it to {name}=http://HOST:PORT, services separated by commas",
            )
        return HttpFeed(source_of(name), f"{url}/{name}/feed", self.around.keyring.service_token)

    def _leases(self, kind: str) -> Leases | None:
        if self.database.dialect == "sqlite":
            return None
        # One id per loop: a loop that ends gives back its own leases and no other's.
        copy_id = f"{socket.gethostname()}:{os.getpid()}:{kind}"
        return Leases(self.database, copy_id, ttl=self.around.settings.lease_seconds)

    def _add(self, unit: Any, *, wait: Callable[[float], None] | None = None, leases: Leases | None = None) -> None:
        idle = self.around.settings.idle_seconds
        self.workers.append(Worker(self.name, unit, self.around.metrics, idle=idle, wait=wait, leases=leases))

    def start(self) -> None:
        """Starts all loops."""
        for loop in self.loops:
            loop.start()
        for worker in self.workers:
            worker.start()

    def ask_to_stop(self) -> None:
        """All loops end after the batch at hand."""
        for loop in self.loops:
            loop.stop(0)
        for worker in self.workers:
            worker.ask_to_stop()

    def join(self, remaining: Callable[[], float]) -> list[str]:
        """Waits for the loops; the names of those that did not end in time."""
        late = [worker.name for worker in self.workers if not worker.join(remaining())]
        for loop in self.loops:
            loop.stop(remaining())
        return late

    def close(self) -> None:
        """Gives the database back."""
        self.database.close()


@dataclass(frozen=True)
class _Named:
    name: str
    unit: Any

    def step(self) -> int:
        return int(self.unit.step())

    def close(self) -> None:
        self.unit.close()


def _built(classes: Iterable[Any], runtime: Runtime) -> list[Any]:
    return [cls.build(runtime) if hasattr(cls, "build") else cls() for cls in classes]
