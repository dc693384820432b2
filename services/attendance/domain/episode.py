"""What attendance knows of an episode of care: when it counts, its treatment weeks, its absences."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.attendance.domain import episode_events as events
from services.attendance.domain.absences import (
    UNEXCUSED_NO_SHOWS,
    Came,
    PastSession,
    StepReached,
    StepsReached,
    counted,
    in_order,
)
from services.attendance.domain.episode_facts import Absence, AttendedSession, JudgedBy, Placement
from services.attendance.domain.errors import StepNotReached
from services.attendance.domain.stay import Stay

STEP_DOWN = "step_down"
"""The kind of transfer that leads to less intensive care."""

STEPPED_DOWN = "stepped_down"
"""The reason of a discharge that leads to less intensive care."""


class Episode(Aggregate):
    """An episode of care as attendance sees it. Its id is the episode's. A booking may be known before the admission:
    then it waits here."""

    TOPIC = "attendance.episode"

    Created = events.Created
    BookingAwaitsAdmission = events.BookingAwaitsAdmission
    Admitted = events.Admitted
    Transferred = events.Transferred
    Suspended = events.Suspended
    Resumed = events.Resumed
    SuspensionCancelled = events.SuspensionCancelled
    ResumptionCancelled = events.ResumptionCancelled
    Discharged = events.Discharged
    SamePersonTold = events.SamePersonTold
    WeekOpened = events.WeekOpened
    WeekClosed = events.WeekClosed
    WeekTouched = events.WeekTouched
    AbsenceNoted = events.AbsenceNoted
    AttendanceNoted = events.AttendanceNoted
    AbsenceCleared = events.AbsenceCleared
    AbsenceStepReached = events.AbsenceStepReached
    AbsenceStepReversed = events.AbsenceStepReversed
    AbsenceStepTaken = events.AbsenceStepTaken
    NoShowsRepeated = events.NoShowsRepeated
    NoShowsNoLongerRepeated = events.NoShowsNoLongerRepeated

    @event(events.Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id = participant_id
        self.waiting: tuple[UUID, ...] = ()
        self.stay = Stay()
        self.same_person: tuple[UUID, ...] = ()
        """The person's other episodes."""
        self.weeks: set[date] = set()
        self.opened: dict[date, datetime] = {}
        """Week → from when it is judged."""
        self.looked_ahead: dict[date, tuple[datetime, datetime]] = {}
        """Week → from when until when it is looked whether its minimum is in reach."""
        self.closed: set[date] = set()
        self.absences: dict[UUID, Absence] = {}
        self.attended: dict[UUID, AttendedSession] = {}
        self.steps: dict[tuple[str, str], StepReached] = {}
        """Steps of absence policies that are reached: (policy, step) → how."""
        self.taken: set[tuple[str, str]] = set()
        self.times_repeated = 0

    @classmethod
    def hear_of(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "Episode":
        """The first that attendance hears of an episode, from whichever source."""
        return cls._create(cls.Created, id=episode_id, timestamp=at, participant_id=participant_id)

    def let_wait(self, booking_id: UUID, at: datetime) -> None:
        """Keeps a booking in mind until the admission is known."""
        if booking_id not in self.waiting:
            self._happen(self.BookingAwaitsAdmission, at, booking_id=booking_id)

    def admit(self, admitted_at: datetime, placement: Placement, at: datetime) -> None:
        """The episode counts from now; nothing happens twice."""
        if self.stay.admission is None:
            self._happen(
                self.Admitted,
                at,
                admitted_at=admitted_at,
                admitted_on=placement.since,
                time_zone=placement.time_zone,
                judged_by=placement.judged_by,
                track_id=placement.track_id,
                components=placement.components,
            )

    def transfer(self, kind: str, placement: Placement, at: datetime) -> None:
        """The episode goes on in another track; the last word about a day counts, and nothing happens twice."""
        on = placement.since
        if self.stay.transfers.get(on) != placement or (on in self.stay.stepped_down) != (kind == STEP_DOWN):
            self._happen(self.Transferred, at, kind=kind, effective_on=on, placement=placement)

    def suspend(self, suspension_id: UUID, suspended_at: datetime, at: datetime) -> None:
        """A suspension begins, began at another time than was told, or holds again after it was cancelled."""
        held = self.stay.suspensions.get(suspension_id)
        if held is None or held.cancelled or held.since != suspended_at:
            self._happen(self.Suspended, at, suspension_id=suspension_id, suspended_at=suspended_at)

    def resume(self, suspension_id: UUID, resumed_at: datetime, at: datetime) -> None:
        """A suspension ends; nothing happens where it is unknown or over."""
        suspension = self.stay.suspensions.get(suspension_id)
        if suspension is not None and suspension.until != resumed_at:
            self._happen(self.Resumed, at, suspension_id=suspension_id, resumed_at=resumed_at)

    def cancel_suspension(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension never was; nothing happens where it is unknown or cancelled."""
        suspension = self.stay.suspensions.get(suspension_id)
        if suspension is not None and not suspension.cancelled:
            self._happen(self.SuspensionCancelled, at, suspension_id=suspension_id)

    def cancel_resumption(self, suspension_id: UUID, at: datetime) -> None:
        """The suspension goes on as if it had not ended; nothing happens where it has not."""
        suspension = self.stay.suspensions.get(suspension_id)
        if suspension is not None and suspension.until is not None:
            self._happen(self.ResumptionCancelled, at, suspension_id=suspension_id)

    def discharge(self, discharged_at: datetime, discharged_on: date, reason: str, at: datetime) -> None:
        """The episode ends; nothing happens twice."""
        if self.stay.discharged_at is None:
            self._happen(self.Discharged, at, discharged_at=discharged_at, discharged_on=discharged_on, reason=reason)

    def tell_same_person(self, episodes: Iterable[UUID], at: datetime) -> None:
        """Which other episodes are the same person's; nothing happens where that was told."""
        others = tuple(sorted(episodes))
        if others != self.same_person:
            self._happen(self.SamePersonTold, at, episodes=others)

    def open_week(
        self, week_start: date, warned_from: datetime, ends_at: datetime, judged_from: datetime, at: datetime
    ) -> None:
        """The week counts; nothing happens twice, nor for a week after the discharge."""
        if week_start not in self.opened and not self.stay.over_before(week_start):
            times = {"warned_from": warned_from, "ends_at": ends_at, "judged_from": judged_from}
            self._happen(self.WeekOpened, at, week_start=week_start, **times)

    def close_week(self, week_start: date, at: datetime) -> None:
        """The week was judged for the first time."""
        if week_start not in self.closed:
            self._happen(self.WeekClosed, at, week_start=week_start)

    def touch_week(self, monday: date, at: datetime) -> None:
        """A booking falls into the week."""
        if monday not in self.weeks:
            self._happen(self.WeekTouched, at, week_start=monday)

    def note_absence(self, booking_id: UUID, absence: Absence, at: datetime) -> bool:
        """They missed a session. Whether that is new."""
        if self.absences.get(booking_id) == absence:
            return False
        told = {"starts_at": absence.starts_at, "unexcused": absence.unexcused}
        self._happen(self.AbsenceNoted, at, booking_id=booking_id, **told)
        return True

    def note_attendance(self, booking_id: UUID, attended: AttendedSession, at: datetime) -> bool:
        """They came to a session. Whether that is new."""
        if self.attended.get(booking_id) == attended:
            return False
        self._happen(self.AttendanceNoted, at, booking_id=booking_id, attended=attended)
        return True

    def note_neither(self, booking_id: UUID, at: datetime) -> bool:
        """The session counts for nothing. Whether that is new."""
        if booking_id not in self.absences and booking_id not in self.attended:
            return False
        self._happen(self.AbsenceCleared, at, booking_id=booking_id)
        return True

    @property
    def history(self) -> list[PastSession]:
        """Sessions attended and missed, in order, without those missed while suspended (the rule
        ``suspended_never_counts``)."""
        missed = (
            self._past(booking_id, absence.starts_at, "unexcused" if absence.unexcused else "excused")
            for booking_id, absence in self.absences.items()
            if not self.stay.suspended_at(absence.starts_at)
        )
        attended = (
            self._past(booking_id, session.starts_at, "late" if session.late else "in_time")
            for booking_id, session in self.attended.items()
        )
        return in_order((*missed, *attended))

    def _past(self, booking_id: UUID, starts_at: datetime, came: Came) -> PastSession:
        return PastSession(booking_id, starts_at, self.stay.local_day(starts_at), came)

    def review_absences(self, reached: StepsReached, at: datetime) -> None:
        """Tells the steps of absence policies that are reached now and were not, or by other absences, and those that
        are reached no longer."""
        for (policy, step), how in sorted(reached.items()):
            if self.steps.get((policy, step)) != how:
                self._happen(self.AbsenceStepReached, at, policy=policy, step=step, reached=how)
        for (policy, step), how in sorted(self.steps.items()):
            if (policy, step) not in reached:
                self._happen(self.AbsenceStepReversed, at, policy=policy, step=step, reached=how)

    def take_step(self, policy: str, step: str, at: datetime) -> None:
        """What a step asks for was done; nothing happens twice. Raises ``StepNotReached``."""
        if (policy, step) not in self.steps:
            raise StepNotReached("this step is not reached, or was reversed since; the list shows which steps are")
        if (policy, step) not in self.taken:
            self._happen(self.AbsenceStepTaken, at, policy=policy, step=step)

    def tell_repeated(self, repeated_from: int, at: datetime) -> None:
        """Tells when unexcused absences repeat: ``repeated_from`` of them, twice as many…, and when no longer."""
        missed = counted(self.history, UNEXCUSED_NO_SHOWS)
        times = len(missed) // repeated_from
        if times > self.times_repeated:
            told = {"count": len(missed), "times": times, "last_missed_at": missed[-1].starts_at}
            self._happen(self.NoShowsRepeated, at, **told)
        elif times < self.times_repeated:
            self._happen(self.NoShowsNoLongerRepeated, at, count=len(missed), times=times)

    @property
    def service_days(self) -> list[date]:
        """The local days with minutes that count, in order."""
        return sorted({one.local_date for one in self.attended.values() if one.serves})

    def week_is_due(self, monday: date, at: datetime) -> bool:
        """Whether the week's time and grace are over and it has not been judged."""
        judged_from = self.opened.get(monday)
        return judged_from is not None and judged_from <= at and monday not in self.closed

    def is_looked_ahead(self, monday: date, at: datetime) -> bool:
        """Whether it is time to look if the week's minimum is in reach."""
        since, until = self.looked_ahead.get(monday, (at, at))
        return since <= at < until

    def _happen(self, event_class: type[events.Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **fields)

    @event(events.BookingAwaitsAdmission)
    def _booking_awaits_admission(self, booking_id: UUID) -> None:
        self.waiting = (*self.waiting, booking_id)

    @event(events.Admitted)
    def _admitted(
        self,
        admitted_at: datetime,
        admitted_on: date,
        time_zone: str,
        judged_by: JudgedBy,
        track_id: UUID | None,
        components: tuple[str, ...],
    ) -> None:
        placement = Placement(admitted_on, time_zone, judged_by, track_id, components)
        self.stay = replace(self.stay, admitted_at=admitted_at, admission=placement)
        self.waiting = ()

    @event(events.Transferred)
    def _transferred(self, kind: str, effective_on: date, placement: Placement) -> None:
        self.stay = self.stay.transferred(effective_on, placement, steps_down=kind == STEP_DOWN)

    @event(events.Suspended)
    def _suspended(self, suspension_id: UUID, suspended_at: datetime) -> None:
        self.stay = self.stay.suspended(suspension_id, suspended_at)

    @event(events.Resumed)
    def _resumed(self, suspension_id: UUID, resumed_at: datetime) -> None:
        self.stay = self.stay.resumed(suspension_id, resumed_at)

    @event(events.SuspensionCancelled)
    def _suspension_cancelled(self, suspension_id: UUID) -> None:
        self.stay = self.stay.suspension_cancelled(suspension_id)

    @event(events.ResumptionCancelled)
    def _resumption_cancelled(self, suspension_id: UUID) -> None:
        self.stay = self.stay.resumed(suspension_id, None)

    @event(events.Discharged)
    def _discharged(self, discharged_at: datetime, discharged_on: date, reason: str | None) -> None:
        self.stay = self.stay.discharged(discharged_at, discharged_on, steps_down=reason == STEPPED_DOWN)

    @event(events.SamePersonTold)
    def _same_person_told(self, episodes: tuple[UUID, ...]) -> None:
        self.same_person = episodes

    @event(events.WeekOpened)
    def _week_opened(
        self, week_start: date, judged_from: datetime, warned_from: datetime | None, ends_at: datetime | None
    ) -> None:
        self.opened[week_start] = judged_from
        if warned_from is not None and ends_at is not None:
            self.looked_ahead[week_start] = (warned_from, ends_at)
        self.weeks.add(week_start)

    @event(events.WeekClosed)
    def _week_closed(self, week_start: date) -> None:
        self.closed.add(week_start)

    @event(events.WeekTouched)
    def _week_touched(self, week_start: date) -> None:
        self.weeks.add(week_start)

    @event(events.AbsenceNoted)
    def _absence_noted(self, booking_id: UUID, starts_at: datetime, unexcused: bool) -> None:
        self.attended.pop(booking_id, None)
        self.absences[booking_id] = Absence(starts_at, unexcused)

    @event(events.AttendanceNoted)
    def _attendance_noted(self, booking_id: UUID, attended: AttendedSession) -> None:
        self.absences.pop(booking_id, None)
        self.attended[booking_id] = attended

    @event(events.AbsenceCleared)
    def _absence_cleared(self, booking_id: UUID) -> None:
        self.absences.pop(booking_id, None)
        self.attended.pop(booking_id, None)

    @event(events.AbsenceStepReached)
    def _absence_step_reached(self, policy: str, step: str, reached: StepReached) -> None:
        self.steps[policy, step] = reached

    @event(events.AbsenceStepReversed)
    def _absence_step_reversed(self, policy: str, step: str) -> None:
        del self.steps[policy, step]
        self.taken.discard((policy, step))

    @event(events.AbsenceStepTaken)
    def _absence_step_taken(self, policy: str, step: str) -> None:
        self.taken.add((policy, step))

    @event(events.NoShowsRepeated)
    def _no_shows_repeated(self, times: int) -> None:
        self.times_repeated = times

    @event(events.NoShowsNoLongerRepeated)
    def _no_shows_no_longer_repeated(self, times: int) -> None:
        self.times_repeated = times
