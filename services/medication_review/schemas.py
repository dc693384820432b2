"""Payload → command, and parameters of queries. Shape only: whether it may be done, the domain decides."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.medication_review.domain import commands, dose_commands
from services.medication_review.domain.doses import MEDICATIONS, OUTCOMES, WEEKDAYS
from services.medication_review.domain.episode_facts import KINDS, SEVERITIES
from services.medication_review.domain.interactions import REASONS
from services.medication_review.domain.medications import ACTIONS, Decision
from services.medication_review.domain.pdmp import RESULTS
from services.medication_review.due import MISSED_DOSES, PDMP_CHECK
from services.platform.web import READERS, CommandSchema, ParamsSchema

SHORT = validate.Length(min=1, max=120)
SOURCES = ("self_report", "discharge_list")
"""What staff may enter; hospital orders and lists come from hospitals, the program's own list from decisions."""


def _optional() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=SHORT)


class ListMedication(CommandSchema):
    makes = commands.ListMedication
    participant_id = fields.UUID(required=True)
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    name = fields.String(required=True, validate=SHORT)
    order_id = _optional()
    status = fields.String(load_default="active", validate=validate.OneOf(("active", "stopped")))
    code = _optional()
    system = _optional()
    dose = _optional()
    frequency = _optional()
    route = _optional()
    stated_at = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "Since when the source says so, such as the day of the discharge; without it, now"},
    )


MARKS = validate.Length(max=1000)


class CompleteReconciliation(CommandSchema):
    makes = commands.CompleteReconciliation
    episode_id = fields.UUID(required=True)
    review_id = fields.UUID(required=True)
    compared = fields.List(fields.String(validate=SHORT), load_default=None, validate=MARKS)
    explained = fields.List(fields.String(validate=SHORT), load_default=list, validate=MARKS)


class OneDecision(CommandSchema):
    makes = Decision
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    source = _optional()
    order_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=250))
    name = _optional()
    dose = _optional()
    frequency = _optional()
    route = _optional()
    code = fields.String(
        load_default=None, allow_none=True, validate=SHORT, metadata={"description": "With `start`, such as of RxNorm"}
    )
    system = _optional()


class CompleteReview(CommandSchema):
    makes = commands.CompleteReview
    episode_id = fields.UUID(required=True)
    review_id = fields.UUID(required=True)
    decisions = fields.List(fields.Nested(OneDecision), load_default=list)
    rationale = fields.String(load_default="", validate=validate.Length(max=2000))
    compared = fields.List(fields.String(validate=SHORT), load_default=None, validate=MARKS)
    explained = fields.List(fields.String(validate=SHORT), load_default=list, validate=MARKS)


class ReportAdverseEffect(CommandSchema):
    makes = commands.ReportAdverseEffect
    episode_id = fields.UUID(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(SEVERITIES))
    description = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    source = _optional()
    order_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=250))

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        if (data["source"] is None) != (data["order_id"] is None):
            raise ValidationError("source and order_id name a medication together; send both or neither")


class WithdrawAdverseEffect(CommandSchema):
    makes = commands.WithdrawAdverseEffect
    episode_id = fields.UUID(required=True)
    effect_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class RecordPdmpCheck(CommandSchema):
    makes = commands.RecordPdmpCheck
    episode_id = fields.UUID(required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    checked_at = fields.AwareDateTime(load_default=None)


class AcknowledgeInteraction(CommandSchema):
    makes = commands.AcknowledgeInteraction
    episode_id = fields.UUID(required=True)
    interaction = fields.String(required=True, validate=SHORT)
    ingredients = fields.List(fields.String(validate=SHORT), required=True, validate=validate.Length(equal=2))
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))


def _weekdays(**with_: Any) -> fields.List[str]:
    one = fields.String(validate=validate.OneOf(WEEKDAYS))
    return fields.List(one, validate=validate.Length(max=len(WEEKDAYS)), **with_)


class OrderDoses(CommandSchema):
    makes = dose_commands.OrderDoses
    episode_id = fields.UUID(required=True)
    medication = fields.String(required=True, validate=validate.OneOf(MEDICATIONS))
    days = _weekdays(required=True)
    take_home_days = _weekdays(load_default=list)
    dose = _optional()
    starts_on = fields.Date(load_default=None)


class EndDoseOrder(CommandSchema):
    makes = dose_commands.EndDoseOrder
    episode_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    ended_on = fields.Date(load_default=None)


class RecordDose(CommandSchema):
    makes = dose_commands.RecordDose
    episode_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    on = fields.Date(load_default=None)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=2000))
    override_reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=2000))


class OfParticipant(ParamsSchema):
    participant_id = fields.UUID(required=True)


DUE_KINDS = (*KINDS, PDMP_CHECK, MISSED_DOSES)


class MedicationHistory(OfParticipant):
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class DueList(ParamsSchema):
    overdue = fields.Boolean(load_default=None)
    until = fields.AwareDateTime(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(DUE_KINDS))
    role = fields.String(load_default=None, validate=validate.OneOf(sorted(READERS)))
