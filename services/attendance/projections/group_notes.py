"""Which notes about groups are due or written, and how many people does each document?"""

from typing import Any

from sqlalchemy import Column, DateTime, Integer, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

NOTES = view(
    "group_notes",
    Column("session_id", Uuid),
    Column("asked", Json, nullable=False),
    Column("due_at", DateTime),
    Column("people", Integer),
    Column("written_at", DateTime),
    key=("session_id",),
    indexes=("written_at",),
)
"""``asked``: booking → when its packs want the note; ``due_at``: the earliest, null where nobody asks. ``people``: the
count that the note documents."""


class GroupNotes(Projection):
    """One row per session with a note that is due or written."""

    name = "group_notes"
    version = 2
    views = (NOTES,)

    @handles("attendance.group_note.asked")
    def asked(self, event: Event, rows: Rows) -> None:
        row = self._row(event, rows)
        self._put(rows, row, row["asked"] | {event.data["booking_id"]: event.data["due_at"]})

    @handles("attendance.group_note.not_asked")
    def not_asked(self, event: Event, rows: Rows) -> None:
        row = self._row(event, rows)
        self._put(rows, row, {id_: due for id_, due in row["asked"].items() if id_ != event.data["booking_id"]})

    @handles("attendance.group_note.written")
    def written(self, event: Event, rows: Rows) -> None:
        note = {name: event.data[name] for name in ("people", "written_at")}
        rows.put(NOTES, self._row(event, rows) | note)

    def _row(self, event: Event, rows: Rows) -> dict[str, Any]:
        session_id = event.data["session_id"]
        return rows.get(NOTES, session_id) or {"session_id": session_id, "asked": {}}

    def _put(self, rows: Rows, row: dict[str, Any], asked: dict[str, str]) -> None:
        if asked or row.get("written_at") is not None:
            rows.put(NOTES, row | {"asked": asked, "due_at": min(asked.values(), default=None)})
        else:
            rows.delete(NOTES, row["session_id"])
