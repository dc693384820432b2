"""Payload → command, and the parameters of queries. What a rule refuses is the domain's to say, not a schema's."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from events.contract.fields import COMPONENTS
from services.enrollment.domain import commands
from services.enrollment.domain.coverage import AuthorizationTold
from services.enrollment.domain.criteria import KINDS
from services.enrollment.domain.episode import DISCHARGE_REASONS, TRANSFERS
from services.enrollment.domain.follow_up import REVIEW_OUTCOMES as DISCHARGE_REVIEW_OUTCOMES
from services.enrollment.domain.instruments import INSTRUMENTS, OCCASIONS
from services.enrollment.domain.plan import AGE_GROUPS
from services.enrollment.domain.plan_of_care import REVIEW_OUTCOMES
from services.enrollment.domain.planned_care import Diagnosis, GoalAsked, PlannedService
from services.enrollment.domain.referral import URGENCIES, Problem
from services.enrollment.domain.units import ACTIVE, STATUSES
from services.platform.tokens import Role
from services.platform.web import CommandSchema, ParamsSchema

_CODE = validate.Regexp(r"^[a-z][a-z0-9_.]{0,63}$", error="a code: lower-case letters, digits, underscores, dots")
_SHORT = validate.Length(min=1, max=200)
_PROSE = validate.Length(min=1, max=10_000)
_SEXES = ("female", "male", "other", "unknown")


class AddressSchema(Schema):
    line = fields.String(validate=_SHORT)
    city = fields.String(validate=_SHORT)
    state = fields.String(validate=_SHORT)
    postal_code = fields.String(validate=_SHORT)
    country = fields.String(validate=_SHORT)


class PersonSchema(Schema):
    """Sealed before it is stored."""

    family = fields.String(required=True, validate=_SHORT)
    given = fields.String(validate=_SHORT)
    birth_date = fields.Date()
    sex = fields.String(validate=validate.OneOf(_SEXES))
    phone = fields.String(validate=_SHORT)
    email = fields.Email()
    address = fields.Nested(AddressSchema)

    @post_load
    def _plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "birth_date": data["birth_date"].isoformat()} if "birth_date" in data else data


class HospitalNumberSchema(CommandSchema):
    makes = commands.HospitalNumber
    authority = fields.String(required=True, validate=_SHORT)
    number = fields.String(required=True, validate=_SHORT)


class ProblemSchema(CommandSchema):
    makes = Problem
    code = fields.String(required=True, validate=_SHORT)
    system = fields.String(required=True, validate=_SHORT)
    display = fields.String(load_default=None, allow_none=True)


class TupleSchema(CommandSchema):
    """Lists become tuples, since commands are immutable."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(**{name: tuple(one) if isinstance(one, list) else one for name, one in data.items()})


class RegisterParticipantSchema(TupleSchema):
    makes = commands.RegisterParticipant
    participant_id = fields.UUID()
    person = fields.Nested(PersonSchema, required=True)
    identifiers = fields.List(fields.Nested(HospitalNumberSchema), load_default=list)


class UpdatePersonSchema(TupleSchema):
    makes = commands.UpdatePerson
    participant_id = fields.UUID(required=True)
    person = fields.Nested(PersonSchema, required=True)
    identifiers = fields.List(fields.Nested(HospitalNumberSchema), load_default=list)


class ReferParticipantSchema(TupleSchema):
    makes = commands.ReferParticipant
    participant_id = fields.UUID(required=True)
    referral_id = fields.UUID()
    source = fields.String(required=True, validate=_SHORT)
    urgency = fields.String(load_default="routine", validate=validate.OneOf(URGENCIES))
    reason = fields.String(validate=_PROSE)
    from_level_of_care = fields.String(validate=_CODE)
    problems = fields.List(fields.Nested(ProblemSchema), load_default=list)


class MergeParticipantsSchema(CommandSchema):
    makes = commands.MergeParticipants
    surviving_id = fields.UUID(required=True)
    retired_id = fields.UUID(required=True)


