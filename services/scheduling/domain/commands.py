"""What people ask of the timetable and its seats.

Ids, instants and choices travel in the command; who and when, beside it.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal, get_args
from uuid import UUID

GivenUpBy = Literal["participant", "program"]
"""Who gives a seat up: who is taken off the roster by the program has missed nothing."""

GIVEN_UP_BY: tuple[GivenUpBy, ...] = get_args(GivenUpBy)


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
class SettleLoss:
    """A coordinator has seen to a booking that could not be restored; ``outcome`` is a code such as made_up."""

    episode_id: UUID
    booking_id: UUID
    outcome: str
