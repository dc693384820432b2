"""Payload → command, and the parameters of queries. What a rule refuses is the domain's to say, not a schema's."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load, validate

from events.contract.fields import COMPONENTS
from services.enrollment.domain import (
    authorization_commands,
    commands,
)
from services.enrollment.domain.coverage import AuthorizationTold
from services.enrollment.domain.criteria import KINDS
from services.enrollment.domain.episode import DISCHARGE_REASONS, TRANSFERS
from services.enrollment.domain.follow_up import REVIEW_OUTCOMES as DISCHARGE_REVIEW_OUTCOMES
from services.enrollment.domain.instruments import INSTRUMENTS, OCCASIONS
from services.enrollment.domain.plan import AGE_GROUPS
from services.enrollment.domain.units import ACTIVE, STATUSES
from services.enrollment.schema_parts import CODE, PROSE, SHORT
from services.platform.tokens import Role
from services.platform.web import CommandSchema, ParamsSchema


class AnswerField(fields.Integer):
    """True, false or a rating; kept as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        return int(value) if isinstance(value, bool) else super()._deserialize(value, attr, data, **kwargs)


class AssessLevelOfCareSchema(CommandSchema):
    """``answers``: true or false per criterion, or 0 to 4 per ASAM dimension."""

    makes = commands.AssessLevelOfCare
    participant_id = fields.UUID(required=True)
    assessment_id = fields.UUID()
    episode_id = fields.UUID()
    track_id = fields.UUID()
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    answers = fields.Dict(keys=fields.String(), values=AnswerField(strict=True), required=True)
    rationale = fields.Dict(keys=fields.String(), values=fields.String(validate=PROSE), load_default=dict)
    age_group = fields.String(required=True, validate=validate.OneOf(AGE_GROUPS))


class OpenTrackSchema(CommandSchema):
    makes = commands.OpenTrack
    track_id = fields.UUID()
    name = fields.String(required=True, validate=SHORT)
    time_zone = fields.String(required=True, validate=SHORT)
    packs = fields.List(fields.String(validate=CODE), required=True, validate=validate.Length(min=1))
    census_limit = fields.Integer(required=True, strict=True)


class ChangeCensusLimitSchema(CommandSchema):
    makes = commands.ChangeCensusLimit
    track_id = fields.UUID(required=True)
    census_limit = fields.Integer(required=True, strict=True)


class AdmitParticipantSchema(CommandSchema):
    makes = commands.AdmitParticipant
    participant_id = fields.UUID(required=True)
    track_id = fields.UUID(required=True)
    components = fields.List(fields.String(validate=validate.OneOf(COMPONENTS)), required=True)
    assessment_id = fields.UUID()
    referral_id = fields.UUID()
    episode_id = fields.UUID()
    priority = fields.Integer(load_default=3, strict=True, validate=validate.Range(min=1, max=9))
    waitlist_reason = fields.String(load_default="census_limit", validate=CODE)
    packs = fields.List(fields.String(validate=CODE), validate=validate.Length(min=1))
    override_reason = fields.String(validate=PROSE)
    level_of_care = fields.String(validate=CODE)
    age_group = fields.String(validate=validate.OneOf(AGE_GROUPS))


class TransferParticipantSchema(CommandSchema):
    makes = commands.TransferParticipant
    episode_id = fields.UUID(required=True)
    track_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TRANSFERS))
    level_of_care = fields.String(validate=CODE)
    age_group = fields.String(validate=validate.OneOf(AGE_GROUPS))
    components = fields.List(fields.String(validate=validate.OneOf(COMPONENTS)))
    packs = fields.List(fields.String(validate=CODE), validate=validate.Length(min=1))
    assessment_id = fields.UUID()
    priority = fields.Integer(load_default=3, strict=True, validate=validate.Range(min=1, max=9))
    reason = fields.String(load_default="clinical", validate=CODE)


class AcceptOfferSchema(CommandSchema):
    makes = commands.AcceptOffer
    episode_id = fields.UUID(required=True)


class DeclineOfferSchema(CommandSchema):
    makes = commands.DeclineOffer
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=CODE)


class LeaveWaitlistSchema(CommandSchema):
    makes = commands.LeaveWaitlist
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=CODE)


class SuspendEpisodeSchema(CommandSchema):
    makes = commands.SuspendEpisode
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=CODE)
    since = fields.AwareDateTime()


class ResumeEpisodeSchema(CommandSchema):
    makes = commands.ResumeEpisode
    episode_id = fields.UUID(required=True)
    since = fields.AwareDateTime()


class NumberField(fields.Float):
    """A number as such: neither text nor true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, str | bool):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class ScoreInstrumentSchema(CommandSchema):
    """One of ``answers`` (null where an item was left out), ``score`` (the total) and ``scores`` (by scale).
    ``safety_answer``: beside the latter two."""

    makes = commands.ScoreInstrument
    episode_id = fields.UUID(required=True)
    instrument = fields.String(required=True, validate=validate.OneOf(tuple(INSTRUMENTS)))
    occasion = fields.String(required=True, validate=validate.OneOf(OCCASIONS))
    answers = fields.List(fields.Integer(strict=True, allow_none=True))
    score = NumberField()
    safety_answer = fields.Integer(strict=True)
    scores = fields.Dict(keys=fields.String(), values=NumberField())


class DischargeParticipantSchema(CommandSchema):
    makes = commands.DischargeParticipant
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(DISCHARGE_REASONS))
    plan = fields.String(validate=PROSE)
    to_level_of_care = fields.String(validate=CODE)
    since = fields.AwareDateTime()
    override_reason = fields.String(validate=PROSE)


class ReviewDischargeSchema(CommandSchema):
    makes = commands.ReviewDischarge
    episode_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(DISCHARGE_REVIEW_OUTCOMES))
    note = fields.String(validate=PROSE)


class RecordAuthorizationSchema(CommandSchema):
    """``units``: billable days that it pays for; ``days_per_week``: at most so many of them from Monday to Sunday."""

    makes = authorization_commands.RecordAuthorization
    episode_id = fields.UUID(required=True)
    authorization_id = fields.UUID()
    number = fields.String(required=True, validate=SHORT)
    payer = fields.String(required=True, validate=CODE)
    from_date = fields.Date(required=True)
    through_date = fields.Date(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=10_000))
    unit = fields.String(load_default="day", validate=validate.OneOf(("day", "unit")))
    days_per_week = fields.Integer(strict=True, validate=validate.Range(min=1, max=7), load_default=None)
    level_of_care = fields.String(validate=CODE, load_default=None)
    status = fields.String(load_default=ACTIVE, validate=validate.OneOf(STATUSES))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        episode_id, authorization_id = data.pop("episode_id"), data.pop("authorization_id", None)
        return self.makes(episode_id, AuthorizationTold(**data), authorization_id)


class ParticipantsParams(ParamsSchema):
    track_id = fields.UUID()
    status = fields.String(validate=CODE)


class OutcomesParams(ParamsSchema):
    track_id = fields.UUID()


class DisclosureParams(ParamsSchema):
    participant_id = fields.UUID(required=True)
    recipient = fields.String(required=True, validate=CODE)
    scope = fields.String(required=True, validate=CODE)
    purpose = fields.String(required=True, validate=CODE)
    at = fields.AwareDateTime(required=True)


class DueParams(ParamsSchema):
    until = fields.AwareDateTime()
    overdue = fields.Boolean()
    role = fields.String(validate=validate.OneOf(tuple(Role)))
