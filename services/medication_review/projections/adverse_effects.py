"""Which adverse effects were reported of a participant?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.view import view
from events.log.event import Event

EFFECTS = view(
    "adverse_effects",
    Column("effect_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("episode_id", Uuid, nullable=False),
    Column("severity", String, nullable=False),
    Column("description", String),
    Column("source", String),
    Column("order_id", String),
    Column("reported_at", DateTime, nullable=False),
    Column("reported_by", String, nullable=False),
    key=("effect_id",),
    indexes=("participant_id",),
)
"""``description`` is sealed. ``source`` and ``order_id``: the medication that is suspected."""

DESCRIPTION = {"description": "medication_review.case.adverse_effect_reported.description"}
"""The sealed column → the place that its seals name."""


class AdverseEffects(Projection):
    """One row per report that stands."""

    name = "adverse_effects"
    version = 2
    views = (EFFECTS,)

    @handles("medication_review.case.adverse_effect_reported")
    def reported(self, event: Event, rows: Rows) -> None:
        rows.put(EFFECTS, {**event.data, "episode_id": event.stream, "reported_by": event.actor})

    @handles("medication_review.case.adverse_effect_withdrawn")
    def withdrawn(self, event: Event, rows: Rows) -> None:
        rows.delete(EFFECTS, event.data["effect_id"])
