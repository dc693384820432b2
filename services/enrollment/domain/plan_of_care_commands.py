"""Plans of care: written, reviewed, certified, their goals met."""

from dataclasses import dataclass
from uuid import UUID

from services.enrollment.domain.planned_care import Diagnosis, GoalAsked, PlannedService


@dataclass(frozen=True)
class WritePlanOfCare:
    """The whole plan, also when only a part of it changed."""

    episode_id: UUID
    diagnoses: tuple[Diagnosis, ...]
    services: tuple[PlannedService, ...]
    goals: tuple[GoalAsked, ...]


@dataclass(frozen=True)
class MeetGoal:
    episode_id: UUID
    goal_id: UUID


@dataclass(frozen=True)
class ReviewPlanOfCare:
    episode_id: UUID
    outcome: str
    note: str | None = None


@dataclass(frozen=True)
class CertifyPlan:
    """``plan_version``: what was read, so that a plan that changed meanwhile is not certified unread. ``credential``:
    as what who certifies signs."""

    episode_id: UUID
    plan_version: int | None = None
    credential: str | None = None
