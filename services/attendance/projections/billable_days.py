"""What does each day of service amount to?"""

from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

DAYS = view(
    "billable_days",
    Column("episode_id", Uuid),
    Column("date", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("billable", Boolean, nullable=False),
    Column("bills_as", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("components", Json, nullable=False),
    Column("group", Boolean, nullable=False),
    Column("gap_days", Integer, nullable=False),
    Column("broken_rules", Json, nullable=False),
    Column("packs", Json, nullable=False),
    Column("decided_by", Json),
    key=("episode_id", "date"),
    indexes=("participant_id", "date"),
)
"""The verdict that holds; ``as_of`` shows earlier ones, and the log how often it changed."""


class BillableDays(Projection):
    """One row per local day with minutes that count."""

    name = "billable_days"
    version = 2
    views = (DAYS,)

    @handles("attendance.treatment_week.billable_day_determined")
    def determined(self, event: Event, rows: Rows) -> None:
        verdict, day = event.data["verdict"], event.data["day"]
        if verdict["minutes"] == 0:
            rows.delete(DAYS, event.data["episode_id"], day)
            return
        own = {name: event.data[name] for name in ("episode_id", "participant_id")}
        rows.put(DAYS, {**own, "date": day, **verdict, "billable": verdict["bills_as"] == "per_diem"})
