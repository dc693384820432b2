"""How a service comes to know what others tell: in order, once, with its checkpoint in the same transaction."""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from events.contract.envelope import PARTITIONS, CloudEvent, UnreadableMessage
from events.follow.checkpoint import add_missing
from events.log.clock import to_microseconds
from events.log.database import Database
from events.log.errors import ContradictingSource
from events.log.log import EventLog
from events.transport import marks
from events.transport.asking import GRACE_SECONDS, Asking
from events.transport.batch import Batch
from events.transport.comparing import Asked, Portion, readable
from events.transport.marks import Mark, Place
from events.transport.missing import Missing
from events.transport.oversight import UNREADABLE_PARKED
from events.transport.source import FeedSource
from events.transport.tables import UNREADABLE

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came from the broker."""

    body: bytes
    routing_key: str = ""
    queue: str = ""


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
        self.behind = Missing()
        self.received = 0
        self.repeated = 0
        self._askings = {name: Asking(source) for name, source in self.sources.items()}
        self._database = database
        self._log = log
        self._consumes = frozenset(consumes)
        self._clock = clock
        self._marks: dict[Place, Mark] | None = None
        self._troubles: dict[str, frozenset[int | None]] = {}
        self._newest: dict[str, int] = {}

    # messages

    def accept(self, messages: Sequence[Message]) -> int:
        """Appends what is next in its place, drops what is known, notes in ``behind`` where something is missing.

        When it returns, every message may be acknowledged: it is stored, known, parked raw, or will be pulled. Returns
        how many events were passed. Raises ``LostLease`` when another copy was faster (nothing was stored: give them
        again), and whatever the database raises.
        """
        batch = Batch(self.marks())
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
        event = readable(body)
        if event.source not in self.sources:
            raise UnreadableMessage("source is not one that this service listens to")
        return event

    def _sort(self, batch: Batch, event: CloudEvent, body: bytes, repeats: list[CloudEvent]) -> None:
        place = Place.of(event)
        mark = batch.mark(place)
        newest = self._newest[event.source] = max(event.generation, self._newest.get(event.source, 1))
        if mark.halted:
            return
        if event.sequence <= mark.sequence:
            repeats.append(event)
        elif (
            event.sequence > mark.sequence + 1
            # of an old generation only what a restored source still tells, and all of it before the first of a new one
            or event.generation < newest
            or (event.generation > 1 and not mark.sequence)
        ):
            self.behind.note(event.source, event.partition)
        else:
            batch.pass_(place, event, body, keep=event.type in self._consumes)

    # the feed

    def catch_up(
        self, partitions: Collection[int] = range(PARTITIONS), *, patient: bool = False, grace: float = GRACE_SECONDS
    ) -> int:
        """Compares the checkpoints with the heads of all sources and takes what is missing, a bounded portion of it.

        ``patient``: as of ``Asked``. Sources that take longer than ``grace`` seconds to answer are not waited for:
        ``collect`` takes it later. One that tells something unreadable is halted there and nowhere else. Where more is
        left to pull it stays in ``behind``. Returns how many events were passed. Raises as ``accept`` does.
        """
        passed = self.collect(partitions)
        awaited = []
        for name, asking in self._askings.items():
            if asking.idle:
                awaited.append(asking.begin(self._asked(name, frozenset(partitions), patient)))
        wait([coming for coming in awaited if coming], grace)
        return passed + self.collect(partitions)

    def collect(self, partitions: Collection[int] = range(PARTITIONS)) -> int:
        """Takes of these partitions what sources have answered since they were asked. As ``catch_up`` otherwise."""
        portions = (asking.answer() for asking in self._askings.values())
        return sum(self._take(portion, frozenset(partitions)) for portion in portions if portion)

    def _asked(self, source: str, partitions: frozenset[int], patient: bool) -> Asked:
        if any(mark.halted for mark in self.marks().values()):
            self.forget()  # somebody may have resumed it
        behind = self.behind.of(source, partitions)
        return Asked(self.marks(), partitions, behind, patient, self.behind.count)

    def _take(self, portion: Portion, partitions: frozenset[int]) -> int:
        """Stores what is next in its place; messages may have brought some of it meanwhile."""
        name = portion.source
        self._newest[name] = portion.generation or self._newest.get(name, 1)
        self._log_trouble(portion)
        batch = Batch(self.marks())
        for event, body in portion.events:
            place = Place.of(event)
            mark = batch.mark(place)
            if event.sequence == mark.sequence + 1 and not mark.halted and place.partition in partitions:
                batch.pass_(place, event, body, keep=event.type in self._consumes)
        for halt in portion.halts:
            if halt.place.partition in partitions:
                batch.halt(halt)
        self._commit(batch, [])
        if portion.generation is not None:
            self.behind.settle(name, portion.asked.partitions, portion.asked.missed)
        for partition in portion.left & partitions:
            self.behind.note(name, partition)
        return batch.passed()

    def _log_trouble(self, portion: Portion) -> None:
        """A source's trouble is told when it begins, not at every comparison."""
        for where in portion.troubles.keys() - self._troubles.get(portion.source, ()):
            trouble = portion.troubles[where]
            logger.warning("%s cannot pull from %s, tries again: %s", self._log.service, portion.source, trouble)
        self._troubles[portion.source] = frozenset(portion.troubles)

    # what is stored

    def marks(self) -> dict[Place, Mark]:
        """The checkpoints of all places, as last known."""
        if self._marks is None:
            with self._database.read() as connection:
                self._marks = marks.load(connection)
            for place in self._marks:
                self._newest[place.source] = max(place.generation, self._newest.get(place.source, 1))
        return self._marks

    def forget(self) -> None:
        """Reads the checkpoints again before the next batch."""
        self._marks = None

    def _commit(self, batch: Batch, unreadable: Sequence[tuple[Message, str]]) -> None:
        if not batch.after and not unreadable and not batch.halts:
            return
        try:
            with self._database.begin() as tx:
                self._park(tx, unreadable)
                marks.move(tx, batch.before, batch.after)
                if batch.kept:
                    self._log.receive(tx, [event for event, _ in batch.kept], [body for _, body in batch.kept])
                for halt in batch.halts.values():
                    marks.halt_at(tx, halt)
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
            for halt in batch.halts.values():
                self._halted(halt.place, halt.reason)

    def _contradicted(self, batch: Batch) -> set[Place]:
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
        with self._database.begin() as tx:
            marks.halt(tx, place, reason)
        self._halted(place, reason)

    def _halted(self, place: Place, reason: str) -> None:
        logger.error("%s HALTED %s: %s", self._log.service, place, reason)
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
