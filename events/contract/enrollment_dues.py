"""What enrollment publishes about what falls due in an episode of care, and what moves it.

At most one of each kind is due at a time; with a discharge nothing is due any more, which is not told one by one.
"""

from marshmallow import fields

from events.contract.enrollment import OfEpisode
from events.contract.fields import one_of, optional_text, required_instant, required_text
from events.contract.registry import published

DUE_KINDS = (
    "reassessment",
    "instrument_at_admission",
    "certification",
    "plan_review",
    "discharge_review",
    "authorization_renewal",
    "instrument_at_review",
    "instrument_at_discharge",
)


class OfDue(OfEpisode):
    kind = one_of(DUE_KINDS, "What has to be done")


@published("enrollment.due_set")
class DueSet(OfDue):
    """It has to be done by then; told again while it is due, the last word counts."""

    due_at = required_instant("By when")
    rule = required_text("Which parameter of which rule pack says so, or what else does")
    role = optional_text("Who has to do it")


@published("enrollment.due_met")
class DueMet(OfDue):
    met_at = required_instant("When it was done")


@published("enrollment.due_missed")
class DueMissed(OfDue):
    """The time came, and it was not done."""

    due_at = required_instant("When it was due")


@published("enrollment.due_escalated")
class DueEscalated(OfDue):
    """It is overdue for so long that somebody else is told."""

    due_at = required_instant("When it was due")
    escalated_to = required_text("The role that is told")


@published("enrollment.due_withdrawn")
class DueWithdrawn(OfDue):
    """What asked for it does not hold any more."""


@published("enrollment.plan_certified")
class PlanCertified(OfEpisode):
    """A physician certified the plan of care (42 CFR 424.24(d)), for the first time or again."""

    certified_at = required_instant("When")
    plan_version = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "Which version of the plan"}
    )


@published("enrollment.plan_reviewed")
class PlanReviewed(OfEpisode):
    """The team reviewed the plan of care."""

    reviewed_at = required_instant("When")
    outcome = required_text("continued, changed, step_up, step_down or discharge_planned")
