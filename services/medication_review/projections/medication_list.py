"""What does a participant take, by each source, and what did the program's prescribers decide?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

MEDICATIONS = view(
    "medications",
    Column("participant_id", Uuid),
    Column("source", String),
    Column("order_id", String),
    Column("status", String, nullable=False),
    Column("code", String),
    Column("system", String),
    Column("name", String, nullable=False),
    Column("dose", String),
    Column("frequency", String),
    Column("route", String),
    Column("reported_at", DateTime, nullable=False),
    Column("decision", String),
    Column("review_id", Uuid),
    key=("participant_id", "source", "order_id"),
)
"""``decision`` and ``review_id`` are set where the source is the program itself."""


class MedicationLists(Projection):
    """One row per medication, source and order."""

    name = "medication_lists"
    views = (MEDICATIONS,)

    @handles("medication_review.medication_list.medication_listed")
    def listed(self, event: Event, rows: Rows) -> None:
        rows.put(MEDICATIONS, dict(event.data["medication"]) | {"participant_id": event.stream})

    @handles("medication_review.medication_list.medication_decided")
    def decided(self, event: Event, rows: Rows) -> None:
        own = {"participant_id": event.stream, "decision": event.data["action"], "review_id": event.data["review_id"]}
        rows.put(MEDICATIONS, dict(event.data["medication"]) | own)
