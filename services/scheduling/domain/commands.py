"""What scheduling can be asked to do. Ids, instants and choices travel in the command; who and when, beside it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, get_args
from uuid import UUID

GivenUpBy = Literal["participant", "program"]
"""Who gives a seat up: who is taken off the roster by the program has missed nothing."""

GIVEN_UP_BY: tuple[GivenUpBy, ...] = get_args(GivenUpBy)

# By people.


@dataclass(frozen=True)
class RegisterFacilitator:
    """``label`` is what colleagues call them; personal, sealed before it is stored."""

    facilitator_id: UUID | None
    label: str
    qualifications: tuple[str, ...]


@dataclass(frozen=True)
class ChangeQualifications:
    facilitator_id: UUID
    qualifications: tuple[str, ...]


@dataclass(frozen=True)
class OpenRoom:
    code: str
    seats: int
    modality: str


@dataclass(frozen=True)
class PlanSeries:
    """``rule``: RFC 5545. ``time_zone``: the track's where left out. ``room``: a room's code."""

    series_id: UUID | None
    track_id: UUID
    component: str
    title: str
    rule: str
    first_date: date
    starts_at: time
    minutes: int
    time_zone: str | None
    seats_min: int
    seats: int
    facilitators: tuple[UUID, ...]
    room: str | None
    modality: str


@dataclass(frozen=True)
class ChangeSeries:
    """Sessions planned for ``from_date`` (a local day; today where left out) and later; what is None stays.
    ``allow_partial``: change those that can be and list the others. Where only the modality changes the room is
    left. ``override``: why they are changed although participants are elsewhere then, or somebody is not available, a
    code."""

    series_id: UUID
    from_date: date | None = None
    starts_at: time | None = None
    minutes: int | None = None
    facilitators: tuple[UUID, ...] | None = None
    room: str | None = None
    modality: str | None = None
    seats: int | None = None
    allow_partial: bool = False
    override: str | None = None


@dataclass(frozen=True)
class ScheduleSessions:
    """Sessions of a series through a local day. ``allow_partial``: schedule what is free and list what is not.
    ``override``: why they are held although facilitators or room are not available, a code."""

    series_id: UUID
    through: date
    from_date: date | None = None
    allow_partial: bool = False
    override: str | None = None


@dataclass(frozen=True)
class MoveSession:
    """To a local day and time; ``minutes``: as long as before where left out. ``override``: why it is moved
    although participants are elsewhere then, or somebody is not available, a code."""

    session_id: UUID
    local_date: date
    starts_at: time
    minutes: int | None = None
    override: str | None = None


@dataclass(frozen=True)
class SubstituteFacilitator:
    """Somebody else leads this one session in their stead. ``override``: why although they are not available then."""

    session_id: UUID
    leaving: UUID
    coming: UUID
    override: str | None = None


@dataclass(frozen=True)
class SettleSubstitute:
    """``outcome``: a code for how it was seen to that ``facilitator_id`` is not qualified for the session."""

    session_id: UUID
    facilitator_id: UUID
    outcome: str


@dataclass(frozen=True)
class AlterSession:
    """This one session elsewhere, otherwise, for more or fewer, or on something; what is None stays. Where only the
    modality changes the room is left. ``topic_code``: of the track's curriculum, in place of ``topic``, free text.
    ``override``: why it is held in a room that is not available then, a code."""

    session_id: UUID
    modality: str | None = None
    room: str | None = None
    seats: int | None = None
    topic: str | None = None
    topic_code: str | None = None
    override: str | None = None


@dataclass(frozen=True)
class CancelSession:
    """``closure_id``: the closure that it falls on, where one is why."""

    session_id: UUID
    reason: str
    closure_id: UUID | None = None


@dataclass(frozen=True)
class BookSession:
    """``episode_id`` says which placement is meant where a participant has several. ``override``: why the seat is given
    although others wait for it, or the participant is not available then, a code.
    ``makes_up_for``: the booking, missed or cancelled, that this one makes up for."""

    session_id: UUID
    participant_id: UUID
    episode_id: UUID | None = None
    override: str | None = None
    makes_up_for: UUID | None = None


@dataclass(frozen=True)
class BookSeries:
    """Every scheduled session of a series between two local days, both included, that can be had; from today on, and
    through the last that is scheduled, where they are left out. ``override`` as in ``BookSession``."""

    series_id: UUID
    participant_id: UUID
    from_date: date | None = None
    through: date | None = None
    episode_id: UUID | None = None
    override: str | None = None


@dataclass(frozen=True)
class CancelSeriesBookings:
    """The participant's bookings in the sessions of a series between two local days that have yet to begin; all of
    them where the days are left out. ``given_up_by`` as in ``CancelBooking``."""

    series_id: UUID
    participant_id: UUID
    from_date: date | None = None
    through: date | None = None
    episode_id: UUID | None = None
    given_up_by: GivenUpBy = "participant"


@dataclass(frozen=True)
class CancelBooking:
    """``given_up_by``: the participant, whose absence it is; or the program, because the plan changed."""

    session_id: UUID
    booking_id: UUID
    given_up_by: GivenUpBy = "participant"


@dataclass(frozen=True)
class WaitForSession:
    """For a seat in this session. ``priority``: 1 before 2."""

    session_id: UUID
    participant_id: UUID
    episode_id: UUID | None = None
    priority: int = 3


@dataclass(frozen=True)
class WaitForSeries:
    """For a seat in each session of the series that is scheduled and to come."""

    series_id: UUID
    participant_id: UUID
    episode_id: UUID | None = None
    priority: int = 3


@dataclass(frozen=True)
class StopWaitingForSession:
    session_id: UUID
    episode_id: UUID


@dataclass(frozen=True)
class StopWaitingForSeries:
    series_id: UUID
    episode_id: UUID


@dataclass(frozen=True)
class SettleLoss:
    """A coordinator has seen to a booking that could not be restored; ``outcome`` is a code such as made_up."""

    episode_id: UUID
    booking_id: UUID
    outcome: str


# By what other services told. ``told_at``: when it happened there; what begins earlier is past and is left as it is.


@dataclass(frozen=True)
class LearnTrack:
    track_id: UUID
    name: str
    time_zone: str
    packs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenPlacement:
    participant_id: UUID
    episode_id: UUID
    track_id: UUID
    admitted_at: datetime


@dataclass(frozen=True)
class SuspendPlacement:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    suspended_at: datetime
    reason: str
    told_at: datetime


@dataclass(frozen=True)
class CancelSuspension:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    told_at: datetime


@dataclass(frozen=True)
class ResumePlacement:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    resumed_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class CancelResumption:
    participant_id: UUID
    episode_id: UUID
    suspension_id: UUID
    told_at: datetime


@dataclass(frozen=True)
class TransferPlacement:
    participant_id: UUID
    episode_id: UUID
    from_track_id: UUID
    track_id: UUID
    effective_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class ClosePlacement:
    participant_id: UUID
    episode_id: UUID
    discharged_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class MergeParticipants:
    """``revision``: counts what was said about the retired id; the last word counts."""

    surviving_id: UUID
    retired_id: UUID
    told_at: datetime
    revision: int = 1


@dataclass(frozen=True)
class SeparateParticipants:
    """They are two people after all."""

    surviving_id: UUID
    retired_id: UUID
    told_at: datetime
    revision: int


@dataclass(frozen=True)
class BookReview:
    """A medication review needs a prescriber's session before it falls due."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class RescheduleReview:
    """An open review falls due at another time: earlier where an urgent cause joined it, later where one went away."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    due_at: datetime
    told_at: datetime


@dataclass(frozen=True)
class TryRequestsAgain:
    """A prescriber's session has been scheduled, or a seat in it has come free."""

    session_id: UUID


@dataclass(frozen=True)
class SeekPrescriber:
    """Whatever came free while a request was decided is looked at once it stands."""

    episode_id: UUID


@dataclass(frozen=True)
class CloseReview:
    """``withdrawn``: the review never was needed, so the seat taken for it is given back."""

    participant_id: UUID
    episode_id: UUID
    review_id: UUID
    withdrawn: bool
    told_at: datetime


# By what scheduling decided itself, and by deadlines.


@dataclass(frozen=True)
class PromoteWaiting:
    """A seat in the session can be had, or somebody has begun to wait for one."""

    session_id: UUID


@dataclass(frozen=True)
class PromoteIntoSeries:
    """Somebody has begun to wait for the series."""

    series_id: UUID


@dataclass(frozen=True)
class TryWaitsAgain:
    """The participant may be able to take now what they wait for."""

    episode_id: UUID


@dataclass(frozen=True)
class EndSessionWaits:
    """The session begins."""

    session_id: UUID


@dataclass(frozen=True)
class EndSeriesWait:
    """The last session of the series that the placement waits for begins."""

    series_id: UUID
    episode_id: UUID
