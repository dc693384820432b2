"""Which reviews does a participant have, open and completed, and is an episode in transition?"""

from sqlalchemy import Boolean, Column, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json, instant
from events.follow.view import view
from events.log.event import Event

CASES = view(
    "cases",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("suspensions", Json, nullable=False),
    Column("next_cycle_due_at", DateTime),
    key=("episode_id",),
    indexes=("participant_id",),
)
"""``state``: waiting (not admitted yet), open, in_transition or closed. ``suspensions``: those under way."""

REVIEWS = view(
    "reviews",
    Column("review_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("causes", Json, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("completed_at", DateTime),
    Column("completed_by", String),
    Column("decisions", Integer),
    Column("undecided", Integer),
    Column("compared", Json),
    Column("decided_by", Json),
    key=("review_id",),
    indexes=("participant_id",),
)
"""What was withdrawn has no row: whether it was ever opened depends on when things became known. The log and ``as_of``
show it."""


class ParticipantReviews(Projection):
    """One row per case and one per review that is open or completed."""

    name = "participant_reviews"
    version = 3
    views = (CASES, REVIEWS)

    @handles("medication_review.case.case_opened")
    def begun(self, event: Event, rows: Rows) -> None:
        rows.put(
            CASES,
            {
                "episode_id": event.stream,
                "participant_id": event.data["participant_id"],
                "state": "waiting",
                "suspensions": [],
            },
        )

    @handles("medication_review.case.admitted")
    def admitted(self, event: Event, rows: Rows) -> None:
        rows.change(CASES, event.stream, state="open")

    @handles("medication_review.case.suspended", "medication_review.case.resumption_cancelled")
    def suspended(self, event: Event, rows: Rows) -> None:
        self._suspensions(event, rows, under_way=True)

    @handles("medication_review.case.resumed", "medication_review.case.suspension_cancelled")
    def resumed(self, event: Event, rows: Rows) -> None:
        self._suspensions(event, rows, under_way=False)

    @handles("medication_review.case.closed")
    def closed(self, event: Event, rows: Rows) -> None:
        rows.change(CASES, event.stream, state="closed", next_cycle_due_at=None)

    @handles("medication_review.case.cycle_set")
    def cycle_set(self, event: Event, rows: Rows) -> None:
        rows.change(CASES, event.stream, next_cycle_due_at=event.data["due_at"])

    @handles("medication_review.case.review_opened", "medication_review.case.review_rescheduled")
    def due(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("review_id", "participant_id", "kind")}
        need = dict(event.data["need"])
        before = rows.get(REVIEWS, event.data["review_id"])
        overdue = before is not None and before["overdue"] and before["due_at"] == instant(need["due_at"])
        rows.put(REVIEWS, own | need | {"episode_id": event.stream, "state": "open", "overdue": overdue})

    @handles("medication_review.case.review_overdue")
    def overdue(self, event: Event, rows: Rows) -> None:
        rows.change(REVIEWS, event.data["review_id"], overdue=True)

    @handles("medication_review.case.review_completed")
    def completed(self, event: Event, rows: Rows) -> None:
        told = {name: event.data[name] for name in ("completed_at", "decisions", "undecided")}
        told["compared"] = event.data.get("compared", [])
        rows.change(REVIEWS, event.data["review_id"], state="completed", completed_by=event.actor, **told)

    @handles("medication_review.case.review_withdrawn")
    def withdrawn(self, event: Event, rows: Rows) -> None:
        rows.delete(REVIEWS, event.data["review_id"])

    @staticmethod
    def _suspensions(event: Event, rows: Rows, *, under_way: bool) -> None:
        case = rows.get(CASES, event.stream)
        if case is None:
            return
        others = set(case["suspensions"]) - {event.data["suspension_id"]}
        suspensions = sorted(others | {event.data["suspension_id"]} if under_way else others)
        state = case["state"]
        if state in ("open", "in_transition"):
            state = "in_transition" if suspensions else "open"
        rows.put(CASES, case | {"suspensions": suspensions, "state": state})
