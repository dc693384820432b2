"""Payloads and parameters of closures."""

from marshmallow import fields

from services.platform.web import CommandSchema
from services.scheduling.domain import closure_commands
from services.scheduling.schema_parts import REASON, Between


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


class Closures(Between):
    track_id = fields.UUID(load_default=None)
