"""Payloads and parameters of waitlists."""

from marshmallow import fields, validate

from services.platform.web import CommandSchema, ParamsSchema
from services.scheduling.domain import waitlist_commands

PRIORITY = fields.Integer(
    load_default=3, strict=True, validate=validate.Range(min=1, max=9), metadata={"description": "1 before 2"}
)


class WaitForSession(CommandSchema):
    makes = waitlist_commands.WaitForSession
    session_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    episode_id = fields.UUID(load_default=None)
    priority = PRIORITY


class WaitForSeries(CommandSchema):
    makes = waitlist_commands.WaitForSeries
    series_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)
    episode_id = fields.UUID(load_default=None)
    priority = PRIORITY


class StopWaitingForSession(CommandSchema):
    makes = waitlist_commands.StopWaitingForSession
    session_id = fields.UUID(required=True)
    episode_id = fields.UUID(required=True)


class StopWaitingForSeries(CommandSchema):
    makes = waitlist_commands.StopWaitingForSeries
    series_id = fields.UUID(required=True)
    episode_id = fields.UUID(required=True)


class SessionWaitlist(ParamsSchema):
    session_id = fields.UUID(required=True)


class SeriesWaitlist(ParamsSchema):
    series_id = fields.UUID(required=True)
