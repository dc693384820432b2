"""How many hours has each participant in a week so far?"""

from sqlalchemy import Column, Date, DateTime, Integer, String, Uuid

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
    key=("episode_id",),
    indexes=("participant_id",),
)

PLACEMENTS = view(
    "placements",
    Column("episode_id", Uuid),
    Column("since", Date),
    Column("packs", Json, nullable=False),
    Column("age_group", String, nullable=False),
    key=("episode_id", "since"),
)
"""What judges an episode from a local day on: one row for the admission, one per transfer."""

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


BOOKED = view(
    "booked",
    Column("booking_id", Uuid),
    Column("episode_id", Uuid, nullable=False),
    Column("week_start", Date, nullable=False),
    Column("component", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    key=("booking_id",),
    indexes=("week_start", "episode_id"),
)
"""Bookings without an outcome."""


class WeeklyHours(Projection):
    """One row per episode and track, one per outcome in its week, one per booking without an outcome; which of them
    count, the packs of the week say."""

    name = "weekly_hours"
    version = 3
    views = (EPISODES, PLACEMENTS, COUNTED, BOOKED)

    @handles("attendance.episode.admitted")
    def admitted(self, event: Event, rows: Rows) -> None:
        facts = {name: event.data[name] for name in ("participant_id", "admitted_on")}
        rows.put(EPISODES, facts | {"episode_id": event.stream})
        own = {"episode_id": event.stream, "since": event.data["admitted_on"]}
        rows.put(PLACEMENTS, own | dict(event.data["judged_by"]))

    @handles("attendance.episode.transferred")
    def transferred(self, event: Event, rows: Rows) -> None:
        own = {"episode_id": event.stream, "since": event.data["effective_on"]}
        rows.put(PLACEMENTS, own | dict(event.data["placement"]["judged_by"]))

    @handles("attendance.episode.discharged")
    def discharged(self, event: Event, rows: Rows) -> None:
        if rows.get(EPISODES, event.stream) is not None:
            rows.change(EPISODES, event.stream, discharged_on=event.data["discharged_on"])

    @handles("attendance.treatment_week.booking_expected")
    def expected(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("booking_id", "episode_id", "week_start")}
        rows.put(BOOKED, own | dict(event.data["expected"]))

    @handles("attendance.treatment_week.booking_moved_away")
    def moved_away(self, event: Event, rows: Rows) -> None:
        for view_ in (BOOKED, COUNTED):
            row = rows.get(view_, event.data["booking_id"])
            if row is not None and row["week_start"] == event.data["week_start"]:
                rows.delete(view_, event.data["booking_id"])

    @handles("attendance.treatment_week.outcome_counted")
    def counted(self, event: Event, rows: Rows) -> None:
        rows.delete(BOOKED, event.data["booking_id"])
        own = {name: event.data[name] for name in ("booking_id", "episode_id", "week_start")}
        rows.put(COUNTED, own | dict(event.data["attended"]))
