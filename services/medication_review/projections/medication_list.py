"""What does a participant take, by each source, what did the program's prescribers decide, and what was ever said?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, DateTime, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import instant
from events.follow.view import Row, view
from events.log.event import Event
from services.medication_review.domain.medications import Medication, changes


def _medication() -> tuple[Column[object], ...]:
    """What a ``Medication`` has beside its source, order and time."""
    texts: dict[str, bool] = dict.fromkeys(("status", "name"), False)
    texts |= dict.fromkeys(("code", "system", "dose", "frequency", "route"), True)
    return tuple(Column(name, String, nullable=nullable) for name, nullable in texts.items())


MEDICATIONS = view(
    "medications",
    Column("participant_id", Uuid),
    Column("source", String),
    Column("order_id", String),
    *_medication(),
    Column("reported_at", DateTime, nullable=False),
    Column("stated_at", DateTime, nullable=False),
    Column("decision", String),
    Column("review_id", Uuid),
    key=("participant_id", "source", "order_id"),
)
"""What holds. ``reported_at``: since when the source says so; ``stated_at``: when it last said anything about it.
``decision`` and ``review_id`` are set where the source is the program itself."""

STATEMENTS = view(
    "statements",
    Column("participant_id", Uuid),
    Column("source", String),
    Column("order_id", String),
    Column("reported_at", DateTime),
    Column("number", Integer),
    *_medication(),
    Column("decision", String),
    Column("review_id", Uuid),
    key=("participant_id", "source", "order_id", "reported_at", "number"),
    indexes=("participant_id",),
)
"""All that was said. ``number``: from 0, among what one source said about one order at one time, as it was told."""

_FIELDS = tuple(Medication.__dataclass_fields__)


class MedicationLists(Projection):
    """One row per medication, source and order, and one per statement about it."""

    name = "medication_lists"
    version = 2
    views = (MEDICATIONS, STATEMENTS)

    @handles("medication_review.medication_list.medication_listed")
    def listed(self, event: Event, rows: Rows) -> None:
        self._said(rows, dict(event.data["medication"]) | {"participant_id": event.stream})

    @handles("medication_review.medication_list.medication_decided")
    def decided(self, event: Event, rows: Rows) -> None:
        own = {"participant_id": event.stream, "decision": event.data["action"], "review_id": event.data["review_id"]}
        self._said(rows, dict(event.data["medication"]) | own)

    @staticmethod
    def _said(rows: Rows, told: Row) -> None:
        of_order = {name: told[name] for name in ("participant_id", "source", "order_id")}
        at_once = [
            one for one in rows.find(STATEMENTS, **of_order) if one["reported_at"] == instant(told["reported_at"])
        ]
        rows.put(STATEMENTS, told | {"number": len(at_once)})
        said = {medication_of(row): row for row in rows.find(STATEMENTS, **of_order)}
        holding = changes(said)[-1]
        stated_at = max(one.reported_at for one in said)
        held = {name: value for name, value in said[holding].items() if name != "number"}
        rows.put(MEDICATIONS, held | {"reported_at": holding.reported_at, "stated_at": stated_at})


def medication_of(row: Mapping[str, Any]) -> Medication:
    """The medication of a row of either view."""
    return Medication(**{name: row[name] for name in _FIELDS})
