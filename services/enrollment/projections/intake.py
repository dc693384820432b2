"""Who referred a participant, and what did the assessments find?"""

from sqlalchemy import Boolean, Column, String, Uuid

from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event

REFERRAL = view(
    "referral",
    Column("referral_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("source", String, nullable=False),
    Column("urgency", String, nullable=False),
    Column("reason", String),
    Column("from_level_of_care", String),
    Column("problems", Json, nullable=False),
    Column("referred_at", Instant, nullable=False),
    key=("referral_id",),
    indexes=("participant_id",),
)
"""``reason`` is sealed."""

ASSESSMENT = view(
    "assessment",
    Column("assessment_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("edition", String, nullable=False),
    Column("answers", Json, nullable=False),
    Column("rationale", String),
    Column("met", Json, nullable=False),
    Column("not_met", Json, nullable=False),
    Column("supports_admission", Boolean, nullable=False),
    Column("level_of_care", String, nullable=False),
    Column("age_group", String, nullable=False),
    Column("assessor", String, nullable=False),
    Column("assessed_at", Instant, nullable=False),
    Column("decided_by", Json),
    key=("assessment_id",),
    indexes=("participant_id",),
)
"""``rationale`` is sealed."""


class Intake(Projection):
    name = "intake"
    version = 2
    views = (REFERRAL, ASSESSMENT)

    @handles("enrollment.referral.participant_referred")
    def referred(self, event: Event, rows: Rows) -> None:
        rows.put(REFERRAL, {"referral_id": event.stream, **event.data})

    @handles("enrollment.level_of_care_assessment.assessed")
    def assessed(self, event: Event, rows: Rows) -> None:
        rows.put(ASSESSMENT, {"assessment_id": event.stream, **event.data})
