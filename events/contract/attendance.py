"""What attendance publishes."""

from marshmallow import fields, validate

from events.contract.fields import (
    ATTENDANCE_STATUSES,
    COMPONENTS,
    MODALITIES,
    Event,
    decided_by,
    one_of,
    required_date,
    required_id,
    required_instant,
    required_text,
)
from events.contract.registry import published

WEEK_BASES = ("full", "pro_rated", "not_judged", "outside_episode")
"""How a treatment week was judged."""

BILLED_AS = ("per_diem", "discrete_services", "nothing")
"""What a day of service is billed as."""

ABSENCE_STEPS = ("outreach", "coordinator", "discharge_review")
"""What an absence policy asks for, from the first to the last."""


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


@published("attendance.billable_day_determined")
class BillableDayDetermined(Event):
    """What a local day of service amounts to by the packs in force on it, once its sessions have their outcomes. Told
    again, with the next revision, whenever a correction, an excuse or a late fact changes the verdict."""

    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    date = required_date("The local day")
    billable = fields.Boolean(required=True, metadata={"description": "Whether it is a day of per diem service"})
    minutes = fields.Integer(required=True, metadata={"description": "Minutes that count"})
    components = fields.List(
        fields.String(validate=validate.OneOf(COMPONENTS)),
        required=True,
        metadata={"description": "Components attended for minutes that count"},
    )
    group = fields.Boolean(required=True, metadata={"description": "Whether a group was among them"})
    packs = fields.List(fields.String(), required=True, metadata={"description": "Pack versions that judged it"})
    revision = fields.Integer(required=True, metadata={"description": "1 for the first verdict"})
    bills_as = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(BILLED_AS),
        metadata={"description": "per_diem where billable; else discrete_services or nothing, as the packs say"},
    )
    gap_days = fields.Integer(
        load_default=None,
        allow_none=True,
        metadata={"description": "Consecutive days of the episode without service before it"},
    )
    broken_rules = fields.List(
        fields.String(), load_default=list, metadata={"description": "PACK:RULE of each rule that was broken"}
    )
    decided_by = decided_by()


@published("attendance.early_warning_raised")
class EarlyWarningRaised(Event):
    """What was attended and what is still booked cannot reach the week's minimum. Told again when what is missing, or
    what would repair it, changes."""

    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    week = required_date("Monday of the week, local")
    missing_minutes = fields.Integer(required=True, metadata={"description": "Minutes beyond reach"})
    missing_days = fields.Integer(required=True, metadata={"description": "Days beyond reach"})
    make_ups = fields.List(
        fields.UUID(),
        required=True,
        metadata={"description": "The fewest sessions that would repair it; empty where none would"},
    )


@published("attendance.early_warning_cleared")
class EarlyWarningCleared(Event):
    """The minimum can be reached again, or the week is over."""

    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    week = required_date("Monday of the week, local")


class OfAbsenceStep(Event):
    participant_id = required_id("Who")
    episode_id = required_id("The episode")
    policy = required_text("The absence policy by name")
    step = one_of(ABSENCE_STEPS, "What the policy asks for")
    reached_at = required_instant("Start of the session that reached it")
    absences = fields.List(
        fields.UUID(), required=True, metadata={"description": "The bookings that were counted, in order of start"}
    )
    decided_by = decided_by()


@published("attendance.absence_step_reached")
class AbsenceStepReached(OfAbsenceStep):
    """An absence policy asks for something. Told again for the same step when other absences reach it."""


@published("attendance.absence_step_reversed")
class AbsenceStepReversed(OfAbsenceStep):
    """An excuse or a correction took away what had reached the step."""


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
    gap_days = fields.Integer(
        load_default=None,
        allow_none=True,
        metadata={"description": "Longest run of the episode's days without service that reaches into the week"},
    )
    step_down = fields.Boolean(
        load_default=False, metadata={"description": "Compliant only as one of the last weeks before a step-down"}
    )
    asked = fields.List(
        fields.String(), load_default=list, metadata={"description": "PACK:RULE of each rule that was asked for"}
    )
    noted = fields.List(
        fields.String(),
        load_default=list,
        metadata={"description": "PACK:RULE of what breaks nothing, to look at"},
    )
    not_attended = fields.List(
        fields.String(), load_default=list, metadata={"description": "Components of the plan without a minute attended"}
    )
    decided_by = decided_by()
    basis = fields.String(
        load_default="full",
        validate=validate.OneOf(WEEK_BASES),
        metadata={
            "description": "full; pro_rated or not_judged where admission, discharge or suspension cut the week; "
            "outside_episode where it was judged before the discharge became known"
        },
    )
