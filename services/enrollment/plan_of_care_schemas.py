"""Payload → command about plans of care."""

from marshmallow import fields, validate

from events.contract.fields import COMPONENTS
from services.enrollment.domain import (
    plan_of_care_commands,
)
from services.enrollment.domain.plan_of_care import REVIEW_OUTCOMES
from services.enrollment.domain.planned_care import Diagnosis, GoalAsked, PlannedService
from services.enrollment.schema_parts import CODE, PROSE, SHORT
from services.platform.pack_parameters import CREDENTIALS
from services.platform.web import CommandSchema


class DiagnosisSchema(CommandSchema):
    makes = Diagnosis
    code = fields.String(required=True, validate=SHORT)
    system = fields.String(required=True, validate=SHORT)


class PlannedServiceSchema(CommandSchema):
    """``amount``: minutes each time; ``frequency``: times a week; ``duration``: weeks."""

    makes = PlannedService
    component = fields.String(required=True, validate=validate.OneOf(COMPONENTS))
    type = fields.String(required=True, validate=CODE)
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=1440))
    frequency = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=50))
    duration = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=104))


class GoalSchema(CommandSchema):
    makes = GoalAsked
    goal_id = fields.UUID()
    code = fields.String(required=True, validate=CODE)
    text = fields.String(required=True, validate=PROSE)


class WritePlanOfCareSchema(CommandSchema):
    makes = plan_of_care_commands.WritePlanOfCare
    episode_id = fields.UUID(required=True)
    diagnoses = fields.List(fields.Nested(DiagnosisSchema), required=True)
    services = fields.List(fields.Nested(PlannedServiceSchema), required=True)
    goals = fields.List(fields.Nested(GoalSchema), required=True)


class MeetGoalSchema(CommandSchema):
    makes = plan_of_care_commands.MeetGoal
    episode_id = fields.UUID(required=True)
    goal_id = fields.UUID(required=True)


class ReviewPlanOfCareSchema(CommandSchema):
    makes = plan_of_care_commands.ReviewPlanOfCare
    episode_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(REVIEW_OUTCOMES))
    note = fields.String(validate=PROSE)


class CertifyPlanSchema(CommandSchema):
    makes = plan_of_care_commands.CertifyPlan
    episode_id = fields.UUID(required=True)
    plan_version = fields.Integer(strict=True)
    credential = fields.String(validate=validate.OneOf(CREDENTIALS))
