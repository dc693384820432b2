"""Whose a review is, and who is told, one after the other, when it is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.medication_review.domain.episode_facts import Kind
from services.medication_review.domain.rules import ReviewRules

RESPONSIBLE: Mapping[Kind, str] = {"reconciliation": "coordinator", "review": "prescriber"}
"""Who sees to it: a review is a prescriber's, who else may complete a reconciliation the packs say."""


ESCALATES_TO = ("coordinator", "auditor")
"""Who may be told of what is overdue, each after the packs' hours."""


@dataclass(frozen=True)
class Escalation:
    """From ``at`` on ``to`` is told, too, unless it is done by then."""

    to: str
    at: datetime


def escalations(kind: Kind, due_at: datetime, rules: ReviewRules) -> tuple[Escalation, ...]:
    """The rule ``overdue_review_escalates``: the steps in their order. Who has to do it anyway is none of them."""
    steps = [Escalation(role, due_at + after) for role, after in rules.escalation if role != RESPONSIBLE[kind]]
    return tuple(sorted(steps, key=lambda step: (step.at, step.to)))
