"""Payload → command and parameters of queries about calendars."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.platform.web import CommandSchema, ParamsSchema
from services.scheduling.domain import calendar_commands as commands
from services.scheduling.domain.calendar_feed import ABOUT, FACILITATOR, LONGEST_LIFE, PARTICIPANT, ROOM, USUAL_LIFE
from services.scheduling.domain.identity import room_id
from services.scheduling.domain.series import LONGEST_HORIZON
from services.scheduling.schema_parts import CODE

WHOSE = {PARTICIPANT: "participant_id", FACILITATOR: "facilitator_id", ROOM: "room"}
"""Whose calendar → the field that names them."""


class OpenCalendarFeed(CommandSchema):
    makes = commands.OpenCalendarFeed
    participant_id = fields.UUID()
    facilitator_id = fields.UUID()
    room = fields.String(validate=CODE)
    days = fields.Integer(
        load_default=USUAL_LIFE.days,
        strict=True,
        validate=validate.Range(1, LONGEST_LIFE.days),
        metadata={"description": "How long the address opens the calendar"},
    )

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if len(set(WHOSE.values()) & set(data)) != 1:
            raise ValidationError("names one of " + ", ".join(WHOSE.values()) + ": an address opens one calendar")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        about, named = next((about, data[field]) for about, field in WHOSE.items() if field in data)
        return self.makes(about, room_id(named) if about == ROOM else named, data["days"])


class RevokeCalendarFeed(CommandSchema):
    makes = commands.RevokeCalendarFeed
    feed_id = fields.UUID(required=True)


class CalendarFeeds(ParamsSchema):
    about = fields.String(load_default=None, validate=validate.OneOf(ABOUT))
    whose_id = fields.UUID(load_default=None)


class _Calendar(ParamsSchema):
    back = fields.Integer(
        load_default=30, validate=validate.Range(0, 400), metadata={"description": "How many days back"}
    )
    ahead = fields.Integer(
        load_default=180,
        validate=validate.Range(0, LONGEST_HORIZON.days),
        metadata={"description": "How many days ahead"},
    )


class ParticipantsCalendar(_Calendar):
    participant_id = fields.UUID(required=True)


class FacilitatorsCalendar(_Calendar):
    facilitator_id = fields.UUID(required=True)


class RoomsCalendar(_Calendar):
    code = fields.String(required=True, validate=CODE)
