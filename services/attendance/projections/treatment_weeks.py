"""How was each treatment week judged?"""

from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

WEEKS = view(
    "treatment_weeks",
    Column("episode_id", Uuid),
    Column("week_start", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("compliant", Boolean, nullable=False),
    Column("broken_rules", Json, nullable=False),
    Column("packs", Json, nullable=False),
    Column("basis", String, nullable=False),
    Column("gap_days", Integer),
    Column("step_down", Boolean),
    Column("asked", Json),
    Column("noted", Json),
    Column("not_attended", Json),
    key=("episode_id", "week_start"),
    indexes=("participant_id", "week_start"),
)
"""The verdict that holds. How often a week was judged again depends on when things became known, so it is not here: it
is in the log, and ``as_of`` shows each earlier verdict."""


class TreatmentWeeks(Projection):
    """One row per judged week of an episode."""

    name = "treatment_weeks"
    version = 2
    views = (WEEKS,)

    @handles("attendance.treatment_week.week_judged")
    def judged(self, event: Event, rows: Rows) -> None:
        verdict = event.data["verdict"]
        if verdict["basis"] == "outside_episode":
            rows.delete(WEEKS, event.data["episode_id"], event.data["week_start"])
            return
        own = {name: event.data[name] for name in ("episode_id", "week_start", "participant_id")}
        rows.put(WEEKS, own | dict(verdict))
