"""How was each treatment week judged?"""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, String, Uuid

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
    Column("decided_by", Json),
    key=("episode_id", "week_start"),
    indexes=("participant_id", "week_start"),
)
"""The verdict that holds. How often a week was judged again depends on when things became known, so it is not here: it
is in the log, and ``as_of`` shows each earlier verdict."""


OPEN_WEEKS = view(
    "open_weeks",
    Column("episode_id", Uuid),
    Column("week_start", Date),
    Column("participant_id", Uuid, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("judged_from", DateTime, nullable=False),
    key=("episode_id", "week_start"),
    indexes=("judged_from",),
)
"""Weeks that are not judged yet; from ``judged_from`` on they should be."""


class TreatmentWeeks(Projection):
    """One row per judged week of an episode, and one per week that is not judged yet."""

    name = "treatment_weeks"
    version = 3
    views = (WEEKS, OPEN_WEEKS)

    @handles("attendance.episode.week_opened")
    def opened(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("week_start", "participant_id", "judged_from")}
        ends_at = event.data.get("ends_at") or event.data["judged_from"]
        rows.put(OPEN_WEEKS, own | {"episode_id": event.stream, "ends_at": ends_at})

    @handles("attendance.episode.week_closed")
    def closed(self, event: Event, rows: Rows) -> None:
        rows.delete(OPEN_WEEKS, event.stream, event.data["week_start"])

    @handles("attendance.treatment_week.week_judged")
    def judged(self, event: Event, rows: Rows) -> None:
        verdict = event.data["verdict"]
        if verdict["basis"] == "outside_episode":
            rows.delete(WEEKS, event.data["episode_id"], event.data["week_start"])
            return
        own = {name: event.data[name] for name in ("episode_id", "week_start", "participant_id")}
        rows.put(WEEKS, own | dict(verdict))
