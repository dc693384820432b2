"""Hospital numbers, whether or not a participant is known under them, and what waits until one is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.interop.domain.ids import identity_id


@dataclass(frozen=True)
class Waiting:
    """A message that waits: ``arrival`` is the log position of its receipt, ``lookups`` all its numbers."""

    message_id: UUID
    arrival: int
    lookups: tuple[str, ...]


class Identity(Aggregate):
    """One hospital number by its keyed hash. Messages wait here, in order of arrival, until a participant is known."""

    TOPIC = "interop.identity"

    class Created(Aggregate.Created):
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
