"""How a service comes to know what others tell: in order, once, with its checkpoint in the same transaction."""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from events.contract.envelope import PARTITIONS, CloudEvent, UnreadableMessage, partition_of
from events.follow.checkpoint import add_missing
from events.log.clock import to_microseconds
from events.log.database import Database
from events.log.errors import ContradictingSource
from events.log.log import EventLog
from events.transport import marks
from events.transport.marks import Mark, Place
from events.transport.oversight import UNREADABLE_PARKED
from events.transport.source import PAGE, FeedSource, Heads, SourceUnavailable
from events.transport.tables import UNREADABLE

logger = logging.getLogger(__name__)

PULL_AT_ONCE = 2_000
"""Events pulled per transaction at most."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came from the broker."""

    body: bytes
    routing_key: str = ""
    queue: str = ""


class _Batch:
    """What one transaction will append, and the marks after it."""

    def __init__(self, before: Mapping[Place, Mark]):
        self.before = before
        self.after: dict[Place, Mark] = {}
        self.kept: list[tuple[CloudEvent, bytes]] = []

    def mark(self, place: Place) -> Mark:
        return self.after.get(place) or self.before.get(place) or Mark()

    def pass_(self, place: Place, event: CloudEvent, body: bytes, *, keep: bool) -> None:
        self.after[place] = replace(self.mark(place), sequence=event.sequence, event_id=event.id)
        if keep:
            self.kept.append((event, body))

    def leave_out(self, place: Place) -> None:
        self.after.pop(place, None)
        self.kept = [(event, body) for event, body in self.kept if Place.of(event) != place]

    def passed(self) -> int:
        return sum(mark.sequence - (self.before.get(place) or Mark()).sequence for place, mark in self.after.items())


