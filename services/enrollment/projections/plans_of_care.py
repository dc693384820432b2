"""What is an episode's plan of care, where do its goals stand, who certified and reviewed it?"""

from sqlalchemy import Column, Integer, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.planned_care import MET, OPEN, REVISED

PLAN = view(
    "plan_of_care",
    Column("episode_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("diagnoses", Json, nullable=False),
    Column("services", Json, nullable=False),
    Column("written_by", String, nullable=False),
    Column("written_at", Instant, nullable=False),
    key=("episode_id",),
    indexes=("participant_id",),
)

GOAL = view(
    "goal",
    Column("episode_id", Uuid),
    Column("goal_id", Uuid),
    Column("ordinal", Integer, nullable=False),
    Column("code", String, nullable=False),
    Column("text", String),
    Column("status", String, nullable=False),
    key=("episode_id", "goal_id"),
)
"""``text`` is sealed."""

REVIEW = view(
    "plan_review",
    Column("episode_id", Uuid),
    Column("ordinal", Integer),
    Column("plan_version", Integer, nullable=False),
    Column("outcome", String, nullable=False),
    Column("note", String),
    Column("reviewed_by", String, nullable=False),
    Column("reviewed_at", Instant, nullable=False),
    key=("episode_id", "ordinal"),
)
"""``note`` is sealed."""

CERTIFICATION = view(
    "certification",
    Column("episode_id", Uuid),
    Column("ordinal", Integer),
    Column("plan_version", Integer),
    Column("certified_by", String, nullable=False),
    Column("certified_at", Instant, nullable=False),
    Column("credential", String),
    key=("episode_id", "ordinal"),
)
"""The first is the certification, those after it are recertifications. ``credential``: none where it was not told."""


class PlansOfCare(Projection):
    name = "plans_of_care"
    version = 2
    views = (PLAN, GOAL, REVIEW, CERTIFICATION)

    @handles("enrollment.plan_of_care.written")
    def written(self, event: Event, rows: Rows) -> None:
        rows.put(PLAN, {**event.data, "plan_version": 1})

    @handles("enrollment.plan_of_care.rewritten")
    def rewritten(self, event: Event, rows: Rows) -> None:
        rows.put(PLAN, event.data)

    @handles("enrollment.plan_of_care.goal_set")
    def goal_set(self, event: Event, rows: Rows) -> None:
        goal = {name: event.data[name] for name in ("episode_id", "goal_id", "code", "text")}
        rows.put(GOAL, {**goal, "ordinal": event.version, "status": OPEN})

    @handles("enrollment.plan_of_care.goal_revised")
    def goal_revised(self, event: Event, rows: Rows) -> None:
        data = event.data
        rows.change(GOAL, data["episode_id"], data["goal_id"], text=data["text"], status=REVISED)

    @handles("enrollment.plan_of_care.goal_met")
    def goal_met(self, event: Event, rows: Rows) -> None:
        rows.change(GOAL, event.data["episode_id"], event.data["goal_id"], status=MET)

    @handles("enrollment.plan_of_care.goal_dropped")
    def goal_dropped(self, event: Event, rows: Rows) -> None:
        rows.delete(GOAL, event.data["episode_id"], event.data["goal_id"])

    @handles("enrollment.plan_of_care.reviewed")
    def reviewed(self, event: Event, rows: Rows) -> None:
        ordinal = 1 + len(rows.find(REVIEW, episode_id=event.data["episode_id"]))
        kept = {name: value for name, value in event.data.items() if name != "participant_id"}
        rows.put(REVIEW, {**kept, "ordinal": ordinal})

    @handles("enrollment.follow_up.plan_certified")
    def certified(self, event: Event, rows: Rows) -> None:
        data = event.data
        ordinal = 1 + len(rows.find(CERTIFICATION, episode_id=data["episode_id"]))
        names = ("episode_id", "plan_version", "certified_by", "certified_at", "credential")
        certified = {name: data.get(name) for name in names}
        rows.put(CERTIFICATION, {**certified, "ordinal": ordinal})
