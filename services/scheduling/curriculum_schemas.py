"""Payload → command and parameters of queries about curricula."""

from marshmallow import fields, validate

from services.platform.web import CommandSchema, ParamsSchema
from services.scheduling.domain import curriculum_commands as commands
from services.scheduling.domain.curriculum import Topic
from services.scheduling.schema_parts import TITLE

TOPIC_CODE = validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$", error="a topic's code such as sleep_hygiene")
EDITION = validate.Regexp(r"^[\w.-]{1,20}$", error="an edition such as 2026.1")


class _Topic(CommandSchema):
    makes = Topic
    code = fields.String(required=True, validate=TOPIC_CODE)
    title = fields.String(required=True, validate=TITLE, metadata={"description": "Told to others: never a name"})
    requires = fields.List(
        fields.String(validate=TOPIC_CODE),
        load_default=[],
        metadata={"description": "Codes of topics that come before it"},
    )


class AdoptCurriculum(CommandSchema):
    makes = commands.AdoptCurriculum
    track_id = fields.UUID(required=True)
    edition = fields.String(required=True, validate=EDITION)
    topics = fields.List(fields.Nested(_Topic), required=True, validate=validate.Length(1, 200))


class PlanTopics(CommandSchema):
    makes = commands.PlanTopics
    series_id = fields.UUID(required=True)
    from_date = fields.Date(load_default=None, data_key="from")
    first = fields.String(load_default=None, validate=TOPIC_CODE)


class Curriculum(ParamsSchema):
    track_id = fields.UUID(required=True)


class Topics(ParamsSchema):
    participant_id = fields.UUID(required=True)
    at = fields.AwareDateTime(
        load_default=None, metadata={"description": "Sessions after this instant are offered; now where left out"}
    )
