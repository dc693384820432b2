"""What scheduling publishes."""

from marshmallow import fields, validate

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

BOOKING_KINDS = ("regular", "make_up", "promoted", "override")
"""Why a booking was made."""


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
    """It takes place. Told again after a closure had cancelled it, it does after all; its seats are booked anew."""

    seats = fields.Integer(required=True)
    facilitators = fields.List(fields.UUID(), required=True)


@published("scheduling.session_moved", key="session_id")
class SessionMoved(Event):
    """The session is at another time; its bookings are told one by one as ``booking_changed``."""

    session_id = required_id("The session")
    starts_at = required_instant("The new start")
    ends_at = required_instant("The new end")
    local_date = required_date("The day in the program's time zone")
    sequence = fields.Integer(required=True, metadata={"description": "RFC 5545 SEQUENCE: one more at every change"})


@published("scheduling.session_changed", key="session_id")
class SessionChanged(Event):
    """Other facts of the session as they are now; what is left out or null did not change."""

    session_id = required_id("The session")
    modality = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(MODALITIES),
        metadata={"description": "In person or telehealth"},
    )
    room = optional_text("The room's code")
    seats = fields.Integer(load_default=None, allow_none=True, metadata={"description": "How many seats it has"})
    facilitators = fields.List(
        fields.UUID(), load_default=None, allow_none=True, metadata={"description": "All who lead it"}
    )
    topic = optional_text("What it is about")
    topic_code = optional_text("The topic's code, where it is one of the track's curriculum")
    without_room = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "True where it has no room now: null in `room` alone says nothing"},
    )
    sequence = fields.Integer(required=True, metadata={"description": "RFC 5545 SEQUENCE: one more at every change"})


@published("scheduling.session_cancelled", key="session_id")
class SessionCancelled(Event):
    session_id = required_id("The session")
    reason = required_text("Reason code; `closed` where the program is closed on that day")
    closure_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The closure, where one is why"}
    )


@published("scheduling.booking_made")
class BookingMade(OfSession):
    """A seat is taken. What is restored after a cancelled suspension, or booked again after it was given up, is a new
    booking that names the old one."""

    participant_id = required_id("Whose booking")
    booking_id = required_id("The booking")
    episode_id = required_id("The episode it belongs to")
    restores_booking_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The booking of the same session, freed or given up, in whose place it stands"},
    )
    kind = fields.String(
        load_default="regular",
        validate=validate.OneOf(BOOKING_KINDS),
        metadata={"description": "Why it was made: regular, make_up, promoted from a waitlist, or override"},
    )
    makes_up_for = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The booking missed, where it is a make-up"},
    )


@published("scheduling.booking_changed")
class BookingChanged(OfSession):
    """The session of a booking was moved or changed: the booking's facts as they are now, all of them."""

    participant_id = required_id("Whose booking")
    booking_id = required_id("The booking")
    episode_id = required_id("The episode it belongs to")
    sequence = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "The session's SEQUENCE by then"}
    )


@published("scheduling.booking_cancelled")
class BookingCancelled(Event):
    participant_id = required_id("Whose booking")
    booking_id = required_id("The booking")
    session_id = required_id("The session")
    episode_id = required_id("The episode it belongs to")
    starts_at = required_instant("The session's start")
    reason = required_text(
        "participant, roster_changed (the program took them off it), suspended, transferred (to another track), "
        "discharged, cancelled_by_program, merged (the same person held another seat at that time), review_withdrawn "
        "(the seat was taken for a review that never was) or review_rescheduled (it comes after the review fell due)"
    )
    notice_hours = fields.Float(
        load_default=None,
        allow_none=True,
        metadata={"description": "Hours before the start; only where the participant gave it up"},
    )


class OfSeatWaitlist(Event):
    """A session, or a series: one of the two."""

    participant_id = required_id("Who waits")
    episode_id = required_id("The episode it belongs to")
    session_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "The session, where one is waited for"}
    )
    series_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The series, where any of its sessions is waited for"},
    )


@published("scheduling.seat_waitlist_joined")
class SeatWaitlistJoined(OfSeatWaitlist):
    """All seats are taken: the next that comes free and that the participant can have is booked for them."""

    priority = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "1 before 2; then who has waited longer"}
    )


@published("scheduling.seat_waitlist_left")
class SeatWaitlistLeft(OfSeatWaitlist):
    """The participant waits no longer."""

    reason = required_text(
        "promoted (they have what they waited for), withdrawn, transferred, discharged, session_cancelled or "
        "session_started"
    )


@published("scheduling.prescriber_requested")
class PrescriberRequested(Event):
    """No prescriber's session was free before a review falls due: a coordinator has to find one."""

    participant_id = required_id("Whose review")
    episode_id = required_id("The episode it belongs to")
    review_id = required_id("The medication review")
    due_at = required_instant("When it falls due")


class OfTopic(Event):
    participant_id = required_id("Who")
    episode_id = required_id("The episode it belongs to")
    topic = required_text("The topic's code in the track's curriculum")
    revision = fields.Integer(
        required=True,
        metadata={"description": "Of what is said about it in the episode, from 1: the last counts"},
    )


@published("scheduling.topic_completed")
class TopicCompleted(OfTopic):
    """Enough of a session of psychoeducation on the topic was attended. Said again where another session counts."""

    session_id = required_id("The session that completed it")
    completed_at = required_instant("The session's end")


@published("scheduling.topic_completion_reversed")
class TopicCompletionReversed(OfTopic):
    """After a correction no session that was attended completes the topic any more."""
