"""Payload → command about people: who they are, who refers them, what they consent to."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.enrollment.domain import (
    consent_commands,
    people_commands,
)
from services.enrollment.domain.referral import URGENCIES, Problem
from services.enrollment.schema_parts import CODE, PROSE, SHORT
from services.platform.web import CommandSchema

SEXES = ("female", "male", "other", "unknown")


class AddressSchema(Schema):
    line = fields.String(validate=SHORT)
    city = fields.String(validate=SHORT)
    state = fields.String(validate=SHORT)
    postal_code = fields.String(validate=SHORT)
    country = fields.String(validate=SHORT)


class PersonSchema(Schema):
    """Sealed before it is stored."""

    family = fields.String(required=True, validate=SHORT)
    given = fields.String(validate=SHORT)
    birth_date = fields.Date()
    sex = fields.String(validate=validate.OneOf(SEXES))
    phone = fields.String(validate=SHORT)
    email = fields.Email()
    address = fields.Nested(AddressSchema)

    @post_load
    def _plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "birth_date": data["birth_date"].isoformat()} if "birth_date" in data else data


class HospitalNumberSchema(CommandSchema):
    makes = people_commands.HospitalNumber
    authority = fields.String(required=True, validate=SHORT)
    number = fields.String(required=True, validate=SHORT)


class ProblemSchema(CommandSchema):
    makes = Problem
    code = fields.String(required=True, validate=SHORT)
    system = fields.String(required=True, validate=SHORT)
    display = fields.String(load_default=None, allow_none=True)


class RegisterParticipantSchema(CommandSchema):
    makes = people_commands.RegisterParticipant
    participant_id = fields.UUID()
    person = fields.Nested(PersonSchema, required=True)
    identifiers = fields.List(fields.Nested(HospitalNumberSchema), load_default=list)


class UpdatePersonSchema(CommandSchema):
    makes = people_commands.UpdatePerson
    participant_id = fields.UUID(required=True)
    person = fields.Nested(PersonSchema, required=True)
    identifiers = fields.List(fields.Nested(HospitalNumberSchema), load_default=list)


class ReferParticipantSchema(CommandSchema):
    makes = people_commands.ReferParticipant
    participant_id = fields.UUID(required=True)
    referral_id = fields.UUID()
    source = fields.String(required=True, validate=SHORT)
    urgency = fields.String(load_default="routine", validate=validate.OneOf(URGENCIES))
    reason = fields.String(validate=PROSE)
    from_level_of_care = fields.String(validate=CODE)
    problems = fields.List(fields.Nested(ProblemSchema), load_default=list)


class MergeParticipantsSchema(CommandSchema):
    makes = people_commands.MergeParticipants
    surviving_id = fields.UUID(required=True)
    retired_id = fields.UUID(required=True)


class UnmergeParticipantsSchema(CommandSchema):
    makes = people_commands.UnmergeParticipants
    surviving_id = fields.UUID(required=True)
    retired_id = fields.UUID(required=True)


class GiveConsentSchema(CommandSchema):
    makes = consent_commands.GiveConsent
    participant_id = fields.UUID(required=True)
    consent_id = fields.UUID()
    discloser = fields.String(load_default="program", validate=CODE)
    recipient = fields.String(required=True, validate=CODE)
    scope = fields.List(fields.String(validate=CODE), required=True, validate=validate.Length(min=1))
    purpose = fields.String(required=True, validate=CODE)
    expires_on = fields.Date(load_default=None)
    signed_by = fields.String(load_default="participant", validate=validate.OneOf(("participant", "representative")))
    signed_at = fields.AwareDateTime()


class RevokeConsentSchema(CommandSchema):
    makes = consent_commands.RevokeConsent
    consent_id = fields.UUID(required=True)
