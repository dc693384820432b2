"""What must be true of two services, whatever happened to their processes: worked out from their logs alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import OperationalError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from events.contract.canonical import dumps, loads
from events.contract.envelope import CloudEvent
from events.follow import checkpoint
from events.follow.parking import Parked, Parking
from events.follow.rebuild import rebuild
from events.follow.tables import CHECKPOINT
from events.log import ledger
from events.log.database import Database
from events.log.event import Event
from events.log.log import EventLog
from events.log.reading import RECEIVED as RECEIVED_RECORD
from events.log.schema import LOG
from events.log.types import TypeRegistry
from events.transport.oversight import Oversight
from events.transport.source import LocalFeed
from events.transport.tables import FEED, RECEIVED
from services.cli.composition import definition
from services.scheduling import wiring as scheduling
from tests.faults.faults_fleet import Fleet
from tests.faults.faults_talk import Said
from tests.support.whole_service import opened

EVERYTHING = 10_000_000
OUTCOMES = {
    "open_track": "enrollment.track.opened",
    "register": "enrollment.participant.registered",
    "admit": "enrollment.episode.participant_admitted",
    "suspend": "enrollment.episode.suspended",
    "resume": "enrollment.episode.resumed",
}
"""Kind of command → the type of the one event that carries out what it says, whatever else goes with it."""


DUE = ("enrollment.follow_up.due_set", "enrollment.follow_up.due_missed")
DEADLINES = "system:due_dates"


class Store:
    """One service's log and rows, as this process reads them."""

    def __init__(self, service: str, fleet: Fleet) -> None:
        assert fleet.settings.database is not None
        self.definition = definition(service)
        self.database = Database.open(fleet.settings.database, service)
        registry = TypeRegistry(service, self.definition.aggregates)
        self.log = EventLog(self.database, registry, fleet.keys.vault, lambda: datetime.now(UTC))
        self.feed = LocalFeed(self.database, self.log.source, lambda: self.log.generation)

    def own(self, after: int = 0) -> list[Event]:
        """Decisions after a position."""
        return [e for e in self.log.read(after, EVERYTHING) if e.origin is None and e.type in self.log.registry]

    def received(self, after: int = 0) -> list[Event]:
        """What was told by others, after a position."""
        return [event for event in self.log.read(after, EVERYTHING) if event.origin is not None]


@dataclass
class Judged:
    """How far everything has been judged already: what came before is settled."""

    said: int = 0
    enrollment: int = 0
    scheduling: int = 0
    undisturbed: int = 0
    told: dict[int, int] = field(default_factory=dict)


