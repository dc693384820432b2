"""Payload → command, and parameters of queries. Shape only: whether it may be done, the domain decides."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from events.contract.fields import COMPONENTS, MODALITIES
from services.platform.web import CommandSchema
from services.scheduling.domain import commands, series_commands
from services.scheduling.schema_parts import CODE, REASON, TITLE, minute_of_day


def _given_up_by() -> fields.String:
    return fields.String(
        load_default="participant",
        validate=validate.OneOf(commands.GIVEN_UP_BY),
        metadata={"description": "`program` where the plan changed: then it is no absence"},
    )


class RegisterFacilitator(CommandSchema):
    makes = commands.RegisterFacilitator
    facilitator_id = fields.UUID(load_default=None)
    label = fields.String(required=True, validate=validate.Length(min=1, max=120))
    qualifications = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class ChangeQualifications(CommandSchema):
    makes = commands.ChangeQualifications
    facilitator_id = fields.UUID(required=True)
    qualifications = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class OpenRoom(CommandSchema):
    makes = commands.OpenRoom
    code = fields.String(required=True, validate=CODE)
    seats = fields.Integer(required=True, strict=True)
    modality = fields.String(load_default="in_person", validate=validate.OneOf(MODALITIES))


class PlanSeries(CommandSchema):
    makes = commands.PlanSeries
    series_id = fields.UUID(load_default=None)
    track_id = fields.UUID(required=True)
    component = fields.String(required=True, validate=validate.OneOf(COMPONENTS))
    title = fields.String(required=True, validate=TITLE, metadata={"description": "Told to others: never a name"})
    rule = fields.String(required=True, validate=validate.Length(min=1, max=200))
    first_date = fields.Date(required=True)
    starts_at = fields.Time(required=True, validate=minute_of_day)
    minutes = fields.Integer(required=True, strict=True)
    time_zone = fields.String(load_default=None)
    seats_min = fields.Integer(load_default=1, strict=True)
    seats = fields.Integer(required=True, strict=True)
    facilitators = fields.List(fields.UUID(), required=True)
    room = fields.String(load_default=None, allow_none=True)
    modality = fields.String(required=True, validate=validate.OneOf(MODALITIES))


class ChangeSeries(CommandSchema):
    makes = commands.ChangeSeries
    series_id = fields.UUID(required=True)
    from_date = fields.Date(load_default=None, data_key="from")
    starts_at = fields.Time(load_default=None, validate=minute_of_day)
    minutes = fields.Integer(load_default=None, strict=True)
    facilitators = fields.List(fields.UUID(), load_default=None)
    room = fields.String(load_default=None, validate=CODE)
    modality = fields.String(load_default=None, validate=validate.OneOf(MODALITIES))
    seats = fields.Integer(load_default=None, strict=True)
    allow_partial = fields.Boolean(load_default=False, data_key="partial")
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although somebody is elsewhere then, or not available; coordinators only"},
    )


class EndSeries(CommandSchema):
    makes = series_commands.EndSeries
    series_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)
    from_date = fields.Date(load_default=None, data_key="from", metadata={"description": "Today if left out"})


class ScheduleSessions(CommandSchema):
    makes = commands.ScheduleSessions
    series_id = fields.UUID(required=True)
    through = fields.Date(required=True)
    from_date = fields.Date(load_default=None, data_key="from")
    allow_partial = fields.Boolean(load_default=False, data_key="partial")
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although somebody, or the room, is not available then; coordinators only"},
    )


class MoveSession(CommandSchema):
    makes = commands.MoveSession
    session_id = fields.UUID(required=True)
    local_date = fields.Date(required=True)
    starts_at = fields.Time(required=True, validate=minute_of_day)
    minutes = fields.Integer(load_default=None, strict=True, metadata={"description": "As long as before if left out"})
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although somebody is elsewhere then, or not available; coordinators only"},
    )


class SubstituteFacilitator(CommandSchema):
    makes = commands.SubstituteFacilitator
    session_id = fields.UUID(required=True)
    leaving = fields.UUID(required=True)
    coming = fields.UUID(required=True)
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although somebody, or the room, is not available then; coordinators only"},
    )


class SettleSubstitute(CommandSchema):
    makes = commands.SettleSubstitute
    session_id = fields.UUID(required=True)
    facilitator_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=REASON)


class AlterSession(CommandSchema):
    makes = commands.AlterSession
    session_id = fields.UUID(required=True)
    modality = fields.String(load_default=None, validate=validate.OneOf(MODALITIES))
    room = fields.String(load_default=None, validate=CODE)
    seats = fields.Integer(load_default=None, strict=True)
    topic = fields.String(load_default=None, validate=TITLE, metadata={"description": "Told to others: never a name"})
    topic_code = fields.String(
        load_default=None, validate=REASON, metadata={"description": "Of the track's curriculum, in place of `topic`"}
    )
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although the room is not available then; coordinators only"},
    )

    @validates_schema
    def _one_topic(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("topic") and data.get("topic_code"):
            raise ValidationError("is given as text and by code: choose one", "topic")


class CancelSession(CommandSchema):
    makes = commands.CancelSession
    session_id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=REASON)


class BookSession(CommandSchema):
    makes = commands.BookSession
    session_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    episode_id = fields.UUID(load_default=None)
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although others wait for it, or they are not available; coordinators only"},
    )
    makes_up_for = fields.UUID(
        load_default=None, metadata={"description": "The booking of the episode, missed or cancelled, that it makes up"}
    )


class BookSeries(CommandSchema):
    makes = commands.BookSeries
    series_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    from_date = fields.Date(load_default=None, data_key="from", metadata={"description": "Today if left out"})
    through = fields.Date(load_default=None, metadata={"description": "The last that is scheduled if left out"})
    episode_id = fields.UUID(load_default=None)
    override = fields.String(
        load_default=None,
        validate=REASON,
        metadata={"description": "Why although others wait for it, or they are not available; coordinators only"},
    )


class CancelSeriesBookings(CommandSchema):
    makes = commands.CancelSeriesBookings
    series_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    from_date = fields.Date(load_default=None, data_key="from")
    through = fields.Date(load_default=None)
    episode_id = fields.UUID(load_default=None)
    given_up_by = _given_up_by()


class CancelBooking(CommandSchema):
    makes = commands.CancelBooking
    session_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    given_up_by = _given_up_by()


class SettleLoss(CommandSchema):
    makes = commands.SettleLoss
    episode_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=REASON)
