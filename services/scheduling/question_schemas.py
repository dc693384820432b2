"""Parameters of queries about the timetable and its seats."""

from marshmallow import fields, validate

from events.contract.fields import COMPONENTS
from services.platform.web import ParamsSchema
from services.scheduling.schema_parts import Between


class Sessions(Between):
    track_id = fields.UUID(load_default=None)
    series_id = fields.UUID(load_default=None)
    component = fields.String(load_default=None, validate=validate.OneOf(COMPONENTS))
    below_minimum = fields.Boolean(
        load_default=False,
        metadata={"description": "Only those that take place with fewer seats taken than their least"},
    )


class Roster(ParamsSchema):
    session_id = fields.UUID(required=True)


class Bookings(Between):
    participant_id = fields.UUID(required=True)


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


class SeriesOfTrack(ParamsSchema):
    track_id = fields.UUID(load_default=None)
