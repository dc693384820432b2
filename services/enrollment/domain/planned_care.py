"""What a plan of care says: what is treated, with which services, towards which goals."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

OPEN, MET, REVISED = "open", "met", "revised"
"""Where a goal stands; a revised goal is still to be met."""


@dataclass(frozen=True)
class Diagnosis:
    code: str
    system: str


@dataclass(frozen=True)
class PlannedService:
    """``type``: a code of the program, for example cbt_group. ``amount``: minutes each time; ``frequency``: times a
    week; ``duration``: weeks."""

    component: str
    type: str
    amount: int
    frequency: int
    duration: int

    @property
    def weekly_minutes(self) -> int:
        return self.amount * self.frequency


@dataclass(frozen=True)
class GoalAsked:
    """A goal as a clinician writes it; ``goal_id`` for one that the plan holds already."""

    code: str
    text: str
    goal_id: UUID | None = None


@dataclass(frozen=True)
class Goal:
    code: str
    text: Any
    status: str = OPEN
