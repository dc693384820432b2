"""What happens to an episode of care as attendance sees it, as it is stored."""

from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.attendance.domain.absences import StepReached
from services.attendance.domain.episode_facts import AttendedSession, JudgedBy, Placement


class Event(Aggregate.Event):
    TOPIC = "attendance.episode.event"
    participant_id: UUID


class Created(Aggregate.Created):
    TOPIC = "attendance.episode.heard_of"
    participant_id: UUID


class BookingAwaitsAdmission(Event):
    TOPIC = "attendance.episode.booking_awaits_admission"
    booking_id: UUID


class Admitted(Event):
    TOPIC = "attendance.episode.admitted"
    admitted_at: datetime
    admitted_on: date
    time_zone: str
    judged_by: JudgedBy
    track_id: UUID | None = None
    components: tuple[str, ...] = ()
    """Those in the plan of care."""


class Transferred(Event):
    """From ``effective_on`` on the episode is judged as one of another track."""

    TOPIC = "attendance.episode.transferred"
    kind: str
    effective_on: date
    placement: Placement


class Suspended(Event):
    TOPIC = "attendance.episode.suspended"
    suspension_id: UUID
    suspended_at: datetime


class Resumed(Event):
    TOPIC = "attendance.episode.resumed"
    suspension_id: UUID
    resumed_at: datetime


class SuspensionCancelled(Event):
    TOPIC = "attendance.episode.suspension_cancelled"
    suspension_id: UUID


class ResumptionCancelled(Event):
    TOPIC = "attendance.episode.resumption_cancelled"
    suspension_id: UUID


class Discharged(Event):
    TOPIC = "attendance.episode.discharged"
    discharged_at: datetime
    discharged_on: date
    reason: str | None = None


class SamePersonTold(Event):
    """The person's other episodes, under whichever id; the last word counts."""

    TOPIC = "attendance.episode.same_person_told"
    episodes: tuple[UUID, ...]


class WeekOpened(Event):
    """A treatment week is under way: from ``warned_from`` on it is looked ahead, at ``ends_at`` it is over, from
    ``judged_from`` on it is judged."""

    TOPIC = "attendance.episode.week_opened"
    week_start: date
    judged_from: datetime
    warned_from: datetime | None = None
    ends_at: datetime | None = None


class WeekClosed(Event):
    """The week's time is over: it was judged for the first time."""

    TOPIC = "attendance.episode.week_closed"
    week_start: date


class WeekTouched(Event):
    """An outcome fell into a week that is not opened yet."""

    TOPIC = "attendance.episode.week_touched"
    week_start: date


class AbsenceNoted(Event):
    TOPIC = "attendance.episode.absence_noted"
    booking_id: UUID
    starts_at: datetime
    unexcused: bool


class AttendanceNoted(Event):
    """They came. ``serves``: for minutes that make a day of service."""

    TOPIC = "attendance.episode.attendance_noted"
    booking_id: UUID
    attended: AttendedSession


class AbsenceCleared(Event):
    """Neither absence nor attendance is left: the program cancelled, or the session went to another time."""

    TOPIC = "attendance.episode.absence_cleared"
    booking_id: UUID


class AbsenceStepReached(Event):
    """An absence policy asks for something; told again where other absences reach the same step."""

    TOPIC = "attendance.episode.absence_step_reached"
    policy: str
    step: str
    reached: StepReached


class AbsenceStepReversed(Event):
    """An excuse or a correction took away what had reached the step."""

    TOPIC = "attendance.episode.absence_step_reversed"
    policy: str
    step: str
    reached: StepReached


class AbsenceStepTaken(Event):
    """What the step asks for was done."""

    TOPIC = "attendance.episode.absence_step_taken"
    policy: str
    step: str


class NoShowsRepeated(Event):
    TOPIC = "attendance.episode.no_shows_repeated"
    count: int
    times: int
    """How many times the pack's number: told again at twice as many."""
    last_missed_at: datetime


class NoShowsNoLongerRepeated(Event):
    """What was told as repeated no-shows was excused or corrected since."""

    TOPIC = "attendance.episode.no_shows_no_longer_repeated"
    count: int
    times: int
