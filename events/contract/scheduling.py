"""What scheduling publishes."""

from marshmallow import fields

from events.contract.fields import (
    COMPONENTS,
    MODALITIES,
    Event,
    one_of,
    optional_text,
    required_date,
    required_id,
    required_instant,
    required_text,
)
from events.contract.registry import published


class OfSession(Event):
    session_id = required_id("One occurrence of a series")
    series_id = required_id("The series")
    track_id = required_id("The track it serves")
    component = one_of(COMPONENTS, "Which of the five components")
    modality = one_of(MODALITIES, "In person or telehealth")
    starts_at = required_instant("Start")
    ends_at = required_instant("End")
    local_date = required_date("The day in the program's time zone")
    time_zone = required_text("IANA time zone of the program")
    title = optional_text("What the series is called")
    room = optional_text("The room's code; none where a telehealth session has no room of its own")


@published("scheduling.session_scheduled", key="session_id")
class SessionScheduled(OfSession):
    seats = fields.Integer(required=True)
    facilitators = fields.List(fields.UUID(), required=True)


@published("scheduling.session_cancelled", key="session_id")
class SessionCancelled(Event):
    session_id = required_id("The session")
    reason = required_text("Reason code")


@published("scheduling.booking_made")
class BookingMade(OfSession):
    """A seat is taken. What is restored after a cancelled suspension is a new booking that names the old one."""

    participant_id = required_id("Whose booking")
    booking_id = required_id("The booking")
    episode_id = required_id("The episode it belongs to")
    restores_booking_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The booking, freed by a suspension, that it restores"},
    )


@published("scheduling.booking_cancelled")
class BookingCancelled(Event):
    participant_id = required_id("Whose booking")
    booking_id = required_id("The booking")
    session_id = required_id("The session")
    episode_id = required_id("The episode it belongs to")
    starts_at = required_instant("The session's start")
    reason = required_text(
        "participant, suspended, discharged, cancelled_by_program, merged (the same person held another seat at that "
        "time), review_withdrawn (the seat was taken for a review that never was) or review_rescheduled (it comes "
        "after the review fell due)"
    )
    notice_hours = fields.Float(
        load_default=None,
        allow_none=True,
        metadata={"description": "Hours before the start; only where the participant gave it up"},
    )


@published("scheduling.prescriber_requested")
class PrescriberRequested(Event):
    """No prescriber's session was free before a review falls due: a coordinator has to find one."""

    participant_id = required_id("Whose review")
    episode_id = required_id("The episode it belongs to")
    review_id = required_id("The medication review")
    due_at = required_instant("When it falls due")
