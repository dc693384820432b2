"""Which reviews are due, whose are they, which are overdue, and who was told of that?"""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json, instant
from events.follow.view import view
from events.log.event import Event
from services.medication_review.domain.escalation import RESPONSIBLE

DUE = view(
    "due",
    Column("review_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("role", String, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("told", Json, nullable=False),
    Column("escalated_to", String),
    Column("decided_by", Json),
    key=("review_id",),
    indexes=("due_at",),
)
"""``role``: who sees to it. ``told``: the roles that were told because nobody did; ``escalated_to``: the last."""


class DueList(Projection):
    """One row per review that is open."""

    name = "due_list"
    version = 4
    views = (DUE,)

    @handles("medication_review.case.review_opened", "medication_review.case.review_rescheduled")
    def due(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("review_id", "participant_id", "kind")}
        need = {name: event.data["need"][name] for name in ("cause", "urgent", "due_at")}
        need["decided_by"] = event.data["need"].get("decided_by")
        standing: dict[str, Any] = {"overdue": False, "told": [], "escalated_to": None}
        before = rows.get(DUE, event.data["review_id"])
        if before is not None and before["due_at"] == instant(need["due_at"]):
            standing = {name: before[name] for name in standing}
        role = RESPONSIBLE[event.data["kind"]]
        rows.put(DUE, own | need | standing | {"episode_id": event.stream, "role": role})

    @handles("medication_review.case.review_overdue")
    def overdue(self, event: Event, rows: Rows) -> None:
        rows.change(DUE, event.data["review_id"], overdue=True)

    @handles("medication_review.case.review_escalated")
    def escalated(self, event: Event, rows: Rows) -> None:
        before = rows.get(DUE, event.data["review_id"])
        if before is not None:
            to = event.data["escalated_to"]
            rows.put(DUE, {**before, "told": [*before["told"], to], "escalated_to": to})

    @handles("medication_review.case.review_completed", "medication_review.case.review_withdrawn")
    def done(self, event: Event, rows: Rows) -> None:
        rows.delete(DUE, event.data["review_id"])
