"""The log of one service: commands decide and append, followers read, the inbox and the machinery add their records."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from eventsourcing.domain import Aggregate
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from sqlalchemy import Connection, func, select

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent
from events.log import identity, instants
from events.log.clock import to_microseconds
from events.log.commands import Answer, Context, Unit, payload
from events.log.database import APPENDED, Database
from events.log.errors import (
    BadRegistration,
    Busy,
    CommandIdReused,
    Conflict,
    NotYetKnown,
    OutcomeUnknown,
    UnregisteredType,
)
from events.log.event import Event, Record
from events.log.mapper import DaybookMapper
from events.log.polling import Polling
from events.log.reading import NOTE, decode
from events.log.receiving import receive
from events.log.recorder import CommandRow, Recorder
from events.log.remembered import Remembered
from events.log.schema import LOG
from events.log.types import TypeRegistry
from events.log.vault import Vault

T = TypeVar("T")

DECISIONS = 40
"""How often a command decides, at most, while others keep changing what it reads."""

ATTEMPTS = 8
"""How often a command is tried, at most, while the database does not answer."""

FIRST_PAUSE = 0.005
"""Seconds, at most, before the second attempt; doubled each time, with jitter."""

LONGEST_PAUSE = 0.08
"""Seconds, at most, between two conflicts: few compete by then, since each process lets one at a time."""

TURN_SECONDS = 10.0
"""How long a command in conflict waits for its turn before it goes on without one."""

POLL_SECONDS = 0.002, 0.05
"""How often a waiter on PostgreSQL looks for what other processes appended: in a busy time, and at rest."""


def _recorder(database: Database, clock: Callable[[], datetime]) -> Recorder:
    if database.dialect == "sqlite":
        from events.log.recorder_sqlite import SQLiteRecorder

        return SQLiteRecorder(database, clock)
    from events.log.recorder_postgres import PostgresRecorder

    return PostgresRecorder(database, clock)


class EventLog:
    """Own decisions and received events of one service, in the order in which it came to know them.

    ``clock`` stamps recorded-at; it must be timezone-aware. Safe to share between threads and green threads.
    """

    def __init__(self, database: Database, registry: TypeRegistry, vault: Vault, clock: Callable[[], datetime]):
        if registry.service != database.service:
            raise BadRegistration(f"the registry is of {registry.service}, the database of {database.service}")
        self.database = database
        self.service = database.service
        self.source = f"/daybook/{database.service}"
        self.vault = vault
        self.registry = registry
        self.recorder = _recorder(database, clock)
        self._mapper = DaybookMapper(registry, vault)
        self._remembered = Remembered({entry.aggregate for entry in registry if entry.personal})
        self._clock = clock
        self._turns = Lock()
        self._polling = Polling(*POLL_SECONDS)
        self.identity = identity.load(database, clock())

    @property
    def log_id(self) -> UUID:
        return self.identity.log_id

    @property
    def generation(self) -> int:
        return self.identity.generation

    def execute(self, command: object, context: Context, decide: Callable[[Unit], Mapping[str, Any]]) -> Answer:
        """Decides and appends, exactly once per command id.

        ``decide`` may run several times, each on a fresh unit, so it must have no effect but on its unit. Its answer is
        stored in plain text for repeats: ids and codes, no personal data. Refusals (exceptions) are not remembered.

        Raises whatever ``decide`` raises; ``CommandIdReused`` for a known id with another payload; ``Conflict`` when
        others kept interfering and no rule forbids it yet; ``Busy`` when it did not come to write in time;
        ``OutcomeUnknown`` when the database stopped answering: repeat the same command id.
        """
        # Keyed, since a command may hold a name or a birth date, which could be guessed from a plain hash.
        digest = self.vault.fingerprint(payload(command))
        conflicts, silences = 0, 0
        with ExitStack() as turn:
            while conflicts < DECISIONS and silences < ATTEMPTS:
                try:
                    # A conflict may be with this very command: its own first try, or another copy of it.
                    if conflicts + silences and (first := self._answered(context.command_id, digest)):
                        return first
                    return self._attempt(context, digest, decide)
                except IntegrityError:
                    conflicts += 1
                    pause = min(FIRST_PAUSE * 2 ** (conflicts - 1), LONGEST_PAUSE)
                    if conflicts == 2:  # the first is met by deciding again at once
                        turn.enter_context(self._turn())
                except (OperationalError, Busy) as error:
                    if isinstance(error, Busy) and not silences:
                        raise  # nothing of this command can be stored
                    silences += 1
                    pause = FIRST_PAUSE * 2 ** (silences - 1)
                time.sleep(random.uniform(0, pause))  # noqa: S311  # jitter, not a secret
        return self._given_up(context, digest, decide, unanswered=silences > 0)

    def suppose(self, work: Callable[[Unit], T]) -> T:
        """Lets ``work`` load aggregates and do with them what it likes; nothing of it is stored."""
        return work(Unit(self._load, Context(uuid4(), self._clock(), "daybook", frozenset(), "suppose")))

    def head(self) -> int:
        """The last position that readers may pass; 0 for an empty log."""
        return self.recorder.head()

    def read(self, after: int, limit: int, upto: int | None = None) -> list[Event]:
        """Records after a position in order, decoded. Never one below a record that was returned before.

        Advance to the last record returned, not to ``head``: what lies between is not yet decided.
        """
        return [self.decode(record) for record in self.records(after, limit, upto)]

    def records(
        self, after: int, limit: int, upto: int | None = None, types: Sequence[str] | None = None
    ) -> list[Record]:
        """As ``read``, as stored: for the ledger, exports and followers that isolate a record that cannot be
        decoded. ``types``: only records stored under one of these names."""
        return self.recorder.records(after, limit, upto, types)

    def decode(self, record: Record) -> Event:
        """Raises ``UnreadableEvent`` and ``UnregisteredType``."""
        return decode(record, self._mapper, self.identity)

    def receive(self, tx: Connection, events: Sequence[CloudEvent], bodies: Sequence[bytes] | None = None) -> int:
        """Appends what another service told, inside ``tx``; returns how many were new.

        ``bodies``: the messages as they came, to store to the byte. Raises ``ContradictingSource`` for a known number
        with another event id.
        """
        return receive(tx, events, bodies, instants.stamp(tx, to_microseconds(self._clock())))

    def note(self, tx: Connection, type_: str, data: Mapping[str, Any], *, key: str, actor: str = "daybook") -> int:
        """Appends a record of the machinery's own (parking, release, …) inside ``tx``; returns its position.

        ``type_`` is free, but no registered event's name; ``data`` holds no personal data.
        """
        if type_ in self.registry:
            raise UnregisteredType(f"{type_} is an event of {self.service}, not a note")
        now = self._clock()
        stream = uuid5(self.log_id, f"note/{type_}/{key}")
        meta = {"at": now, "key": key, "actor": actor}
        tx.info[APPENDED] = True
        version = tx.scalar(select(func.coalesce(func.max(LOG.c.version), 0) + 1).where(LOG.c.stream == stream))
        return int(
            tx.execute(
                LOG.insert()
                .values(
                    stream=stream,
                    version=version,
                    recorded_at=instants.stamp(tx, to_microseconds(now)),
                    type=NOTE + type_,
                    state=dumps({"data": data, "meta": meta, "v": 1}),
                )
                .returning(LOG.c.position)
            ).scalar_one()
        )

    def position_at(self, instant: datetime, timeout: float = 5) -> int:
        """The last position that was recorded by an instant, by the running maximum of recorded-at; 0 before the
        first. It never changes once it was given.

        Raises ``NotYetKnown`` for an instant after this log's now, ``NotSettledYet`` or ``Busy`` when appends that may
        belong to it do not end within ``timeout`` seconds.
        """
        if instant > self._clock():
            raise NotYetKnown("the instant lies in the future: leave as_of away for the present")
        return instants.position_at(self.database, self.recorder, to_microseconds(instant), timeout)

    def wait(self, after: int, timeout: float) -> int:
        """Blocks until the head is above ``after``, or for ``timeout`` seconds; returns the head, ``after`` where it is
        no higher."""
        deadline = time.monotonic() + timeout
        while True:
            seen = self.database.appended.count
            head = self.recorder.head_above(after)
            if head > after:
                self._polling.moved()
                return head
            left = deadline - time.monotonic()
            if left <= 0:
                return head
            alone = self.database.dialect == "sqlite"
            self.database.appended.wait(seen, left if alone else min(left, self._polling.pause()))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Commands in conflict decide one after the other in each process: else, where hundreds want the same, each
        spoils the decisions of all others, and some give up before what they all want is gone."""
        held = self._turns.acquire(timeout=TURN_SECONDS)
        try:
            yield
        finally:
            if held:
                self._turns.release()

    def _given_up(
        self, context: Context, digest: bytes, decide: Callable[[Unit], Mapping[str, Any]], *, unanswered: bool
    ) -> Answer:
        """The first answer, if there is one after all; else why there is none."""
        try:
            if first := self._answered(context.command_id, digest):
                return first
            if not unanswered:
                decide(Unit(self._load, context))  # those who came before may have made a rule forbid it: say which
                raise Conflict(f"others kept changing what command {context.command_id} decides on; try again")
        except OperationalError:
            pass
        except Busy:
            if not unanswered:
                raise
        raise OutcomeUnknown(
            f"the database of {self.service} does not answer\n"
            f"hint: repeat command {context.command_id} to learn its outcome"
        )

    def _attempt(self, context: Context, digest: bytes, decide: Callable[[Unit], Mapping[str, Any]]) -> Answer:
        unit = Unit(self._load, context)
        try:
            body = dumps(decide(unit))
        except (IntegrityError, OperationalError, Busy):
            raise
        except Exception:
            # The state that a first run left behind may refuse its own repetition.
            if first := self._answered(context.command_id, digest):
                return first
            raise
        stored = [self._mapper.to_stored_event(event, context) for event in unit.collect()]
        row = CommandRow(context.command_id, digest, body)
        if stored:
            position = self.recorder.append(stored, row, to_microseconds(self._clock()))[-1]
            self.database.appended.announce()
        else:
            position = self.head()
            self.recorder.remember(row, position)
        return Answer(loads(body), position, repeated=False)

    def _answered(self, command_id: UUID, digest: bytes) -> Answer | None:
        first = self.recorder.remembered(command_id)
        if first is None:
            return None
        if first.payload_hash != digest:
            raise CommandIdReused(command_id)
        return Answer(loads(first.answer), first.position, repeated=True)

    def _load(self, cls: type[Aggregate], ids: Sequence[UUID]) -> dict[UUID, Aggregate]:
        if not self.registry.knows(cls):
            raise UnregisteredType(f"{cls.__qualname__} is not registered for {self.service}")
        if len(ids) == 1:
            known = self._remembered.take(ids[0])
            return self._brought_forward(
                known, self.recorder.select_events(ids[0], gt=known.version if known else None)
            )
        found: dict[UUID, Aggregate] = {}
        for stored in self.recorder.select_streams(ids):
            stream = stored.originator_id
            assert isinstance(stream, UUID)
            found[stream] = self._mapper.to_domain_event(stored).mutate(found.get(stream))
        return found

    def _brought_forward(self, known: Aggregate | None, stored: Sequence[StoredEvent]) -> dict[UUID, Aggregate]:
        """One aggregate by its id, or nothing where its stream is empty."""
        before = known.version if known else 0
        aggregate = known
        for event in stored:
            aggregate = self._mapper.to_domain_event(event).mutate(aggregate)
        if aggregate is None:
            return {}
        self._remembered.keep(aggregate, before)
        return {aggregate.id: aggregate}
