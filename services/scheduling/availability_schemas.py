"""Payload → what is stated of availability."""

from collections.abc import Iterable
from datetime import time
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_load, validate

from services.platform.web import CommandSchema
from services.scheduling.domain import availability_commands
from services.scheduling.domain.available_times import Window
from services.scheduling.domain.claimed_day import FACILITATOR, PARTICIPANT, ROOM
from services.scheduling.domain.identity import room_id
from services.scheduling.schema_parts import REASON, minute_of_day

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class WeeklyTime(Schema):
    """Each week on these days, within the dates where they are given."""

    available = fields.Boolean(load_default=False)
    days = fields.List(
        fields.String(validate=validate.OneOf(WEEKDAYS)), required=True, validate=validate.Length(min=1, max=7)
    )
    from_date = fields.Date(load_default=None, data_key="from")
    through = fields.Date(load_default=None)
    starts_at = fields.Time(load_default=time(0), validate=minute_of_day)
    ends_at = fields.Time(
        load_default=time(0),
        validate=minute_of_day,
        metadata={"description": "On the day after where it is not later than the start"},
    )
    reason = fields.String(load_default=None, allow_none=True, validate=REASON)


class OneOffTime(Schema):
    """On each day from the first through the last; it goes before what holds each week."""

    available = fields.Boolean(load_default=False)
    from_date = fields.Date(required=True, data_key="from")
    through = fields.Date(required=True)
    starts_at = fields.Time(load_default=time(0), validate=minute_of_day)
    ends_at = fields.Time(load_default=time(0), validate=minute_of_day)
    reason = fields.String(load_default=None, allow_none=True, validate=REASON)


class _Availability(CommandSchema):
    makes = availability_commands.StateAvailability
    kind = PARTICIPANT
    time_zone = fields.String(required=True)
    weekly = fields.List(fields.Nested(WeeklyTime), load_default=list, validate=validate.Length(max=50))
    exceptions = fields.List(fields.Nested(OneOffTime), load_default=list, validate=validate.Length(max=200))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        times = [*data.pop("weekly"), *data.pop("exceptions")]
        reasons = tuple(one.pop("reason") for one in times)
        windows = (Window(weekdays=_isoweekdays(one.pop("days", ())), **one) for one in times)
        return self.makes(self.kind, self._whose(data), data["time_zone"], tuple(windows), reasons)

    def _whose(self, data: dict[str, Any]) -> UUID:
        whose: UUID = data[f"{self.kind}_id"]
        return whose


def _isoweekdays(days: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({WEEKDAYS.index(day) + 1 for day in days}))


class ParticipantsAvailability(_Availability):
    participant_id = fields.UUID(required=True)


class FacilitatorsAvailability(_Availability):
    kind = FACILITATOR
    facilitator_id = fields.UUID(required=True)


class RoomsAvailability(_Availability):
    kind = ROOM
    code = fields.String(required=True)

    def _whose(self, data: dict[str, Any]) -> UUID:
        found: UUID = room_id(data["code"])
        return found


class SettleConflict(CommandSchema):
    makes = availability_commands.SettleConflict
    claim_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf((PARTICIPANT, FACILITATOR, ROOM)))
    resource_id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=REASON)