class Oracle:
    """Compares enrollment's and scheduling's logs with what clients were answered, and with each other."""

    def __init__(self, fleet: Fleet, *, with_deadlines: bool = False) -> None:
        self._fleet = fleet
        self._with_deadlines = with_deadlines
        self._opened = ExitStack()
        self.enrollment, self.scheduling = (Store(name, fleet) for name in ("enrollment", "scheduling"))
        for store in (self.enrollment, self.scheduling):
            self._opened.callback(store.database.close)
        self._undisturbed = self._opened.enter_context(opened(scheduling.define, datetime(2026, 3, 2, tzinfo=UTC)))
        self._judged = Judged()
        self._unanswered: list[Said] = []

    def close(self) -> None:
        self._opened.close()

    def settle(self) -> None:
        """Waits until everything that was said has arrived everywhere."""
        try:
            self._fleet.eventually(self._has_arrived, "not everything has arrived")
        except AssertionError as late:
            late.add_note(f"behind: {self._behind()}")
            raise
        assert not self._fleet.unexpected, f"{self._fleet.unexpected}\n{self._fleet.logged()}"

    def _has_arrived(self) -> bool:
        try:
            for store in (self.enrollment, self.scheduling):
                store.log.head()
            return not self._behind()
        except (DBAPIError, OperationalError):  # the database was away and took our connections with it
            return False

    def judge(self, said: Sequence[Said]) -> None:
        """What is promised of all that happened since the last judgment. Call it when all has settled."""
        until = replace(
            self._judged,
            said=len(said),
            enrollment=self.enrollment.log.head(),
            scheduling=self.scheduling.log.head(),
            told=dict(self.enrollment.feed.heads().heads),
        )
        decided = self.enrollment.own(self._judged.enrollment)
        self._each_command_once(said[self._judged.said :], decided)
        told = self._told()
        self._each_event_told_once_in_order(decided, told)
        self._each_event_received_once_in_order(told)
        self._each_reaction_once()
        self._judged = replace(until, undisturbed=self._undisturbed.log.head())
        for store in (self.enrollment, self.scheduling):
            assert Parking(store.database, store.log).list() == []
            watched = Oversight(store.database, store.log)
            assert list(watched.unreadable()) == []
            assert watched.halted() == {}

    def parked(self) -> Sequence[Parked]:
        """What scheduling cannot handle."""
        return Parking(self.scheduling.database, self.scheduling.log).list()

    def judge_what_is_kept(self) -> None:
        """The views equal a rebuild, and the ledger holds."""
        for store in (self.enrollment, self.scheduling):
            for projection in (*store.definition.projections, *store.definition.deadlines):
                with store.database.read() as connection:
                    is_kept = checkpoint.find(connection, projection.name)
                if is_kept:
                    rebuilt = rebuild(store.database, store.log, projection(), replace_live=False)
                    assert rebuilt.identical, rebuilt
        verified = ledger.verify(self.enrollment.database)
        assert verified.ok and not verified.unsealed, verified

    def _each_command_once(self, said: Sequence[Said], decided: Sequence[Event]) -> None:
        by_command: dict[UUID, list[str]] = defaultdict(list)
        for event in decided:
            if event.actor == DEADLINES:
                continue
            assert event.command_id is not None
            by_command[event.command_id].append(event.type)
        waiting, self._unanswered = [*self._unanswered, *said], []
        for one in waiting:
            types = by_command.pop(one.command_id, [])
            if one.answer is None and not types:
                self._unanswered.append(one)  # its client is gone, and nobody knows whether it still comes
                continue
            assert types.count(OUTCOMES[one.kind]) == 1, f"{one.kind} {one.command_id} left {types}"
            first = self.enrollment.log.recorder.remembered(one.command_id)
            assert first is not None
            if one.answer is not None:
                assert first.position == one.answer["position"]["position"]
                assert loads(first.answer).items() <= one.answer.items(), "the answer is what is remembered"
        assert not by_command, f"carried out without being asked for: {dict(by_command)}"
        if self._with_deadlines:
            due = [(e.type.rpartition(".")[2], e.stream, e.data["kind"]) for e in decided if e.type in DUE]
            fell_due = Counter(one[1:] for one in due if one[0] == "due_set")
            assert Counter(one[1:] for one in due if one[0] == "due_missed") == fell_due

    def _told(self) -> list[CloudEvent]:
        """What was told since, partition by partition, its numbers without a gap."""
        found = []
        for partition, head in self.enrollment.feed.heads().heads.items():
            after = self._judged.told.get(partition, 0)
            events = [CloudEvent.from_bytes(body) for body in self.enrollment.feed.read(partition, after, EVERYTHING)]
            assert [event.sequence for event in events] == list(range(after + 1, head + 1))
            found += events
        return found

    def _each_event_told_once_in_order(self, decided: Sequence[Event], told: Sequence[CloudEvent]) -> None:
        expected: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        for event in decided:
            for published in self.enrollment.definition.publish(event):
                expected[published.key].append((published.type, loads(dumps(published.data))))
        found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        for event in told:
            found[event.key].append((event.type, event.data))
        assert found == expected

    def _each_event_received_once_in_order(self, told: Sequence[CloudEvent]) -> None:
        expected: dict[int, list[UUID]] = defaultdict(list)
        for event in told:
            if event.type in self.scheduling.definition.consumes:
                expected[event.partition].append(event.id)
        heard: dict[int, list[UUID]] = defaultdict(list)
        for event in self.scheduling.received(self._judged.scheduling):
            assert event.origin is not None
            heard[event.origin.partition].append(event.id)
        assert heard == expected

    def _each_reaction_once(self) -> None:
        """The same events, in the order in which they were received, given to a service that nothing happens to."""
        log, calm = self.scheduling.log, self._undisturbed
        since = self._judged.scheduling
        fresh = [r for r in log.records(since, EVERYTHING) if r.type.startswith(RECEIVED_RECORD)]
        calm.received([CloudEvent.from_bytes(record.state) for record in fresh])
        calm.settle()
        expected = calm.log.read(self._judged.undisturbed, EVERYTHING)
        expected = [event for event in expected if event.origin is None and event.type in calm.log.registry]
        own = self.scheduling.own(since)
        assert _by_stream(own) == _by_stream(expected)
        assert {event.command_id for event in own} == {event.command_id for event in expected}

    def _behind(self) -> list[str]:
        """Along the way of the events: what has come to rest stays so once those before it have."""
        return [
            *self._not_fired(),
            *self._not_followed(self.enrollment, sealed=True),
            *self._not_received(),
            *self._not_followed(self.scheduling, sealed=False),
        ]

    def _not_followed(self, store: Store, *, sealed: bool) -> list[str]:
        name = store.database.service
        with store.database.read() as connection:
            head = connection.scalar(select(func.max(LOG.c.position))) or 0
            end = connection.scalar(select(func.max(FEED.c.place))) or 0
            reached = dict(connection.execute(select(CHECKPOINT.c.name, CHECKPOINT.c.position)).all())
            chained = ledger.tail(connection).position if sealed else head
        late = ["relay"] * (reached.pop("relay", end) < end) + ["ledger"] * (chained < head)
        late += [follower for follower, position in reached.items() if position < head]
        return [f"{name} {follower}" for follower in late]

    def _not_received(self) -> list[str]:
        heads = self.enrollment.feed.heads().heads
        with self.scheduling.database.read() as connection:
            query = select(RECEIVED.c.partition, RECEIVED.c.sequence).where(
                RECEIVED.c.source == self.enrollment.log.source
            )
            marks: Mapping[int, int] = dict(connection.execute(query).all())
        return [] if marks == heads else ["scheduling inbox"]

    def _not_fired(self) -> list[str]:
        if not self._with_deadlines:
            return []
        with self.enrollment.database.read() as connection:
            counts = [
                connection.scalar(select(func.count()).select_from(LOG).where(LOG.c.type == type_)) for type_ in DUE
            ]
        return ["enrollment deadlines"] if counts[0] != counts[1] else []


def _by_stream(events: Iterable[Event]) -> dict[UUID, list[tuple[str, Any]]]:
    found: dict[UUID, list[tuple[str, Any]]] = defaultdict(list)
    for event in events:
        found[event.stream].append((event.type, event.data))
    return found
