"""Who stands in line about one patient: messages that were accepted and are not settled, by order of arrival."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.interop.domain.identity import Waiting
from services.interop.domain.ids import line_id


class Line(Aggregate):
    """The messages about one patient that wait until a person has decided on one of them.

    The first is parked: it was accepted, and yet could not be applied. Whatever came after it about the same patient
    stands behind it. There is no line, or an empty one, while nothing is parked. ``who``: a participant, or a hospital
    number under which nobody is known."""

    TOPIC = "interop.line"

    class Created(Aggregate.Created):
        TOPIC = "interop.line.formed"
        KEY = "who"
        who: str

    class MessageStands(Aggregate.Event):
        TOPIC = "interop.line.message_stands"
        KEY = "who"
        who: str
        message_id: UUID
        arrival: int
        lookups: tuple[str, ...]

    class MessageLeft(Aggregate.Event):
        """It is settled, or stands in another line since more is known about who is meant."""

        TOPIC = "interop.line.message_left"
        KEY = "who"
        who: str
        message_id: UUID

    @classmethod
    def form(cls, who: str, at: datetime) -> "Line":
        return cls._create(cls.Created, id=line_id(who), timestamp=at, who=who)

    @event(Created)
    def __init__(self, who: str) -> None:
        self.who = who
        self.standing: dict[UUID, Waiting] = {}

    def stand(self, place: Waiting, at: datetime) -> None:
        """Once; again only where more of its numbers are known."""
        if self.standing.get(place.message_id) != place:
            self.trigger_event(
                self.MessageStands,
                timestamp=at,
                who=self.who,
                message_id=place.message_id,
                arrival=place.arrival,
                lookups=place.lookups,
            )

    @event(MessageStands)
    def _message_stands(self, message_id: UUID, arrival: int, lookups: tuple[str, ...]) -> None:
        self.standing[message_id] = Waiting(message_id, arrival, lookups)

    def leave(self, message_id: UUID, at: datetime) -> None:
        if message_id in self.standing:
            self.trigger_event(self.MessageLeft, timestamp=at, who=self.who, message_id=message_id)

    @event(MessageLeft)
    def _message_left(self, message_id: UUID) -> None:
        self.standing.pop(message_id, None)
