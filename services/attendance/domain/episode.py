"""What attendance knows of an episode of care: when it counts, its treatment weeks, its absences."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.attendance.domain.calendar import week_start
from services.attendance.domain.outcome import Outcome
from services.attendance.domain.seat import Seat


@dataclass(frozen=True)
class Suspension:
    """From ``since`` until ``until``, which is None while it lasts. ``cancelled``: it never was."""

    since: datetime
    until: datetime | None = None
    cancelled: bool = False

    def covers(self, instant: datetime) -> bool:
        return not self.cancelled and self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class JudgedBy:
    """Which rule packs judge an episode, and as whose."""

    packs: tuple[str, ...] = ()
    age_group: str = "adult"


@dataclass(frozen=True)
class Absence:
    """A session missed; ``unexcused`` where it is a no-show."""

    starts_at: datetime
    unexcused: bool


class Episode(Aggregate):
    """An episode of care as attendance sees it. Its id is the episode's. A booking may be known before the admission:
    then it waits here."""

    TOPIC = "attendance.episode"

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

    class WeekOpened(Event):
        """A treatment week is under way; from ``judged_from`` on it is judged."""

        TOPIC = "attendance.episode.week_opened"
        week_start: date
        judged_from: datetime

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

    class AbsenceCleared(Event):
        """It turned out that they came, or that the program cancelled."""

        TOPIC = "attendance.episode.absence_cleared"
        booking_id: UUID

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

    @event(Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.waiting: tuple[UUID, ...] = ()
        self.admitted_on: date | None = None
        self.time_zone = ""
        self.judged_by = JudgedBy()
        self.suspensions: dict[UUID, Suspension] = {}
        self.discharged_at: datetime | None = None
        self.discharged_on: date | None = None
        self.weeks: set[date] = set()
        self.opened: dict[date, datetime] = {}
        """Week → from when it is judged."""
        self.closed: set[date] = set()
        self.absences: dict[UUID, Absence] = {}
        self.times_repeated = 0

    @classmethod
    def hear_of(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "Episode":
        """The first that attendance hears of an episode, from whichever source."""
        return cls._create(cls.Created, id=episode_id, timestamp=at, participant_id=participant_id)

    def let_wait(self, booking_id: UUID, at: datetime) -> None:
        """Keeps a booking in mind until the admission is known."""
        if booking_id not in self.waiting:
            self._happen(self.BookingAwaitsAdmission, at, booking_id=booking_id)

    def admit(
        self, admitted_at: datetime, admitted_on: date, time_zone: str, judged_by: JudgedBy, at: datetime
    ) -> None:
        """The episode counts from now; nothing happens twice."""
        if self.admitted_on is None:
            self._happen(
                self.Admitted,
                at,
                admitted_at=admitted_at,
                admitted_on=admitted_on,
                time_zone=time_zone,
                judged_by=judged_by,
            )

    def suspend(self, suspension_id: UUID, suspended_at: datetime, at: datetime) -> None:
        """A suspension begins, began at another time than was told, or holds again after it was cancelled."""
        held = self.suspensions.get(suspension_id)
        if held is None or held.cancelled or held.since != suspended_at:
            self._happen(self.Suspended, at, suspension_id=suspension_id, suspended_at=suspended_at)

    def resume(self, suspension_id: UUID, resumed_at: datetime, at: datetime) -> None:
        """A suspension ends; nothing happens where it is unknown or over."""
        suspension = self.suspensions.get(suspension_id)
        if suspension is not None and suspension.until != resumed_at:
            self._happen(self.Resumed, at, suspension_id=suspension_id, resumed_at=resumed_at)

    def cancel_suspension(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension never was; nothing happens where it is unknown or cancelled."""
        suspension = self.suspensions.get(suspension_id)
        if suspension is not None and not suspension.cancelled:
            self._happen(self.SuspensionCancelled, at, suspension_id=suspension_id)

    def cancel_resumption(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension goes on as if it had not ended; nothing happens where it has not."""
        suspension = self.suspensions.get(suspension_id)
        if suspension is not None and suspension.until is not None:
            self._happen(self.ResumptionCancelled, at, suspension_id=suspension_id)

    def discharge(self, discharged_at: datetime, discharged_on: date, at: datetime) -> None:
        """The episode ends; nothing happens twice."""
        if self.discharged_at is None:
            self._happen(self.Discharged, at, discharged_at=discharged_at, discharged_on=discharged_on)

    def open_week(self, week_start: date, judged_from: datetime, at: datetime) -> None:
        """The week counts; nothing happens twice, nor for a week after the discharge."""
        if week_start not in self.opened and not self.over_before(week_start):
            self._happen(self.WeekOpened, at, week_start=week_start, judged_from=judged_from)

    def close_week(self, week_start: date, at: datetime) -> None:
        """The week was judged for the first time."""
        if week_start not in self.closed:
            self._happen(self.WeekClosed, at, week_start=week_start)

    def note_outcome(self, booking_id: UUID, seat: Seat, outcome: Outcome, repeated_from: int, at: datetime) -> None:
        """Keeps count of absences, and tells when unexcused ones repeat: ``repeated_from`` of them, twice as many…"""
        monday = week_start(seat.local_date)
        if monday not in self.weeks:
            self._happen(self.WeekTouched, at, week_start=monday)
        if outcome.status in ("no_show", "excused"):
            absence = Absence(seat.starts_at, unexcused=outcome.status == "no_show")
            if self.absences.get(booking_id) != absence:
                self._happen(
                    self.AbsenceNoted, at, booking_id=booking_id, starts_at=seat.starts_at, unexcused=absence.unexcused
                )
        elif booking_id in self.absences:
            self._happen(self.AbsenceCleared, at, booking_id=booking_id)
        self._tell_repeated(repeated_from, at)

    def _tell_repeated(self, repeated_from: int, at: datetime) -> None:
        missed = sorted(absence.starts_at for absence in self.absences.values() if absence.unexcused)
        times = len(missed) // repeated_from
        if times > self.times_repeated:
            self._happen(self.NoShowsRepeated, at, count=len(missed), times=times, last_missed_at=missed[-1])
        elif times < self.times_repeated:
            self._happen(self.NoShowsNoLongerRepeated, at, count=len(missed), times=times)

    @property
    def admitted(self) -> bool:
        return self.admitted_on is not None

    def suspended_at(self, instant: datetime) -> bool:
        """Whether any suspension that was covers the instant."""
        return any(suspension.covers(instant) for suspension in self.suspensions.values())

    def discharged_by(self, instant: datetime) -> bool:
        """Whether the episode was over at the instant."""
        return self.discharged_at is not None and self.discharged_at <= instant

    def week_is_due(self, monday: date, at: datetime) -> bool:
        """Whether the week's time and grace are over and it has not been judged."""
        judged_from = self.opened.get(monday)
        return judged_from is not None and judged_from <= at and monday not in self.closed

    def over_before(self, monday: date) -> bool:
        """Whether the episode ended before the week."""
        return self.discharged_on is not None and self.discharged_on < monday

    def _happen(self, event_class: type[Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **fields)

    @event(BookingAwaitsAdmission)
    def _booking_awaits_admission(self, booking_id: UUID) -> None:
        self.waiting = (*self.waiting, booking_id)

    @event(Admitted)
    def _admitted(self, admitted_on: date, time_zone: str, judged_by: JudgedBy) -> None:
        self.admitted_on = admitted_on
        self.time_zone = time_zone
        self.judged_by = judged_by
        self.waiting = ()

    @event(Suspended)
    def _suspended(self, suspension_id: UUID, suspended_at: datetime) -> None:
        held = self.suspensions.get(suspension_id)
        until = None if held is None or held.cancelled else held.until
        self.suspensions[suspension_id] = Suspension(suspended_at, until)

    @event(Resumed)
    def _resumed(self, suspension_id: UUID, resumed_at: datetime) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], until=resumed_at)

    @event(SuspensionCancelled)
    def _suspension_cancelled(self, suspension_id: UUID) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], cancelled=True)

    @event(ResumptionCancelled)
    def _resumption_cancelled(self, suspension_id: UUID) -> None:
        self.suspensions[suspension_id] = replace(self.suspensions[suspension_id], until=None)

    @event(Discharged)
    def _discharged(self, discharged_at: datetime, discharged_on: date) -> None:
        self.discharged_at = discharged_at
        self.discharged_on = discharged_on

    @event(WeekOpened)
    def _week_opened(self, week_start: date, judged_from: datetime) -> None:
        self.opened[week_start] = judged_from
        self.weeks.add(week_start)

    @event(WeekClosed)
    def _week_closed(self, week_start: date) -> None:
        self.closed.add(week_start)

    @event(WeekTouched)
    def _week_touched(self, week_start: date) -> None:
        self.weeks.add(week_start)

    @event(AbsenceNoted)
    def _absence_noted(self, booking_id: UUID, starts_at: datetime, unexcused: bool) -> None:
        self.absences[booking_id] = Absence(starts_at, unexcused)

    @event(AbsenceCleared)
    def _absence_cleared(self, booking_id: UUID) -> None:
        del self.absences[booking_id]

    @event(NoShowsRepeated)
    def _no_shows_repeated(self, times: int) -> None:
        self.times_repeated = times

    @event(NoShowsNoLongerRepeated)
    def _no_shows_no_longer_repeated(self, times: int) -> None:
        self.times_repeated = times
