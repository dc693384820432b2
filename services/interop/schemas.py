"""What callers send: payload → command."""

from typing import Any, ClassVar

from marshmallow import fields, pre_load, validate

from services.interop.domain import commands
from services.platform.web import CommandSchema, ParamsSchema


def _reason() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=3, max=500))


class Refer(CommandSchema):
    """A FHIR R4 Bundle as it is, or ``{"bundle": …}`` with what it does not say."""

    makes: ClassVar[type] = commands.Refer
    bundle = fields.Dict(required=True, metadata={"description": "FHIR R4 Bundle with one Patient"})
    hospital = fields.String(load_default=None, allow_none=True)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))
    urgency = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(("routine", "urgent", "emergency"))
    )
    from_level_of_care = fields.String(load_default=None, allow_none=True)

    @pre_load
    def bare(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"bundle": data} if "resourceType" in data else data


class ReplayMessage(CommandSchema):
    makes: ClassVar[type] = commands.ReplayMessage
    message_id = fields.UUID(required=True)


class DiscardMessage(ReplayMessage):
    makes: ClassVar[type] = commands.DiscardMessage
    reason = _reason()


class ReadRaw(ReplayMessage):
    makes: ClassVar[type] = commands.ReadRaw
    reason = _reason()


class ReplayNotice(CommandSchema):
    makes: ClassVar[type] = commands.ReplayNotice
    notice_id = fields.UUID(required=True)


class DiscardNotice(ReplayNotice):
    makes: ClassVar[type] = commands.DiscardNotice
    reason = _reason()


class Limited(ParamsSchema):
    limit = fields.Integer(validate=validate.Range(min=1, max=1000))
    hospital = fields.String()
    state = fields.String()


class Messages(Limited):
    message_type = fields.String()


class OneMessage(ParamsSchema):
    message_id = fields.UUID(required=True)
