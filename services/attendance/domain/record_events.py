"""What happens to one booking, as it is stored."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.attendance.domain.seat import Seat
from services.attendance.domain.visits import Modality, Stay, Way


class Event(Aggregate.Event):
    TOPIC = "attendance.attendance_record.event"
    participant_id: UUID


class Created(Aggregate.Created):
    TOPIC = "attendance.attendance_record.seat_booked"
    participant_id: UUID
    episode_id: UUID
    seat: Seat
    makes_up_for: UUID | None = None
    """The booking missed, where this one is a make-up."""


class SeatBookedAgain(Event):
    """The same booking stands again, perhaps at another time."""

    TOPIC = "attendance.attendance_record.seat_booked_again"
    seat: Seat


class SeatFreed(Event):
    TOPIC = "attendance.attendance_record.seat_freed"
    session_id: UUID
    reason: str
    notice_hours: float | None


class SeatRestored(Event):
    """Another booking took this one's place when what had freed it was cancelled."""

    TOPIC = "attendance.attendance_record.seat_restored"
    session_id: UUID
    by_booking_id: UUID


class OutcomeAwaited(Event):
    """From ``grace_ends_at`` on the outcome is fixed, whoever has come by then."""

    TOPIC = "attendance.attendance_record.outcome_awaited"
    grace_ends_at: datetime


class GraceEnded(Event):
    TOPIC = "attendance.attendance_record.grace_ended"


class CheckedIn(Event):
    """Came in through the door: entered by the front desk or at the kiosk."""

    TOPIC = "attendance.attendance_record.checked_in"
    session_id: UUID
    checked_in_at: datetime
    way: Way = "staff"


class CheckedOut(Event):
    TOPIC = "attendance.attendance_record.checked_out"
    session_id: UUID
    checked_out_at: datetime


class TelehealthJoined(Event):
    """One device joined the call; several may be in it at once."""

    TOPIC = "attendance.attendance_record.telehealth_joined"
    session_id: UUID
    connection: str
    joined_at: datetime


class TelehealthLeft(Event):
    TOPIC = "attendance.attendance_record.telehealth_left"
    session_id: UUID
    connection: str
    left_at: datetime


class AbsenceExcused(Event):
    TOPIC = "attendance.attendance_record.absence_excused"
    reason: str


class EntryCorrected(Event):
    """Staff replaced what was recorded; what was recorded stays in the log."""

    TOPIC = "attendance.attendance_record.entry_corrected"
    session_id: UUID
    reason: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    status: str | None
    modality: Modality | None = None
    """How they attended; None: as the session is held."""
    stays: tuple[Stay, ...] = ()
    """Each coming and going, where there were several; the times above are the first and the last of them."""


class OutcomeRecorded(Event):
    TOPIC = "attendance.attendance_record.outcome_recorded"
    episode_id: UUID
    seat: Seat
    status: str
    minutes: int
    telehealth_minutes: int | None = None


class OutcomeCorrected(Event):
    TOPIC = "attendance.attendance_record.outcome_corrected"
    episode_id: UUID
    seat: Seat
    status: str
    minutes: int
    reason: str
    telehealth_minutes: int | None = None
