"""Which steps of absence policies are reached, and by which absences?"""

from sqlalchemy import Column, DateTime, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Json
from events.follow.view import view
from events.log.event import Event

STEPS = view(
    "absence_steps",
    Column("episode_id", Uuid),
    Column("policy", String),
    Column("step", String),
    Column("participant_id", Uuid, nullable=False),
    Column("reached_at", DateTime, nullable=False),
    Column("absences", Json, nullable=False),
    Column("taken_at", DateTime),
    Column("decided_by", Json),
    key=("episode_id", "policy", "step"),
    indexes=("participant_id", "step", "taken_at"),
)


class AbsenceSteps(Projection):
    """One row per step that is reached, with when it was taken; it goes when an excuse or a correction reverses it."""

    name = "absence_steps"
    version = 4
    views = (STEPS,)

    @handles("attendance.episode.absence_step_reached")
    def reached(self, event: Event, rows: Rows) -> None:
        own = {name: event.data[name] for name in ("policy", "step", "participant_id")}
        before = rows.get(STEPS, event.stream, own["policy"], own["step"]) or {}
        taken = {"taken_at": before.get("taken_at")}
        rows.put(STEPS, own | dict(event.data["reached"]) | taken | {"episode_id": event.stream})

    @handles("attendance.episode.absence_step_taken")
    def taken(self, event: Event, rows: Rows) -> None:
        rows.change(STEPS, event.stream, event.data["policy"], event.data["step"], taken_at=event.occurred_at)

    @handles("attendance.episode.absence_step_reversed")
    def reversed(self, event: Event, rows: Rows) -> None:
        rows.delete(STEPS, event.stream, event.data["policy"], event.data["step"])
