"""The plan of care of an episode: what is treated, with which services, towards which goals; and its reviews.

42 CFR 424.24(d): diagnosis, the services' type, amount, frequency and duration, and the goals. It is written anew
whenever it changes; each writing is a version, and a certification names the version that it certifies.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain import plan_of_care_events as events
from services.enrollment.domain.errors import GoalAlreadyMet, GoalUnknown, PlanOfCareIncomplete
from services.enrollment.domain.identity import plan_of_care_id
from services.enrollment.domain.planned_care import MET, REVISED, Diagnosis, Goal, GoalAsked, PlannedService

DISCHARGE_PLANNED = "discharge_planned"
REVIEW_OUTCOMES = ("continued", "changed", "step_up", "step_down", DISCHARGE_PLANNED)


class PlanOfCare(Aggregate):
    TOPIC = "enrollment.plan_of_care"

    Created = events.Created
    PlanRewritten = events.PlanRewritten
    GoalSet = events.GoalSet
    GoalRevised = events.GoalRevised
    GoalMet = events.GoalMet
    GoalDropped = events.GoalDropped
    PlanReviewed = events.PlanReviewed

    @classmethod
    def write(
        cls,
        episode_id: UUID,
        participant_id: UUID,
        *,
        diagnoses: Sequence[Diagnosis],
        services: Sequence[PlannedService],
        by: str,
        at: datetime,
    ) -> "PlanOfCare":
        """The first version, without its goals: ``set_goals``. Raises ``PlanOfCareIncomplete``."""
        _check(diagnoses, services)
        return cls._create(
            cls.Created,
            id=plan_of_care_id(episode_id),
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
            diagnoses=tuple(diagnoses),
            services=tuple(services),
            written_by=by,
            written_at=at,
        )

    @event(events.Created)
    def __init__(
        self,
        participant_id: UUID,
        episode_id: UUID,
        diagnoses: tuple[Diagnosis, ...],
        services: tuple[PlannedService, ...],
    ) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.plan_version = 1
        self.diagnoses = diagnoses
        self.services = services
        self.goals: dict[UUID, Goal] = {}

    def rewrite(
        self, diagnoses: Sequence[Diagnosis], services: Sequence[PlannedService], by: str, at: datetime
    ) -> None:
        """The next version. Raises ``PlanOfCareIncomplete``."""
        _check(diagnoses, services)
        self._trigger(
            self.PlanRewritten,
            at,
            plan_version=self.plan_version + 1,
            diagnoses=tuple(diagnoses),
            services=tuple(services),
            written_by=by,
            written_at=at,
        )

    @event(events.PlanRewritten)
    def _rewritten(
        self, plan_version: int, diagnoses: tuple[Diagnosis, ...], services: tuple[PlannedService, ...]
    ) -> None:
        self.plan_version = plan_version
        self.diagnoses = diagnoses
        self.services = services

    def set_goals(self, asked: Sequence[tuple[UUID, GoalAsked]], at: datetime) -> None:
        """The plan's goals from now on; one that keeps its id keeps where it stands, and is revised by a new text.

        Raises ``PlanOfCareIncomplete`` and ``GoalUnknown``.
        """
        if not asked:
            raise PlanOfCareIncomplete("a plan of care names at least one goal")
        for one in [goal.goal_id for _, goal in asked if goal.goal_id is not None]:
            self._goal(one)
        for goal_id in [one for one in self.goals if one not in {id_ for id_, _ in asked}]:
            self._trigger(self.GoalDropped, at, goal_id=goal_id)
        for goal_id, goal in asked:
            held = self.goals.get(goal_id)
            if held is None:
                self._trigger(self.GoalSet, at, goal_id=goal_id, code=goal.code, text=goal.text)
            elif held.text != goal.text:
                self.revise_goal(goal_id, goal.text, at)

    @event(events.GoalSet)
    def _goal_set(self, goal_id: UUID, code: str, text: Any) -> None:
        self.goals[goal_id] = Goal(code, text)

    @event(events.GoalDropped)
    def _goal_dropped(self, goal_id: UUID) -> None:
        del self.goals[goal_id]

    def revise_goal(self, goal_id: UUID, text: str, at: datetime) -> None:
        """Raises ``GoalUnknown`` and ``GoalAlreadyMet``."""
        self._open_goal(goal_id)
        self._trigger(self.GoalRevised, at, goal_id=goal_id, text=text, revised_at=at)

    @event(events.GoalRevised)
    def _goal_revised(self, goal_id: UUID, text: Any) -> None:
        self.goals[goal_id] = replace(self.goals[goal_id], text=text, status=REVISED)

    def meet_goal(self, goal_id: UUID, at: datetime) -> None:
        """Raises ``GoalUnknown`` and ``GoalAlreadyMet``."""
        self._open_goal(goal_id)
        self._trigger(self.GoalMet, at, goal_id=goal_id, met_at=at)

    @event(events.GoalMet)
    def _goal_met(self, goal_id: UUID) -> None:
        self.goals[goal_id] = replace(self.goals[goal_id], status=MET)

    def review(self, outcome: str, note: str | None, by: str, at: datetime) -> None:
        """The team looked at the plan; when the next review falls due is set beside it."""
        self._trigger(
            self.PlanReviewed,
            at,
            plan_version=self.plan_version,
            outcome=outcome,
            note=note,
            reviewed_by=by,
            reviewed_at=at,
        )

    @event(events.PlanReviewed)
    def _reviewed(self) -> None:
        """Nothing is decided on it here."""

    def _goal(self, goal_id: UUID) -> Goal:
        if goal_id not in self.goals:
            raise GoalUnknown("the plan of care has no such goal; GET the plan for its goals")
        return self.goals[goal_id]

    def _open_goal(self, goal_id: UUID) -> None:
        if self._goal(goal_id).status == MET:
            raise GoalAlreadyMet("the goal was met; add a new one to go on from there")

    def _trigger(self, event_class: type[events.Event], at: datetime, **facts: Any) -> None:
        self.trigger_event(
            event_class, timestamp=at, participant_id=self.participant_id, episode_id=self.episode_id, **facts
        )


def _check(diagnoses: Sequence[Diagnosis], services: Sequence[PlannedService]) -> None:
    """42 CFR 424.24(d): the plan sets forth diagnosis and services."""
    missing = [name for name, given in (("diagnosis", diagnoses), ("services", services)) if not given]
    if missing:
        raise PlanOfCareIncomplete(f"a plan of care also names {' and '.join(missing)}")
