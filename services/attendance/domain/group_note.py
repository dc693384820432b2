"""The note about a session of a group: whether it is due, and written."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.attendance.domain.errors import AheadOfTime

_NOTES = UUID("0f6c6f0a-5a43-5c6e-9a55-2f2b4a4d9b35")


def group_note_id(session_id: UUID) -> UUID:
    """The same session has the same note, whoever asks."""
    return uuid5(_NOTES, str(session_id))


class GroupNote(Aggregate):
    """The note about one session of a group: who made it due, and whether it is written."""

    TOPIC = "attendance.group_note"

    class Event(Aggregate.Event):
        TOPIC = "attendance.group_note.event"
        KEY: ClassVar[str] = "session_id"
        session_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "attendance.group_note.begun"
        KEY: ClassVar[str] = "session_id"
        session_id: UUID

    class NoteAsked(Event):
        """Somebody attended whose packs ask for a note."""

        TOPIC = "attendance.group_note.asked"
        booking_id: UUID
        due_at: datetime

    class NoteNotAsked(Event):
        """It turned out that they did not attend."""

        TOPIC = "attendance.group_note.not_asked"
        booking_id: UUID

    class NoteWritten(Event):
        TOPIC = "attendance.group_note.written"
        people: int
        written_at: datetime

    @event(Created)
    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.asked: dict[UUID, datetime] = {}

    @classmethod
    def begin(cls, session_id: UUID, at: datetime) -> "GroupNote":
        return cls._create(cls.Created, id=group_note_id(session_id), timestamp=at, session_id=session_id)

    def ask(self, booking_id: UUID, due_at: datetime, at: datetime) -> None:
        """The booking's attendance makes the note due; nothing happens twice."""
        if self.asked.get(booking_id) != due_at:
            told = {"session_id": self.session_id, "booking_id": booking_id, "due_at": due_at}
            self.trigger_event(self.NoteAsked, timestamp=at, **told)

    def no_longer_ask(self, booking_id: UUID, at: datetime) -> None:
        """The booking was not attended after all; nothing happens where it never asked."""
        if booking_id in self.asked:
            told = {"session_id": self.session_id, "booking_id": booking_id}
            self.trigger_event(self.NoteNotAsked, timestamp=at, **told)

    def write(self, people: int, written_at: datetime, at: datetime) -> None:
        """The note is written, with the number of people it documents; written again, the last word counts. Raises
        ``AheadOfTime``."""
        if written_at > at:
            raise AheadOfTime("this time is still to come; record what has happened")
        told = {"session_id": self.session_id, "people": people, "written_at": written_at}
        self.trigger_event(self.NoteWritten, timestamp=at, **told)

    @event(NoteAsked)
    def _asked(self, booking_id: UUID, due_at: datetime) -> None:
        self.asked[booking_id] = due_at

    @event(NoteNotAsked)
    def _not_asked(self, booking_id: UUID) -> None:
        del self.asked[booking_id]
