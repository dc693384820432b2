"""How many hours has each participant in a week so far?"""

from sqlalchemy import Column, Date, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

EPISODES = view(
    "episodes",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("discharged_on", Date),
    Column("packs", Json, nullable=False),
    Column("age_group", String, nullable=False),
    key=("episode_id",),
    indexes=("participant_id",),
)

COUNTED = view(
    "counted",
    Column("booking_id", Uuid),
    Column("episode_id", Uuid, nullable=False),
    Column("week_start", Date, nullable=False),
    Column("component", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("status", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("telehealth_minutes", Integer),
    key=("booking_id",),
    indexes=("week_start",),
)


class WeeklyHours(Projection):
    """One row per episode, and one per outcome in its week; which of them count, the packs of the week say."""

    name = "weekly_hours"
    version = 2
    views = (EPISODES, COUNTED)

    @handles("attendance.episode.admitted")
    def admitted(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("participant_id", "admitted_on")}
        judged_by = event.data["judged_by"]
        rows.put(
            EPISODES,
            facts | {"episode_id": event.stream, "packs": judged_by["packs"], "age_group": judged_by["age_group"]},
        )

    @handles("attendance.episode.discharged")
    def discharged(self, event: Event, rows: Rows) -> None:
        if rows.get(EPISODES, event.stream) is not None:
            rows.change(EPISODES, event.stream, discharged_on=event.data["discharged_on"])

    @handles("attendance.treatment_week.outcome_counted")
    def counted(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("booking_id", "episode_id", "week_start")}
        rows.put(COUNTED, own | dict(event.data["attended"]))
