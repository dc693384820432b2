"""What stands in whose calendar, and what stood there once and was taken out?"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event
from services.scheduling.domain.calendar_feed import FACILITATOR, PARTICIPANT, ROOM

CALENDAR_SESSIONS = view(
    "calendar_sessions",
    Column("session_id", Uuid),
    Column("component", String, nullable=False),
    Column("title", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("room", String),
    Column("topic", String),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    key=("session_id",),
)
ENTRIES = view(
    "calendar_entries",
    Column("about", String),
    Column("whose_id", Uuid),
    Column("session_id", Uuid),
    Column("starts_at", DateTime, nullable=False),
    Column("there", Boolean, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    key=("about", "whose_id", "session_id"),
    indexes=("session_id", ("about", "whose_id", "starts_at")),
)

CHANGING = ("starts_at", "ends_at", "modality", "room", "topic", "sequence")


class CalendarEntries(Projection):
    """One row per session, and one per calendar that it stands or stood in. ``changes`` counts how often an entry was
    taken out or put in again: an iCalendar ``SEQUENCE`` is made of the session's and this."""

    name = "calendar_entries"
    version = 2
    views = (CALENDAR_SESSIONS, ENTRIES)

    @handles("scheduling.session.scheduled", "scheduling.session.reinstated")
    def scheduled(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in CALENDAR_SESSIONS.columns if name in event.data}
        new = {"session_id": event.stream, "cancelled": False, "changed_at": event.occurred_at}
        rows.put(CALENDAR_SESSIONS, {"sequence": 0} | facts | new)
        self._stand_in(event, rows, FACILITATOR, event.data["facilitators"])
        self._stand_in(event, rows, ROOM, filter(None, [event.data["room_id"]]))

    @handles("scheduling.session.moved")
    def moved(self, event: Event, rows: Rows) -> None:
        self._change(event, rows)
        for entry in rows.find(ENTRIES, session_id=event.stream):
            rows.put(ENTRIES, entry | {"starts_at": event.data["starts_at"]})

    @handles("scheduling.session.altered")
    def altered(self, event: Event, rows: Rows) -> None:
        self._change(event, rows)
        self._stand_in(event, rows, ROOM, filter(None, [event.data["room_id"]]))

    @handles("scheduling.session.facilitator_substituted", "scheduling.session.facilitators_assigned")
    def led_by_others(self, event: Event, rows: Rows) -> None:
        self._change(event, rows)
        self._stand_in(event, rows, FACILITATOR, event.data["facilitators"])

    @handles("scheduling.session.cancelled")
    def cancelled(self, event: Event, rows: Rows) -> None:
        rows.change(CALENDAR_SESSIONS, event.stream, cancelled=True, changed_at=event.occurred_at)

    @handles("scheduling.placement.booking_made")
    def booked(self, event: Event, rows: Rows) -> None:
        self._put(event, rows, (PARTICIPANT, event.data["participant_id"], event.data["session_id"]), there=True)

    @handles("scheduling.placement.booking_cancelled")
    def booking_cancelled(self, event: Event, rows: Rows) -> None:
        self._put(event, rows, (PARTICIPANT, event.data["participant_id"], event.data["session_id"]), there=False)

    @staticmethod
    def _change(event: Event, rows: Rows) -> None:
        facts: dict[str, Any] = {name: event.data[name] for name in CHANGING if name in event.data}
        rows.change(CALENDAR_SESSIONS, event.stream, **facts, changed_at=event.occurred_at)

    def _stand_in(self, event: Event, rows: Rows, about: str, whose: Iterable[str]) -> None:
        """The session stands in the calendars of these, and of nobody else of that kind."""
        session_id = str(event.stream)
        present = {
            str(entry["whose_id"]) for entry in rows.find(ENTRIES, session_id=session_id, about=about) if entry["there"]
        }
        wanted = set(whose)
        for whose_id in sorted(present ^ wanted):
            self._put(event, rows, (about, whose_id, session_id), there=whose_id in wanted)

    @staticmethod
    def _put(event: Event, rows: Rows, key: tuple[str, str, str], *, there: bool) -> None:
        about, whose_id, session_id = key
        entry = rows.get(ENTRIES, about, whose_id, session_id)
        if entry is None:
            session = rows.get(CALENDAR_SESSIONS, session_id)
            if session is None:
                raise LookupError(f"session {session_id} is not in the view yet")
            names = {"about": about, "whose_id": whose_id, "session_id": session_id}
            entry = {**names, "starts_at": session["starts_at"], "changes": -1}
        changes = entry["changes"] + 1
        rows.put(ENTRIES, entry | {"there": there, "changes": changes, "changed_at": event.occurred_at})
