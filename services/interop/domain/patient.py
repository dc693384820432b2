"""The participants as the gateway knows them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.interop.domain.statements import Identifier


class Patient(Aggregate):
    """A participant as the gateway knows them: alias after a merge, and what outbound messages need. Its id is theirs.

    ``person`` is sealed under the participant's key, as enrollment told it."""

    TOPIC = "interop.patient"

    class Created(Aggregate.Created):
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
