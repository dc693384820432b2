"""Payload → command, and parameters of queries. Shape only: whether it may be done, the domain decides."""

from marshmallow import fields, validate

from services.attendance.domain import commands
from services.attendance.domain.record import STATUSES_WITHOUT_TIMES
from services.platform.web import CommandSchema, ParamsSchema

REASON = validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$", error="a reason code such as illness or wrong_entry: no free text")


class CheckIn(CommandSchema):
    makes = commands.CheckIn
    booking_id = fields.UUID(required=True)
    checked_in_at = fields.AwareDateTime(load_default=None, allow_none=True)


class CheckOut(CommandSchema):
    makes = commands.CheckOut
    booking_id = fields.UUID(required=True)
    checked_out_at = fields.AwareDateTime(load_default=None, allow_none=True)


class ExcuseAbsence(CommandSchema):
    makes = commands.ExcuseAbsence
    booking_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)


class CorrectAttendance(CommandSchema):
    makes = commands.CorrectAttendance
    booking_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)
    checked_in_at = fields.AwareDateTime(load_default=None, allow_none=True)
    checked_out_at = fields.AwareDateTime(load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES_WITHOUT_TIMES))


class OfSession(ParamsSchema):
    session_id = fields.UUID(required=True)


class OfParticipant(ParamsSchema):
    participant_id = fields.UUID(required=True)
    from_date = fields.Date(load_default=None)
    through = fields.Date(load_default=None)


class Absences(ParamsSchema):
    from_date = fields.Date(load_default=None)
    through = fields.Date(load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(("no_show", "excused")))


class WeeklyHours(ParamsSchema):
    week = fields.Date(load_default=None, metadata={"description": "Any day of the week; without it, this week"})
    participant_id = fields.UUID(load_default=None)
