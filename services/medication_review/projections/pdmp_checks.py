"""When was the prescription drug monitoring program asked about whom, and by when has it to be asked again?"""

from sqlalchemy import Boolean, Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

CHECKS = view(
    "pdmp_checks",
    Column("check_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("checked_at", DateTime, nullable=False),
    Column("checked_by", String, nullable=False),
    Column("valid_until", DateTime),
    Column("result", String, nullable=False),
    key=("check_id",),
    indexes=("participant_id",),
)
"""``valid_until``: none where the program did not answer."""

CHECKS_DUE = view(
    "pdmp_checks_due",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("overdue", Boolean, nullable=False),
    key=("episode_id",),
    indexes=("due_at",),
)


class PdmpChecks(Projection):
    """One row per check, and one per episode in which one is due."""

    name = "pdmp_checks"
    views = (CHECKS, CHECKS_DUE)

    @handles("medication_review.pdmp_record.checked")
    def checked(self, event: Event, rows: Rows) -> None:
        rows.put(CHECKS, {**event.data, "checked_by": event.actor})

    @handles("medication_review.pdmp_record.check_due")
    def due(self, event: Event, rows: Rows) -> None:
        if event.data["due_at"] is None:
            rows.delete(CHECKS_DUE, event.data["episode_id"])
        else:
            rows.put(CHECKS_DUE, {**event.data, "overdue": False})

    @handles("medication_review.pdmp_record.check_missed")
    def missed(self, event: Event, rows: Rows) -> None:
        rows.change(CHECKS_DUE, event.data["episode_id"], overdue=True)
