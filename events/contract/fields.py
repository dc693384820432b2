"""Field kinds shared by the published schemas, so that each means one thing everywhere."""

from typing import Any

from marshmallow import Schema, fields, validate

COMPONENTS = (
    "individual_therapy",
    "group_therapy",
    "medication_management",
    "psychoeducation",
    "support_group",
)
"""The five components of an intensive outpatient program."""

MODALITIES = ("in_person", "telehealth")

ATTENDANCE_STATUSES = ("present", "late", "left_early", "no_show", "excused", "cancelled_by_program")


class Event(Schema):
    """Base of published data. Unknown fields are passed over, so that a consumer survives a newer publisher."""

    class Meta:
        unknown = "exclude"


def required_id(description: str) -> fields.UUID:
    return fields.UUID(required=True, metadata={"description": description})


def required_text(description: str, **kwargs: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": description}, **kwargs)


def optional_text(description: str, **kwargs: Any) -> fields.String:
    return fields.String(load_default=None, allow_none=True, metadata={"description": description}, **kwargs)


def required_instant(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, format="iso", metadata={"description": description})


def optional_instant(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(load_default=None, allow_none=True, format="iso", metadata={"description": description})


def required_date(description: str) -> fields.Date:
    return fields.Date(required=True, metadata={"description": description})


def one_of(choices: tuple[str, ...], description: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(choices), metadata={"description": description})


def decided_by() -> fields.List[str]:
    """Which parameters decided, by which edition of which rule pack."""
    return fields.List(
        fields.String(),
        load_default=list,
        metadata={
            "description": "PARAMETER of PACK@EDITION, of each rule that decided; the strictest of several packs"
        },
    )


def sealed(description: str) -> fields.String:
    """A value sealed under the participant's key; whoever holds the key service's leave can open it, nobody else."""
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^sealed:\d+:"),
        metadata={"description": description, "sealed": True},
    )


class Identifier(Schema):
    """A hospital number without the number: its authority, a keyed hash to look it up, and the number sealed."""

    authority = required_text("Assigning authority, as the mapping file names it")
    lookup = required_text("Keyed hash of authority and number")
    number = sealed("The number, sealed under the participant's key")
