"""What attendance publishes."""

from marshmallow import fields, validate

from events.contract.fields import (
    ATTENDANCE_STATUSES,
    COMPONENTS,
    MODALITIES,
    Event,
    one_of,
    required_date,
    required_id,
    required_instant,
    required_text,
)
from events.contract.registry import published

WEEK_BASES = ("full", "pro_rated", "not_judged", "outside_episode")
"""How a treatment week was judged."""


class OfAttendance(Event):
    participant_id = required_id("Who")
    booking_id = required_id("The booking attended")
    session_id = required_id("The session")
    episode_id = required_id("The episode")
    component = one_of(COMPONENTS, "Which of the five components")
    modality = one_of(MODALITIES, "How it was attended: telehealth where every minute was in the call")
    local_date = required_date("The day in the program's time zone")
    starts_at = required_instant("The session's start")
    status = one_of(ATTENDANCE_STATUSES, "What came of the booking")
    minutes = fields.Integer(required=True, metadata={"description": "Minutes attended"})
    telehealth_minutes = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "How many of them in the telehealth call only"}
    )


@published("attendance.attendance_recorded")
class AttendanceRecorded(OfAttendance):
    """A booking has its outcome for the first time."""


@published("attendance.attendance_corrected")
class AttendanceCorrected(OfAttendance):
    """The outcome was corrected, or excused or reinstated after the fact."""

    reason = required_text("Reason code of the correction")


@published("attendance.no_shows_repeated")
class NoShowsRepeated(Event):
    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    count = fields.Integer(required=True)
    last_missed_at = required_instant("Start of the session missed last")


@published("attendance.no_shows_excused")
class NoShowsExcused(Event):
    """Fewer unexcused no-shows are left than were told as repeated: what only they set off is compensated."""

    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    count = fields.Integer(required=True, metadata={"description": "Unexcused no-shows that are left"})


@published("attendance.treatment_week_judged")
class TreatmentWeekJudged(Event):
    """A treatment week against plan and packs; judged again (a higher revision) when a correction arrives."""

    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    week_start = required_date("Monday of the week, local")
    revision = fields.Integer(required=True, metadata={"description": "1 for the first judgement"})
    minutes = fields.Integer(required=True, metadata={"description": "Minutes that count"})
    days = fields.Integer(required=True, metadata={"description": "Days that count"})
    compliant = fields.Boolean(required=True)
    broken_rules = fields.List(
        fields.String(), required=True, metadata={"description": "PACK:RULE of each rule that was broken"}
    )
    packs = fields.List(fields.String(), required=True, metadata={"description": "Pack versions that judged it"})
    basis = fields.String(
        load_default="full",
        validate=validate.OneOf(WEEK_BASES),
        metadata={
            "description": "full; pro_rated or not_judged where admission, discharge or suspension cut the week; "
            "outside_episode where it was judged before the discharge became known"
        },
    )
