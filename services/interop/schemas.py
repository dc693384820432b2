"""What callers send: payload → command."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields, pre_load, validate

from services.interop.domain import commands
from services.interop.domain.reasons import DISCARD_REASONS, READ_REASONS
from services.platform.web import CommandSchema, ParamsSchema


def _reason(codes: Mapping[str, str]) -> fields.String:
    meaning = "; ".join(f"{code}: {stands_for}" for code, stands_for in codes.items())
    return fields.String(required=True, validate=validate.OneOf(list(codes)), metadata={"description": meaning})


def _note() -> fields.String:
    words = "In words; sealed, and shown to operators and auditors only"
    return fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=500), metadata={"description": words}
    )


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
    reason = _reason(DISCARD_REASONS)
    note = _note()


class ReadRaw(ReplayMessage):
    makes: ClassVar[type] = commands.ReadRaw
    reason = _reason(READ_REASONS)


class ReplayNotice(CommandSchema):
    makes: ClassVar[type] = commands.ReplayNotice
    notice_id = fields.UUID(required=True)


class DiscardNotice(ReplayNotice):
    makes: ClassVar[type] = commands.DiscardNotice
    reason = _reason(DISCARD_REASONS)
    note = _note()


class Limited(ParamsSchema):
    limit = fields.Integer(validate=validate.Range(min=1, max=1000))
    hospital = fields.String()
    state = fields.String()


class Messages(Limited):
    message_type = fields.String()


class OneMessage(ParamsSchema):
    message_id = fields.UUID(required=True)
