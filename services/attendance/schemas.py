"""Payload → command, and parameters of queries. Shape only: whether it may be done, the domain decides."""

from marshmallow import fields, validate

from events.contract.attendance import ABSENCE_STEPS
from events.contract.fields import MODALITIES
from services.attendance.domain import commands
from services.attendance.domain.kiosk import CODE_DIGITS
from services.attendance.domain.record import STATUSES_WITHOUT_TIMES
from services.attendance.domain.visits import Stay
from services.platform.web import STAFF, CommandSchema, ParamsSchema

REASON = validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$", error="a reason code such as illness or wrong_entry: no free text")
AT = fields.AwareDateTime(load_default=None, metadata={"description": "The time of the answer; without it, now"})
CODE = validate.Regexp(rf"^[0-9]{{{CODE_DIGITS}}}$", error=f"a code of {CODE_DIGITS} digits")
CONNECTION = validate.Regexp(r"^[A-Za-z0-9_-]{1,64}$", error="a name of the device's connection: letters, digits, _ -")


class CheckIn(CommandSchema):
    makes = commands.CheckIn
    booking_id = fields.UUID(required=True)
    checked_in_at = fields.AwareDateTime(load_default=None, allow_none=True)


class CheckOut(CommandSchema):
    makes = commands.CheckOut
    booking_id = fields.UUID(required=True)
    checked_out_at = fields.AwareDateTime(load_default=None, allow_none=True)


class KioskCheckIn(CommandSchema):
    makes = commands.KioskCheckIn
    session_id = fields.UUID(required=True)
    code = fields.String(required=True, validate=CODE)


class KioskCheckOut(CommandSchema):
    makes = commands.KioskCheckOut
    session_id = fields.UUID(required=True)
    code = fields.String(required=True, validate=CODE)


class JoinTelehealth(CommandSchema):
    makes = commands.JoinTelehealth
    booking_id = fields.UUID(required=True)
    connection = fields.String(load_default="call", validate=CONNECTION)
    joined_at = fields.AwareDateTime(load_default=None, allow_none=True)


class LeaveTelehealth(CommandSchema):
    makes = commands.LeaveTelehealth
    booking_id = fields.UUID(required=True)
    connection = fields.String(load_default="call", validate=CONNECTION)
    left_at = fields.AwareDateTime(load_default=None, allow_none=True)


class ExcuseAbsence(CommandSchema):
    makes = commands.ExcuseAbsence
    booking_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)


class _Stay(CommandSchema):
    makes = Stay
    checked_in_at = fields.AwareDateTime(required=True)
    checked_out_at = fields.AwareDateTime(required=True)
    modality = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MODALITIES))


class CorrectAttendance(CommandSchema):
    makes = commands.CorrectAttendance
    booking_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)
    checked_in_at = fields.AwareDateTime(load_default=None, allow_none=True)
    checked_out_at = fields.AwareDateTime(load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES_WITHOUT_TIMES))
    modality = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MODALITIES))
    stays = fields.List(
        fields.Nested(_Stay),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "Each coming and going, where there were several; in place of the two times"},
    )


class WriteGroupNote(CommandSchema):
    makes = commands.WriteGroupNote
    session_id = fields.UUID(required=True)
    people = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 1000), metadata={"description": "How many were there"}
    )
    written_at = fields.AwareDateTime(load_default=None, allow_none=True)


class TakeStep(CommandSchema):
    makes = commands.TakeStep
    episode_id = fields.UUID(required=True)
    policy = fields.String(required=True, validate=validate.Length(1, 100))
    step = fields.String(required=True, validate=validate.OneOf(ABSENCE_STEPS))


class Due(ParamsSchema):
    at = AT
    role = fields.String(load_default=None, validate=validate.OneOf(sorted(STAFF)))


class OfBooking(ParamsSchema):
    booking_id = fields.UUID(required=True)


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


class EarlyWarnings(ParamsSchema):
    at = AT
    week = fields.Date(load_default=None, metadata={"description": "Any day of the week; without it, all weeks"})
    participant_id = fields.UUID(load_default=None)


class AbsenceSteps(ParamsSchema):
    participant_id = fields.UUID(load_default=None)
    step = fields.String(load_default=None, validate=validate.OneOf(ABSENCE_STEPS))


class WeeklyHours(ParamsSchema):
    week = fields.Date(load_default=None, metadata={"description": "Any day of the week; without it, this week"})
    participant_id = fields.UUID(load_default=None)