class UnmergeParticipantsSchema(CommandSchema):
    makes = commands.UnmergeParticipants
    surviving_id = fields.UUID(required=True)
    retired_id = fields.UUID(required=True)


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
    rationale = fields.Dict(keys=fields.String(), values=fields.String(validate=_PROSE), load_default=dict)
    age_group = fields.String(required=True, validate=validate.OneOf(AGE_GROUPS))


class OpenTrackSchema(TupleSchema):
    makes = commands.OpenTrack
    track_id = fields.UUID()
    name = fields.String(required=True, validate=_SHORT)
    time_zone = fields.String(required=True, validate=_SHORT)
    packs = fields.List(fields.String(validate=_CODE), required=True, validate=validate.Length(min=1))
    census_limit = fields.Integer(required=True, strict=True)


class ChangeCensusLimitSchema(CommandSchema):
    makes = commands.ChangeCensusLimit
    track_id = fields.UUID(required=True)
    census_limit = fields.Integer(required=True, strict=True)


class AdmitParticipantSchema(TupleSchema):
    makes = commands.AdmitParticipant
    participant_id = fields.UUID(required=True)
    track_id = fields.UUID(required=True)
    components = fields.List(fields.String(validate=validate.OneOf(COMPONENTS)), required=True)
    assessment_id = fields.UUID()
    referral_id = fields.UUID()
    episode_id = fields.UUID()
    priority = fields.Integer(load_default=3, strict=True, validate=validate.Range(min=1, max=9))
    waitlist_reason = fields.String(load_default="census_limit", validate=_CODE)
    packs = fields.List(fields.String(validate=_CODE), validate=validate.Length(min=1))
    override_reason = fields.String(validate=_PROSE)
    level_of_care = fields.String(validate=_CODE)
    age_group = fields.String(validate=validate.OneOf(AGE_GROUPS))


class TransferParticipantSchema(TupleSchema):
    makes = commands.TransferParticipant
    episode_id = fields.UUID(required=True)
    track_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TRANSFERS))
    level_of_care = fields.String(validate=_CODE)
    age_group = fields.String(validate=validate.OneOf(AGE_GROUPS))
    components = fields.List(fields.String(validate=validate.OneOf(COMPONENTS)))
    packs = fields.List(fields.String(validate=_CODE), validate=validate.Length(min=1))
    assessment_id = fields.UUID()
    priority = fields.Integer(load_default=3, strict=True, validate=validate.Range(min=1, max=9))
    reason = fields.String(load_default="clinical", validate=_CODE)


class AcceptOfferSchema(CommandSchema):
    makes = commands.AcceptOffer
    episode_id = fields.UUID(required=True)


class DeclineOfferSchema(CommandSchema):
    makes = commands.DeclineOffer
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=_CODE)


class LeaveWaitlistSchema(CommandSchema):
    makes = commands.LeaveWaitlist
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=_CODE)


class SuspendEpisodeSchema(CommandSchema):
    makes = commands.SuspendEpisode
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=_CODE)
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


class ScoreInstrumentSchema(TupleSchema):
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


class DiagnosisSchema(CommandSchema):
    makes = Diagnosis
    code = fields.String(required=True, validate=_SHORT)
    system = fields.String(required=True, validate=_SHORT)


class PlannedServiceSchema(CommandSchema):
    """``amount``: minutes each time; ``frequency``: times a week; ``duration``: weeks."""

    makes = PlannedService
    component = fields.String(required=True, validate=validate.OneOf(COMPONENTS))
    type = fields.String(required=True, validate=_CODE)
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=1440))
    frequency = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=50))
    duration = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=104))


class GoalSchema(CommandSchema):
    makes = GoalAsked
    goal_id = fields.UUID()
    code = fields.String(required=True, validate=_CODE)
    text = fields.String(required=True, validate=_PROSE)