class Receiver:
    """Takes messages in any order, any number of times; pulls what is missing from the sources' feeds.

    Only the types in ``consumes`` are appended to the log, the checkpoint passes the others. One thread uses it; other
    copies may work on the same places, the database lets only one of them win.
    """

    def __init__(
        self,
        database: Database,
        log: EventLog,
        consumes: Collection[str],
        sources: Iterable[FeedSource],
        clock: Callable[[], datetime],
    ):
        self.sources = {source.source: source for source in sources}
        self.behind: set[tuple[str, int]] = set()
        """(source, partition) of which something is known to be missing."""
        self.received = 0
        self.repeated = 0
        self._database = database
        self._log = log
        self._consumes = frozenset(consumes)
        self._clock = clock
        self._marks: dict[Place, Mark] | None = None
        self._silent: set[str] = set()
        self._compared: dict[tuple[str, int], list[tuple[int, int]]] = {}

    # messages

    def accept(self, messages: Sequence[Message]) -> int:
        """Appends what is next in its place, drops what is known, notes in ``behind`` where something is missing.

        When it returns, every message may be acknowledged: it is stored, known, parked raw, or will be pulled. Returns
        how many events were passed. Raises ``LostLease`` when another copy was faster (nothing was stored: give them
        again), and whatever the database raises.
        """
        batch = _Batch(self.marks())
        unreadable: list[tuple[Message, str]] = []
        repeats: list[CloudEvent] = []
        for message in messages:
            try:
                event = self._readable(message.body)
            except UnreadableMessage as error:
                unreadable.append((message, str(error)))
            else:
                self._sort(batch, event, message.body, repeats)
        self._commit(batch, unreadable)
        self._compare(repeats)
        return batch.passed()

    def _readable(self, body: bytes) -> CloudEvent:
        event = CloudEvent.from_bytes(body)
        if event.source not in self.sources:
            raise UnreadableMessage("source is not one that this service listens to")
        if event.sequence < 1 or event.generation < 1:
            raise UnreadableMessage("sequence and generation count from 1")
        if event.partition != partition_of(event.key):
            raise UnreadableMessage("partition is not that of the subject")
        return event

    def _sort(self, batch: _Batch, event: CloudEvent, body: bytes, repeats: list[CloudEvent]) -> None:
        place = Place.of(event)
        mark = batch.mark(place)
        if mark.halted:
            return
        if event.sequence <= mark.sequence:
            repeats.append(event)
        elif event.sequence > mark.sequence + 1 or (place.generation > 1 and not mark.sequence):
            # the first of a new generation is pulled too, after whatever is left of the generations before it
            self.behind.add((event.source, event.partition))
        elif (event.source, event.partition) not in self.behind:
            batch.pass_(place, event, body, keep=event.type in self._consumes)

    # the feed

    def catch_up(self, partitions: Iterable[int] | None = None, *, patient: bool = False) -> int:
        """Compares the checkpoints with the heads of all sources and pulls what is missing, a bounded portion of it.

        ``patient``: what may still be on its way over the broker is left to it; pulled is only where something is known
        to be missing, or where nothing has moved since the last comparison. Where more is left it stays in ``behind``;
        a source that does not answer is asked again next time. Returns how many events were passed. Raises as
        ``accept`` does.
        """
        wanted = set(range(PARTITIONS) if partitions is None else partitions)
        passed = 0
        for name, source in self.sources.items():
            try:
                passed += self._catch_up(source, wanted, patient)
                self._silent.discard(name)
            except (SourceUnavailable, UnreadableMessage) as error:
                if name not in self._silent:
                    logger.warning("%s cannot pull from %s, tries again: %s", self._log.service, name, error)
                self._silent.add(name)
        return passed

    def _catch_up(self, source: FeedSource, partitions: set[int], patient: bool) -> int:
        if any(mark.halted for mark in self.marks().values()):
            self.forget()  # somebody may have resumed it
        before = self.marks()  # before the heads: what is received meanwhile cannot look like a head that went back
        heads = source.heads()
        batch = _Batch(before)
        room = PULL_AT_ONCE
        still: set[tuple[str, int]] = set()
        for partition in self._unequal(source.source, heads, partitions, batch):
            self._refuse_shorter(source.source, heads, partition, batch)
            known = (source.source, partition) in self.behind
            if patient and not known and self._moves(source, heads, partition, batch):
                continue
            room = self._pull(source, heads, partition, batch, room)
            if room < 0:
                still.add((source.source, partition))
                room = 0
        self._commit(batch, [])
        settled = {one for one in self.behind if one[0] == source.source and one[1] in partitions}
        self.behind = self.behind - settled | still
        return batch.passed()

    def _unequal(self, source: str, heads: Heads, partitions: set[int], batch: _Batch) -> list[int]:
        """Partitions whose marks and heads differ, in order: after most comparisons there are none or few."""
        known: dict[int, dict[int, int]] = {}
        for place, mark in batch.before.items():
            if place.source == source:
                known.setdefault(place.generation, {})[place.partition] = mark.sequence
        found = {partition for name, partition in self.behind if name == source}
        for generation, numbers in heads.generations():
            mine = known.get(generation, {})
            if mine != numbers:
                found |= {partition for partition, head in numbers.items() if mine.get(partition, 0) != head}
                found |= mine.keys() - numbers.keys()
        return sorted(found & partitions)

    def _moves(self, source: FeedSource, heads: Heads, partition: int, batch: _Batch) -> bool:
        """Whether the broker may still be bringing what is missing of a partition: no mark stood still below a head."""
        now = [
            (batch.mark(Place(source.source, generation, partition)).sequence, numbers.get(partition, 0))
            for generation, numbers in heads.generations()
        ]
        then = self._compared.get((source.source, partition), [])
        self._compared[source.source, partition] = now
        return not any(mark == before < head for (mark, _), (before, head) in zip(now, then, strict=False))

    def _pull(self, source: FeedSource, heads: Heads, partition: int, batch: _Batch, room: int) -> int:
        """Pulls one partition, generation by generation; the room that is left, below 0 when more is to come."""
        for generation, numbers in heads.generations():
            place = Place(source.source, generation, partition)
            head = numbers.get(partition, 0)
            while (mark := batch.mark(place)).sequence < head and not mark.halted:
                if room <= 0:
                    return -1
                bodies = source.read(partition, mark.sequence, min(PAGE, room), generation=generation)
                if not bodies:
                    raise SourceUnavailable(f"the feed of {source.source} has less than its heads say")
                for body in bodies:
                    event = self._readable(body)
                    if Place.of(event) != place or event.sequence != batch.mark(place).sequence + 1:
                        raise SourceUnavailable(f"the feed of {source.source} gave other numbers than asked for")
                    batch.pass_(place, event, body, keep=event.type in self._consumes)
                room -= len(bodies)
        return room

    def _refuse_shorter(self, source: str, heads: Heads, partition: int, batch: _Batch) -> None:
        """A feed that ends before what it told was restored without a new generation: numbers will be used again."""
        place = Place(source, heads.generation, partition)
        mark = batch.mark(place)
        head = heads.heads.get(partition, 0)
        if mark.sequence > head and not mark.halted:
            self.halt(
                place, f"its feed ends at {head} and told {mark.sequence} before: restored without a new generation?"
            )

    # what is stored

    def marks(self) -> dict[Place, Mark]:
        """The checkpoints of all places, as last known."""
        if self._marks is None:
            with self._database.read() as connection:
                self._marks = marks.load(connection)
        return self._marks

    def forget(self) -> None:
        """Reads the checkpoints again before the next batch."""
        self._marks = None

    def _commit(self, batch: _Batch, unreadable: Sequence[tuple[Message, str]]) -> None:
        if not batch.after and not unreadable:
            return
        try:
            with self._database.begin() as tx:
                self._park(tx, unreadable)
                marks.move(tx, batch.before, batch.after)
                if batch.kept:
                    self._log.receive(tx, [event for event, _ in batch.kept], [body for _, body in batch.kept])
        except ContradictingSource:
            self.forget()
            for place in self._contradicted(batch):
                batch.leave_out(place)
            self._commit(batch, unreadable)
        except BaseException:
            self.forget()
            raise
        else:
            self.received += batch.passed()
            known = self.marks() | {place: replace(mark, stored=True) for place, mark in batch.after.items()}
            self._marks = known

    def _contradicted(self, batch: _Batch) -> set[Place]:
        """Halts and names the places of a batch where a number is known with another event id."""
        found = {}
        with self._database.read() as connection:
            for event, _ in batch.kept:
                place = Place.of(event)
                known = marks.known_id(connection, place, event.sequence)
                if known is not None and known != event.id:
                    found[place] = _contradiction(event, known)
        for place, reason in found.items():
            self.halt(place, reason)
        return set(found)

    def _compare(self, repeats: Sequence[CloudEvent]) -> None:
        """A number received before must be the same event: else the source used it twice."""
        self.repeated += len(repeats)
        for event in repeats:
            place = Place.of(event)
            mark = self.marks().get(place) or Mark()
            known = mark.event_id
            if event.sequence != mark.sequence:
                if event.type not in self._consumes:
                    continue
                with self._database.read() as connection:
                    known = marks.known_id(connection, place, event.sequence)
            if known is not None and known != event.id and not mark.halted:
                self.halt(place, _contradiction(event, known))

    def halt(self, place: Place, reason: str) -> None:
        """Takes nothing more from a place until somebody has looked and resumes it (``oversight``)."""
        logger.error("%s HALTED %s: %s", self._log.service, place, reason)
        with self._database.begin() as tx:
            marks.set_halt(tx, place, reason)
        self.forget()

    def _park(self, tx: Connection, unreadable: Sequence[tuple[Message, str]]) -> None:
        """Keeps what nobody can read, byte for byte; the same bytes once."""
        for message, reason in unreadable:
            digest = hashlib.sha256(message.body).hexdigest()
            new = add_missing(
                tx,
                UNREADABLE,
                hash=digest,
                queue=message.queue,
                routing_key=message.routing_key,
                reason=reason,
                body=message.body,
                received_at=to_microseconds(self._clock()),
            )
            if new:
                about = {"hash": digest, "queue": message.queue, "reason": reason}
                self._log.note(tx, UNREADABLE_PARKED, about, key=digest)
                logger.error("%s parked an unreadable message from %s: %s", self._log.service, message.queue, reason)


def _contradiction(event: CloudEvent, known: object) -> str:
    return f"number {event.sequence} is known as event {known} and was told as {event.id}"
