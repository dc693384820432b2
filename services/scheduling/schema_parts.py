"""What the schemas of scheduling share."""

from datetime import time

from marshmallow import ValidationError, fields, validate

from services.platform.web import ParamsSchema

CODE = validate.Regexp(r"^[\w.-]{1,40}$", error="letters, digits, dot, dash and underscore, at most 40")


REASON = validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$", error="a reason code such as facilitator_ill: no free text")


TITLE = validate.Length(min=1, max=120)


def minute_of_day(value: time) -> None:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValidationError("a local time in whole minutes such as 18:00; the time zone is the track's")


class Between(ParamsSchema):
    from_date = fields.Date(load_default=None, data_key="from")
    through = fields.Date(load_default=None)
