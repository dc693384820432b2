"""Whose week is out of reach, and what is missing?"""

from sqlalchemy import Column, Date, Integer, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

WARNINGS = view(
    "early_warnings",
    Column("episode_id", Uuid),
    Column("week", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("missing_minutes", Integer, nullable=False),
    Column("missing_days", Integer, nullable=False),
    Column("by_day", Json, nullable=False),
    Column("track_id", Uuid),
    Column("days", Json, nullable=False),
    Column("judged_by", Json, nullable=False),
    key=("episode_id", "week"),
    indexes=("participant_id", "week"),
)
"""``by_day``: minutes in reach towards each day; ``track_id``, ``days`` and ``judged_by``: where make-ups are looked
for. What would repair the week depends on seats, so it is worked out when somebody asks."""


class EarlyWarnings(Projection):
    """One row per warning that stands."""

    name = "early_warnings"
    views = (WARNINGS,)

    @handles("attendance.treatment_week.early_warning_raised")
    def raised(self, event: Event, rows: Rows) -> None:
        lacking, within = event.data["shortfall"], event.data["within"]
        rows.put(
            WARNINGS,
            {
                "episode_id": event.data["episode_id"],
                "week": event.data["week_start"],
                "participant_id": event.data["participant_id"],
                "missing_minutes": lacking["minutes"],
                "missing_days": lacking["days"],
                "by_day": lacking["by_day"],
                **within,
            },
        )

    @handles("attendance.treatment_week.early_warning_cleared")
    def cleared(self, event: Event, rows: Rows) -> None:
        rows.delete(WARNINGS, event.data["episode_id"], event.data["week_start"])
