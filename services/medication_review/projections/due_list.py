"""Whose reviews are due, the most urgent first, and which are overdue?"""

from sqlalchemy import Boolean, Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import instant
from events.follow.view import view
from events.log.event import Event

DUE = view(
    "due",
    Column("review_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("overdue", Boolean, nullable=False),
    key=("review_id",),
    indexes=("due_at",),
)


class DueList(Projection):
    """One row per review that is open."""

    name = "due_list"
    views = (DUE,)

    @handles("medication_review.case.review_opened", "medication_review.case.review_rescheduled")
    def due(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("review_id", "participant_id", "kind")}
        need = {name: event.data["need"][name] for name in ("cause", "urgent", "due_at")}
        before = rows.get(DUE, event.data["review_id"])
        overdue = before is not None and before["overdue"] and before["due_at"] == instant(need["due_at"])
        rows.put(DUE, own | need | {"episode_id": event.stream, "overdue": overdue})

    @handles("medication_review.case.review_overdue")
    def overdue(self, event: Event, rows: Rows) -> None:
        rows.change(DUE, event.data["review_id"], overdue=True)

    @handles("medication_review.case.review_completed", "medication_review.case.review_withdrawn")
    def done(self, event: Event, rows: Rows) -> None:
        rows.delete(DUE, event.data["review_id"])