class WritePlanOfCareSchema(TupleSchema):
    makes = commands.WritePlanOfCare
    episode_id = fields.UUID(required=True)
    diagnoses = fields.List(fields.Nested(DiagnosisSchema), required=True)
    services = fields.List(fields.Nested(PlannedServiceSchema), required=True)
    goals = fields.List(fields.Nested(GoalSchema), required=True)


class MeetGoalSchema(CommandSchema):
    makes = commands.MeetGoal
    episode_id = fields.UUID(required=True)
    goal_id = fields.UUID(required=True)


class ReviewPlanOfCareSchema(CommandSchema):
    makes = commands.ReviewPlanOfCare
    episode_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(REVIEW_OUTCOMES))
    note = fields.String(validate=_PROSE)


class CertifyPlanSchema(CommandSchema):
    makes = commands.CertifyPlan
    episode_id = fields.UUID(required=True)
    plan_version = fields.Integer(strict=True)


class DischargeParticipantSchema(CommandSchema):
    makes = commands.DischargeParticipant
    episode_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(DISCHARGE_REASONS))
    plan = fields.String(validate=_PROSE)
    to_level_of_care = fields.String(validate=_CODE)
    since = fields.AwareDateTime()
    override_reason = fields.String(validate=_PROSE)


class GiveConsentSchema(TupleSchema):
    makes = commands.GiveConsent
    participant_id = fields.UUID(required=True)
    consent_id = fields.UUID()
    discloser = fields.String(load_default="program", validate=_CODE)
    recipient = fields.String(required=True, validate=_CODE)
    scope = fields.List(fields.String(validate=_CODE), required=True, validate=validate.Length(min=1))
    purpose = fields.String(required=True, validate=_CODE)
    expires_on = fields.Date(load_default=None)
    signed_by = fields.String(load_default="participant", validate=validate.OneOf(("participant", "representative")))
    signed_at = fields.AwareDateTime()


class RevokeConsentSchema(CommandSchema):
    makes = commands.RevokeConsent
    consent_id = fields.UUID(required=True)


class ReviewDischargeSchema(CommandSchema):
    makes = commands.ReviewDischarge
    episode_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(DISCHARGE_REVIEW_OUTCOMES))
    note = fields.String(validate=_PROSE)


class RecordAuthorizationSchema(CommandSchema):
    """``units``: billable days that it pays for; ``days_per_week``: at most so many of them from Monday to Sunday."""

    makes = commands.RecordAuthorization
    episode_id = fields.UUID(required=True)
    authorization_id = fields.UUID()
    number = fields.String(required=True, validate=_SHORT)
    payer = fields.String(required=True, validate=_CODE)
    from_date = fields.Date(required=True)
    through_date = fields.Date(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=10_000))
    unit = fields.String(load_default="day", validate=validate.OneOf(("day", "unit")))
    days_per_week = fields.Integer(strict=True, validate=validate.Range(min=1, max=7), load_default=None)
    level_of_care = fields.String(validate=_CODE, load_default=None)
    status = fields.String(load_default=ACTIVE, validate=validate.OneOf(STATUSES))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        episode_id, authorization_id = data.pop("episode_id"), data.pop("authorization_id", None)
        return self.makes(episode_id, AuthorizationTold(**data), authorization_id)


class ParticipantsParams(ParamsSchema):
    track_id = fields.UUID()
    status = fields.String(validate=_CODE)


class OutcomesParams(ParamsSchema):
    track_id = fields.UUID()


class DisclosureParams(ParamsSchema):
    participant_id = fields.UUID(required=True)
    recipient = fields.String(required=True, validate=_CODE)
    scope = fields.String(required=True, validate=_CODE)
    purpose = fields.String(required=True, validate=_CODE)
    at = fields.AwareDateTime(required=True)


class DueParams(ParamsSchema):
    until = fields.AwareDateTime()
    overdue = fields.Boolean()
    role = fields.String(validate=validate.OneOf(tuple(Role)))
