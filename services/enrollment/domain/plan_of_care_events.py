"""What happens to a plan of care, as it is stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.enrollment.domain.planned_care import Diagnosis, PlannedService


class Event(Aggregate.Event):
    TOPIC = "enrollment.plan_of_care.event"
    participant_id: UUID
    episode_id: UUID


class Created(Aggregate.Created):
    TOPIC = "enrollment.plan_of_care.written"
    participant_id: UUID
    episode_id: UUID
    diagnoses: tuple[Diagnosis, ...]
    services: tuple[PlannedService, ...]
    written_by: str
    written_at: datetime


class PlanRewritten(Event):
    TOPIC = "enrollment.plan_of_care.rewritten"
    plan_version: int
    diagnoses: tuple[Diagnosis, ...]
    services: tuple[PlannedService, ...]
    written_by: str
    written_at: datetime


class GoalSet(Event):
    TOPIC = "enrollment.plan_of_care.goal_set"
    PERSONAL = ("text",)
    goal_id: UUID
    code: str
    text: Any


class GoalRevised(Event):
    TOPIC = "enrollment.plan_of_care.goal_revised"
    PERSONAL = ("text",)
    goal_id: UUID
    text: Any
    revised_at: datetime


class GoalMet(Event):
    TOPIC = "enrollment.plan_of_care.goal_met"
    goal_id: UUID
    met_at: datetime


class GoalDropped(Event):
    """The plan goes on without this goal."""

    TOPIC = "enrollment.plan_of_care.goal_dropped"
    goal_id: UUID


class PlanReviewed(Event):
    TOPIC = "enrollment.plan_of_care.reviewed"
    PERSONAL = ("note",)
    plan_version: int
    outcome: str
    note: Any
    reviewed_by: str
    reviewed_at: datetime
