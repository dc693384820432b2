"""Payload → command, and parameters of queries. Shape only: whether it may be done, the domain decides."""

from datetime import time
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from events.contract.fields import COMPONENTS, MODALITIES
from services.platform.web import CommandSchema, ParamsSchema
from services.scheduling.domain import closure_commands, commands

CODE = validate.Regexp(r"^[\w.-]{1,40}$", error="letters, digits, dot, dash and underscore, at most 40")
REASON = validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$", error="a reason code such as facilitator_ill: no free text")
TITLE = validate.Length(min=1, max=120)


PRIORITY = fields.Integer(
    load_default=3, strict=True, validate=validate.Range(min=1, max=9), metadata={"description": "1 before 2"}
)


def _given_up_by() -> fields.String:
    return fields.String(
        load_default="participant",
        validate=validate.OneOf(commands.GIVEN_UP_BY),
        metadata={"description": "`program` where the plan changed: then it is no absence"},
    )


def minute_of_day(value: time) -> None:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValidationError("a local time in whole minutes such as 18:00; the time zone is the track's")


class _Lists(CommandSchema):
    """Commands are compared and hashed, so their lists are tuples."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(**{name: tuple(v) if isinstance(v, list) else v for name, v in data.items()})


class RegisterFacilitator(_Lists):
    makes = commands.RegisterFacilitator
    facilitator_id = fields.UUID(load_default=None)
    label = fields.String(required=True, validate=validate.Length(min=1, max=120))
    qualifications = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class ChangeQualifications(_Lists):
    makes = commands.ChangeQualifications
    facilitator_id = fields.UUID(required=True)
    qualifications = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class OpenRoom(CommandSchema):
    makes = commands.OpenRoom
    code = fields.String(required=True, validate=CODE)
    seats = fields.Integer(required=True, strict=True)
    modality = fields.String(load_default="in_person", validate=validate.OneOf(MODALITIES))


class PlanSeries(_Lists):
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


class ChangeSeries(_Lists):
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


class WaitForSession(CommandSchema):
    makes = commands.WaitForSession
    session_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    episode_id = fields.UUID(load_default=None)
    priority = PRIORITY


class WaitForSeries(CommandSchema):
    makes = commands.WaitForSeries
    series_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    episode_id = fields.UUID(load_default=None)
    priority = PRIORITY


class StopWaitingForSession(CommandSchema):
    makes = commands.StopWaitingForSession
    session_id = fields.UUID(required=True)
    episode_id = fields.UUID(required=True)


class StopWaitingForSeries(CommandSchema):
    makes = commands.StopWaitingForSeries
    series_id = fields.UUID(required=True)
    episode_id = fields.UUID(required=True)


class CloseDays(CommandSchema):
    makes = closure_commands.CloseDays
    closure_id = fields.UUID(load_default=None)
    track_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "One track; left out: the whole program"}
    )
    from_date = fields.Date(required=True, data_key="from")
    through = fields.Date(required=True)
    reason = fields.String(required=True, validate=REASON)


class ReopenDays(CommandSchema):
    makes = closure_commands.ReopenDays
    closure_id = fields.UUID(required=True)


class SettleLoss(CommandSchema):
    makes = commands.SettleLoss
    episode_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=REASON)


class _Between(ParamsSchema):
    from_date = fields.Date(load_default=None, data_key="from")
    through = fields.Date(load_default=None)


class Sessions(_Between):
    track_id = fields.UUID(load_default=None)
    series_id = fields.UUID(load_default=None)
    component = fields.String(load_default=None, validate=validate.OneOf(COMPONENTS))


class Roster(ParamsSchema):
    session_id = fields.UUID(required=True)


class Bookings(_Between):
    participant_id = fields.UUID(required=True)


class SessionWaitlist(ParamsSchema):
    session_id = fields.UUID(required=True)


class SeriesWaitlist(ParamsSchema):
    series_id = fields.UUID(required=True)


class FacilitatorsDay(ParamsSchema):
    facilitator_id = fields.UUID(required=True)
    date = fields.Date(required=True)


class OfParticipant(ParamsSchema):
    participant_id = fields.UUID(required=True)


class OfFacilitator(ParamsSchema):
    facilitator_id = fields.UUID(required=True)


class OfRoom(ParamsSchema):
    code = fields.String(required=True)


class RoomsDay(ParamsSchema):
    code = fields.String(required=True)
    date = fields.Date(required=True)


class CoordinatorRequests(ParamsSchema):
    state = fields.String(load_default="open", validate=validate.OneOf(("open", "met", "closed")))


class Closures(_Between):
    track_id = fields.UUID(load_default=None)


class SeriesOfTrack(ParamsSchema):
    track_id = fields.UUID(load_default=None)
