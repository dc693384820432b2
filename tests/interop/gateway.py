"""A gateway stepped by hand, on SQLite files in a folder or on PostgreSQL; and the messages of a small hospital."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from events.contract.envelope import CloudEvent, partition_of
from events.follow.compose import ServiceFollowers
from events.follow.reading import Reader
from events.follow.tables import metadata as following
from events.log.commands import Answer, Context
from events.log.database import Database
from events.log.log import EventLog
from events.log.types import TypeRegistry
from events.log.vault import Vault
from events.transport.feed import FeedFollower
from events.transport.source import LocalFeed
from events.transport.tables import metadata as transport
from services.interop.application import Interop
from services.interop.examining import Incoming
from services.interop.mapping import Mappings, load_mappings
from services.interop.queries import Queries
from services.interop.receiving import Receipt
from services.interop.wiring import define
from services.platform.clock import SimulatedClock
from services.platform.web import Query
from tests.support.laid_out import lay_out

START = datetime(2026, 3, 2, 15, tzinfo=UTC)


@dataclass
class Gateway:
    """The application, its followers, and what it told."""

    application: Interop
    followers: ServiceFollowers
    clock: SimulatedClock
    vault: Vault
    log: EventLog
    feed: LocalFeed
    sequences: dict[tuple[str, int], int]

    def receive(self, *raw: bytes, settle: bool = True) -> list[Receipt]:
        found = self.application.receive([Incoming(one, "mllp") for one in raw], "mllp")
        if settle:
            self.followers.drain()
        return found

    def execute(self, command: object, *, command_id: UUID | None = None, settle: bool = True) -> Answer:
        context = Context(command_id or uuid4(), self.clock(), "somebody", frozenset({"operator"}), "test")
        answer = self.application.handle(command, context)
        if settle:
            self.followers.drain()
        return answer

    def hear(self, type_: str, data: Mapping[str, Any], *, key: str | None = None) -> None:
        """Another service told something."""
        service = type_.partition(".")[0]
        key = key or str(data["participant_id"])
        place = (service, partition_of(key))
        self.sequences[place] = self.sequences.get(place, 0) + 1
        told = CloudEvent(
            uuid4(), f"/daybook/{service}", 1, place[1], self.sequences[place], type_, key, self.clock(), self.clock(),
            "test", None, "test", None, data,
        )  # fmt: skip
        with self.log.database.begin() as tx:
            self.log.receive(tx, [CloudEvent.from_bytes(told.to_bytes())])
        self.followers.drain()

    def told(self, key: object | None = None) -> list[tuple[str, Mapping[str, Any]]]:
        """What was published, in order per key: type and data."""
        found = []
        for partition in sorted(self.feed.heads().heads):
            for body in self.feed.read(partition, 0, 100_000):
                one = CloudEvent.from_bytes(body)
                if key is None or one.key == str(key):
                    found.append((one.type.removeprefix("interop.").removesuffix(".v1"), one.data))
        return found

    def summary(self) -> Mapping[str, Any]:
        return self.application.queries.summary(Query({}))

    def identifier(self, number: str, participant_id: object, authority: str = "riverside-mrn") -> dict[str, str]:
        sealed = self.vault.seal(str(participant_id), number)
        return {"authority": authority, "lookup": self.vault.lookup(authority, number), "number": sealed}

    def register(self, participant_id: object, *numbers: str, person: Mapping[str, Any] | None = None) -> None:
        """Enrollment registered a participant under these numbers of the sample hospital."""
        someone = person or {"family": "Umberleigh", "given": "Eudora", "birth_date": "1980-01-02", "sex": "female"}
        data = {
            "participant_id": str(participant_id),
            "identifiers": [self.identifier(number, participant_id) for number in numbers],
            "person": self.vault.seal(str(participant_id), someone),
        }
        self.hear("enrollment.participant_registered.v1", data)


@contextmanager
def gateway(folder: Path, mappings: Mappings | None = None, url: str | None = None) -> Iterator[Gateway]:
    """``url``: of its log, where that is not a file in the folder; its key store always is."""
    definition = define()
    if url is None:
        lay_out(folder / "interop.sqlite", definition)
    clock = SimulatedClock(START)
    database = Database.open(url or f"sqlite:///{folder / 'interop.sqlite'}", "interop")
    database.migrate(extra=(following, transport))
    vault = Vault.connect(f"sqlite:///{folder / 'keys' / 'keys.sqlite'}", b"k" * 32)
    log = EventLog(database, TypeRegistry("interop", definition.aggregates), vault, clock)
    found = mappings or load_mappings()
    application = Interop(log, vault, clock, found, Queries(Reader(database, log), found, vault))
    followers = ServiceFollowers(
        database,
        log,
        projections=[cls() for cls in definition.projections],
        reactions=[cls() for cls in definition.reactions],
        deadlines=[cls() for cls in definition.deadlines],
        others=[lambda tail: FeedFollower(database, log, definition.publish, tail=tail, clock=clock)],
        dispatch=application.handle,
        clock=clock,
    )
    feed = LocalFeed(database, "/daybook/interop", lambda: log.generation)
    try:
        yield Gateway(application, followers, clock, vault, log, feed, {})
    finally:
        database.close()
        vault.close()


def er7(type_: str, number: str = "42", *more: str, control_id: str | None = None, pid: str | None = None) -> bytes:
    """A message of the sample hospital about one of its patients."""
    head = (
        rf"MSH|^~\&|RIVEREHR|RIVERSIDE|DAYBOOK|DAYBOOK|20260302100000-0500||{type_}|{control_id or uuid4().hex}|P|2.5.1"
    )
    patient = pid or f"PID|1||{number}^^^RIVERSIDE^MR||Umberleigh^Eudora||19800102|F|||||555-0100"
    return ("\r".join([head, "EVN||20260302100000-0500", patient, *more]) + "\r").encode()


def stay(trigger: str, number: str = "42", visit: str = "V1", **kwargs: Any) -> bytes:
    return er7(f"ADT^{trigger}", number, "PV1|1|I" + "|" * 17 + visit, **kwargs)


def types(told: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    return [one for one, _ in told]
