"""Who is meant: hospital numbers, whether or not a participant is known under them, and the participants themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, AggregateCreated, event

from services.interop.domain.ids import identity_id
from services.interop.domain.statements import Identifier


@dataclass(frozen=True)
class Waiting:
    """A message that waits: ``arrival`` is the log position of its receipt, ``lookups`` all its numbers."""

    message_id: UUID
    arrival: int
    lookups: tuple[str, ...]


class Identity(Aggregate):
    """One hospital number by its keyed hash. Messages wait here, in order of arrival, until a participant is known."""

    TOPIC = "interop.identity"

    class Created(AggregateCreated):
        TOPIC = "interop.identity.noticed"
        KEY = "lookup"
        lookup: str
        authority: str

    class MessageWaits(Aggregate.Event):
        TOPIC = "interop.identity.message_waits"
        KEY = "lookup"
        lookup: str
        message_id: UUID
        arrival: int
        lookups: tuple[str, ...]

    class MessageLeft(Aggregate.Event):
        """It was forgotten, or went with another of its numbers."""

        TOPIC = "interop.identity.message_left"
        KEY = "lookup"
        lookup: str
        message_id: UUID

    class Resolved(Aggregate.Event):
        """From now on this number is the participant's. What waited is released in the same transaction."""

        TOPIC = "interop.identity.resolved"
        KEY = "lookup"
        lookup: str
        participant_id: UUID

    @classmethod
    def notice(cls, lookup: str, authority: str, at: datetime) -> "Identity":
        return cls._create(cls.Created, id=identity_id(lookup), timestamp=at, lookup=lookup, authority=authority)

    @event(Created)
    def __init__(self, lookup: str, authority: str) -> None:
        self.lookup = lookup
        self.authority = authority
        self.participant_id: UUID | None = None
        self.waiting: dict[UUID, Waiting] = {}

    def wait(self, message: Waiting, at: datetime) -> None:
        if message.message_id not in self.waiting:
            self.trigger_event(
                self.MessageWaits,
                timestamp=at,
                lookup=self.lookup,
                message_id=message.message_id,
                arrival=message.arrival,
                lookups=message.lookups,
            )

    @event(MessageWaits)
    def _message_waits(self, message_id: UUID, arrival: int, lookups: tuple[str, ...]) -> None:
        self.waiting[message_id] = Waiting(message_id, arrival, lookups)

    def leave(self, message_id: UUID, at: datetime) -> None:
        if message_id in self.waiting:
            self.trigger_event(self.MessageLeft, timestamp=at, lookup=self.lookup, message_id=message_id)

    @event(MessageLeft)
    def _message_left(self, message_id: UUID) -> None:
        self.waiting.pop(message_id, None)

    def resolve(self, participant_id: UUID, at: datetime) -> None:
        """The first resolution holds; later ones are merges of participants, not of numbers."""
        if self.participant_id is None:
            self.trigger_event(self.Resolved, timestamp=at, lookup=self.lookup, participant_id=participant_id)

    @event(Resolved)
    def _resolved(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.waiting = {}


class Patient(Aggregate):
    """A participant as the gateway knows them: alias after a merge, and what outbound messages need. Its id is theirs.

    ``person`` is sealed under the participant's key, as enrollment told it."""

    TOPIC = "interop.patient"

    class Created(AggregateCreated):
        TOPIC = "interop.patient.known"
        participant_id: UUID

    class Identified(Aggregate.Event):
        TOPIC = "interop.patient.identified"
        participant_id: UUID
        person: str | None
        identifiers: tuple[Identifier, ...]

    class MergedInto(Aggregate.Event):
        TOPIC = "interop.patient.merged_into"
        participant_id: UUID
        surviving_id: UUID
        revision: int = 0

    class SeparatedFrom(Aggregate.Event):
        """Enrollment says that they are two people after all."""

        TOPIC = "interop.patient.separated_from"
        participant_id: UUID
        surviving_id: UUID
        revision: int

    class NoticePostponed(Aggregate.Event):
        """An outbound message cannot be written yet: the person, or the hospital's number of them, is unknown."""

        TOPIC = "interop.patient.notice_postponed"
        participant_id: UUID
        notice_id: UUID
        hospital: str

    class NoticeTakenUp(Aggregate.Event):
        TOPIC = "interop.patient.notice_taken_up"
        participant_id: UUID
        notice_id: UUID

    @classmethod
    def know(cls, participant_id: UUID, at: datetime) -> "Patient":
        return cls._create(cls.Created, id=participant_id, timestamp=at, participant_id=participant_id)

    @event(Created)
    def __init__(self) -> None:
        self.merged_into: UUID | None = None
        self.revision = 0
        """Of the last word that enrollment said about this id as an alias; hospitals' merges have none."""
        self.person: str | None = None
        self.identifiers: tuple[Identifier, ...] = ()
        self.postponed: dict[UUID, str] = {}

    def identify(self, person: str | None, identifiers: Sequence[Identifier], at: datetime) -> None:
        self.trigger_event(
            self.Identified, timestamp=at, participant_id=self.id, person=person, identifiers=tuple(identifiers)
        )

    @event(Identified)
    def _identified(self, person: str | None, identifiers: tuple[Identifier, ...]) -> None:
        self.person = person or self.person
        self.identifiers = identifiers

    def merge_into(self, surviving_id: UUID, at: datetime, revision: int | None = None) -> None:
        """Becomes an alias. A participant never becomes an alias of itself; of a second one only by a later word of
        enrollment's (``revision``)."""
        later = revision is not None and revision > self.revision
        if surviving_id != self.id and (later or (revision is None and self.merged_into is None)):
            said = self.revision if revision is None else revision
            facts = {"participant_id": self.id, "surviving_id": surviving_id, "revision": said}
            self.trigger_event(self.MergedInto, timestamp=at, **facts)

    @event(MergedInto)
    def _merged_into(self, surviving_id: UUID, revision: int) -> None:
        self.merged_into = surviving_id
        self.revision = revision

    def separate(self, surviving_id: UUID, revision: int, at: datetime) -> None:
        """Stands for itself again; nothing happens where enrollment said something else since."""
        if revision > self.revision:
            facts = {"participant_id": self.id, "surviving_id": surviving_id, "revision": revision}
            self.trigger_event(self.SeparatedFrom, timestamp=at, **facts)

    def part(self, at: datetime) -> None:
        """Stands for itself again though nothing new was said about it as an alias: a hospital's merge gives way."""
        facts = {"participant_id": self.id, "surviving_id": self.merged_into, "revision": self.revision}
        self.trigger_event(self.SeparatedFrom, timestamp=at, **facts)

    @event(SeparatedFrom)
    def _separated(self, revision: int) -> None:
        self.merged_into = None
        self.revision = revision

    def postpone(self, notice_id: UUID, hospital: str, at: datetime) -> None:
        self.trigger_event(
            self.NoticePostponed, timestamp=at, participant_id=self.id, notice_id=notice_id, hospital=hospital
        )

    @event(NoticePostponed)
    def _notice_postponed(self, notice_id: UUID, hospital: str) -> None:
        self.postponed[notice_id] = hospital

    def take_up(self, notice_id: UUID, at: datetime) -> None:
        self.trigger_event(self.NoticeTakenUp, timestamp=at, participant_id=self.id, notice_id=notice_id)

    @event(NoticeTakenUp)
    def _notice_taken_up(self, notice_id: UUID) -> None:
        self.postponed.pop(notice_id, None)
