"""The attendance record: one per booking. Facts are appended; the outcome is worked out from them each time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.domain import Aggregate, event

from services.attendance.domain import record_events as events
from services.attendance.domain.errors import (
    AheadOfTime,
    AlreadyCheckedIn,
    BookingFreed,
    CheckInOutsideSession,
    CheckOutBeforeCheckIn,
    CorrectionUnclear,
    NotCheckedIn,
)
from services.attendance.domain.outcome import Facts, Outcome, outcome
from services.attendance.domain.rules import AttendanceRules
from services.attendance.domain.seat import Seat
from services.attendance.domain.visits import Modality, Stay, Visit, Way, in_the_call

STATUSES_WITHOUT_TIMES = ("no_show", "excused", "cancelled_by_program")
"""What staff may correct to without giving times: the others follow from the times."""


RESTORED = "restored"
"""Why a booking does not stand any more: another one took its place."""


class AttendanceRecord(Aggregate):
    """What happened to one booking. Its id is the booking's."""

    TOPIC = "attendance.attendance_record"

    Created = events.Created
    SeatBookedAgain = events.SeatBookedAgain
    SeatFreed = events.SeatFreed
    SeatRestored = events.SeatRestored
    OutcomeAwaited = events.OutcomeAwaited
    GraceEnded = events.GraceEnded
    CheckedIn = events.CheckedIn
    CheckedOut = events.CheckedOut
    TelehealthJoined = events.TelehealthJoined
    TelehealthLeft = events.TelehealthLeft
    AbsenceExcused = events.AbsenceExcused
    EntryCorrected = events.EntryCorrected
    OutcomeRecorded = events.OutcomeRecorded
    OutcomeCorrected = events.OutcomeCorrected

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID, seat: Seat, makes_up_for: UUID | None) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.seat = seat
        self.makes_up_for = makes_up_for
        self.freed: str | None = None
        self.notice_hours: float | None = None
        self.grace_ends_at: datetime | None = None
        self.grace_ended = False
        self.visits: tuple[Visit, ...] = ()
        self.excused = False
        self.corrected = False
        self.corrected_to: str | None = None
        self.outcome: Outcome | None = None
        self.outcome_seat: Seat | None = None
        self.moved_since_outcome = False
        """Whether the session was moved since its outcome was told, also where it was moved back."""

    @classmethod
    def book(
        cls,
        booking_id: UUID,
        participant_id: UUID,
        episode_id: UUID,
        seat: Seat,
        at: datetime,
        *,
        makes_up_for: UUID | None = None,
    ) -> "AttendanceRecord":
        """The record begins with the booking. ``makes_up_for``: the booking missed, where it is a make-up."""
        return cls._create(
            cls.Created,
            id=booking_id,
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
            seat=seat,
            makes_up_for=makes_up_for,
        )

    def book_again(self, seat: Seat, at: datetime) -> None:
        """The booking stands as told now; nothing happens where it already does."""
        if self.freed is not None or seat != self.seat:
            self._happen(self.SeatBookedAgain, at, seat=seat)

    def free(self, reason: str, notice_hours: float | None, at: datetime) -> None:
        """The seat was given back; nothing happens where it already was."""
        if self.freed is None:
            self._happen(self.SeatFreed, at, session_id=self.seat.session_id, reason=reason, notice_hours=notice_hours)

    def restore(self, by_booking_id: UUID, at: datetime) -> None:
        """Another booking stands for this one; nothing happens where none had been given back, or twice."""
        if self.freed is not None and self.freed != RESTORED:
            told = {"session_id": self.seat.session_id, "by_booking_id": by_booking_id}
            self._happen(self.SeatRestored, at, **told)

    def await_outcome(self, rules: AttendanceRules, at: datetime) -> None:
        """Sets until when the outcome is waited for: the session's end and the pack's grace."""
        grace_ends_at = self.seat.ends_at + rules.no_show_grace
        if grace_ends_at != self.grace_ends_at:
            self._happen(self.OutcomeAwaited, at, grace_ends_at=grace_ends_at)
            self.end_grace(at)

    def end_grace(self, at: datetime) -> None:
        """The time to come is over; nothing happens before it is, or twice."""
        if not self.grace_ended and self.grace_ends_at is not None and at >= self.grace_ends_at:
            self._happen(self.GraceEnded, at)

    def check_in(self, checked_in_at: datetime, at: datetime, way: Way = "staff") -> None:
        """Comes in. Raises ``BookingFreed``, ``AlreadyCheckedIn``, ``CheckInOutsideSession``, ``AheadOfTime``."""
        self._may_come(checked_in_at, at)
        if self.is_checked_in:
            raise AlreadyCheckedIn("they are checked in already; check them out first")
        if any(visit.until is not None and checked_in_at < visit.until for visit in self._visits_of(None)):
            raise CheckInOutsideSession("they were still in at that time; correct the entry instead")
        self._happen(self.CheckedIn, at, session_id=self.seat.session_id, checked_in_at=checked_in_at, way=way)

    def check_out(self, checked_out_at: datetime, at: datetime) -> None:
        """Leaves. Raises ``NotCheckedIn``, ``CheckOutBeforeCheckIn``, ``AheadOfTime``."""
        _not_ahead(checked_out_at, at)
        if not self.is_checked_in:
            raise NotCheckedIn("they are not checked in; check them in first, or correct the entry")
        self._may_leave(None, checked_out_at)
        self._happen(self.CheckedOut, at, session_id=self.seat.session_id, checked_out_at=checked_out_at)

    def join_telehealth(self, connection: str, joined_at: datetime, at: datetime) -> None:
        """A device joins the call. Raises ``BookingFreed``, ``AlreadyCheckedIn`` for a device that is in it,
        ``CheckInOutsideSession``, ``AheadOfTime``."""
        self._may_come(joined_at, at)
        if self._open(connection):
            raise AlreadyCheckedIn("this connection is in the call already; let it leave first")
        told = {"session_id": self.seat.session_id, "connection": connection, "joined_at": joined_at}
        self._happen(self.TelehealthJoined, at, **told)

    def leave_telehealth(self, connection: str, left_at: datetime, at: datetime) -> None:
        """A device leaves the call. Raises ``NotCheckedIn``, ``CheckOutBeforeCheckIn``, ``AheadOfTime``."""
        _not_ahead(left_at, at)
        if not self._open(connection):
            raise NotCheckedIn("this connection is not in the call; let it join first, or correct the entry")
        self._may_leave(connection, left_at)
        told = {"session_id": self.seat.session_id, "connection": connection, "left_at": left_at}
        self._happen(self.TelehealthLeft, at, **told)

    def excuse(self, reason: str, at: datetime) -> None:
        """The absence, past or to come, is excused; nothing happens where it already is."""
        if not self.excused:
            self._happen(self.AbsenceExcused, at, reason=reason)

    def correct(
        self,
        reason: str,
        at: datetime,
        *,
        checked_in_at: datetime | None = None,
        checked_out_at: datetime | None = None,
        status: str | None = None,
        modality: Modality | None = None,
        stays: tuple[Stay, ...] = (),
    ) -> None:
        """Replaces what was recorded: by both times, by several comings and goings, or by a status that has no times.
        Raises ``CorrectionUnclear``, ``CheckOutBeforeCheckIn``, ``AheadOfTime``."""
        if stays:
            if checked_in_at is not None or checked_out_at is not None or status is not None:
                raise CorrectionUnclear("give the stays alone; each has its own times")
            checked_in_at = min(stay.checked_in_at for stay in stays)
            checked_out_at = max(stay.checked_out_at for stay in stays)
        _not_ahead(checked_in_at, at)
        _not_ahead(checked_out_at, at)
        if checked_in_at is not None and checked_out_at is not None and status is None:
            spans = [(stay.checked_in_at, stay.checked_out_at) for stay in stays] or [(checked_in_at, checked_out_at)]
            if any(until < since for since, until in spans):
                raise CheckOutBeforeCheckIn("the check-out is before the check-in; give a later time")
        elif checked_in_at is not None or checked_out_at is not None or status not in STATUSES_WITHOUT_TIMES:
            choices = ", ".join(STATUSES_WITHOUT_TIMES)
            raise CorrectionUnclear(f"give checked_in_at and checked_out_at, stays, or a status: one of {choices}")
        self._happen(
            self.EntryCorrected,
            at,
            session_id=self.seat.session_id,
            reason=reason,
            checked_in_at=checked_in_at,
            checked_out_at=checked_out_at,
            status=status,
            modality=modality,
            stays=stays,
        )

    def settle(
        self, rules: AttendanceRules, reason: str, at: datetime, *, suspended: bool, discharged: bool
    ) -> Outcome | None:
        """Works the outcome out again; records it the first time and corrects it, with ``reason``, where it or the
        session's facts changed, or the session was moved and moved back. An outcome once recorded stands until there
        is another. Returns the outcome as it is now, None while it is open."""
        now = outcome(self.facts(suspended=suspended, discharged=discharged), rules)
        as_told = now == self.outcome and self.seat == self.outcome_seat and not self.moved_since_outcome
        if now is None or as_told:
            return now
        told: dict[str, Any] = {"episode_id": self.episode_id, "seat": self.seat, "status": now.status}
        told |= {"minutes": now.minutes, "telehealth_minutes": now.telehealth_minutes}
        if self.outcome is None:
            self._happen(self.OutcomeRecorded, at, **told)
        else:
            self._happen(self.OutcomeCorrected, at, reason=reason, **told)
        return now

    def facts(self, *, suspended: bool, discharged: bool) -> Facts:
        """All that is known, with what the episode adds."""
        return Facts(
            starts_at=self.seat.starts_at,
            ends_at=self.seat.ends_at,
            visits=self.visits,
            grace_ended=self.grace_ended or self.corrected,
            freed=self.freed,
            notice=None if self.notice_hours is None else timedelta(hours=self.notice_hours),
            excused=self.excused,
            corrected_to=self.corrected_to,
            suspended=suspended,
            discharged=discharged,
        )

    @property
    def is_in(self) -> bool:
        """Whether they are in the room or the call now."""
        return any(visit.open for visit in self.visits)

    @property
    def is_checked_in(self) -> bool:
        """Whether they came through the door and have not left."""
        return self._open(None)

    def _visits_of(self, connection: str | None) -> list[Visit]:
        return [visit for visit in self.visits if visit.connection == connection]

    def _open(self, connection: str | None) -> bool:
        return any(visit.open for visit in self._visits_of(connection))

    def _may_come(self, came_at: datetime, at: datetime) -> None:
        _not_ahead(came_at, at)
        if self.freed is not None:
            raise BookingFreed("the booking was given back; book the session again, then check in")
        same_day = came_at.astimezone(ZoneInfo(self.seat.time_zone)).date() == self.seat.local_date
        if not same_day or came_at >= self.seat.ends_at:
            raise CheckInOutsideSession(
                "a check-in belongs to the session's day, before it ends; correct the entry instead"
            )

    def _may_leave(self, connection: str | None, left_at: datetime) -> None:
        if any(visit.open and left_at < visit.since for visit in self._visits_of(connection)):
            raise CheckOutBeforeCheckIn("the check-out is before the check-in; give a later time")

    def _happen(self, event_class: type[events.Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event_class, timestamp=at, participant_id=self.participant_id, **fields)

    @event(events.SeatBookedAgain)
    def _seat_booked_again(self, seat: Seat) -> None:
        if seat.ends_at != self.seat.ends_at:
            self.grace_ended = False
        if self.outcome is not None and seat.starts_at != self.seat.starts_at:
            self.moved_since_outcome = True
        self.seat = seat
        self.freed = None
        self.notice_hours = None

    @event(events.SeatFreed)
    def _seat_freed(self, reason: str, notice_hours: float | None) -> None:
        self.freed = reason
        self.notice_hours = notice_hours

    @event(events.SeatRestored)
    def _seat_restored(self) -> None:
        self.freed = RESTORED

    @event(events.OutcomeAwaited)
    def _outcome_awaited(self, grace_ends_at: datetime) -> None:
        self.grace_ends_at = grace_ends_at

    @event(events.GraceEnded)
    def _grace_ended(self) -> None:
        self.grace_ended = True

    @event(events.CheckedIn)
    def _checked_in(self, checked_in_at: datetime, way: Way) -> None:
        modality = "in_person" if way == "kiosk" else self.seat.modality
        self.visits = (*self.visits, Visit(checked_in_at, None, way, modality))

    @event(events.CheckedOut)
    def _checked_out(self, checked_out_at: datetime) -> None:
        self._end_visit(None, checked_out_at)

    @event(events.TelehealthJoined)
    def _telehealth_joined(self, connection: str, joined_at: datetime) -> None:
        self.visits = (*self.visits, Visit(joined_at, None, "telehealth", "telehealth", connection))

    @event(events.TelehealthLeft)
    def _telehealth_left(self, connection: str, left_at: datetime) -> None:
        self._end_visit(connection, left_at)

    def _end_visit(self, connection: str | None, until: datetime) -> None:
        self.visits = tuple(
            replace(visit, until=until) if visit.open and visit.connection == connection else visit
            for visit in self.visits
        )

    @event(events.AbsenceExcused)
    def _absence_excused(self) -> None:
        self.excused = True

    @event(events.EntryCorrected)
    def _entry_corrected(
        self,
        checked_in_at: datetime | None,
        checked_out_at: datetime | None,
        status: str | None,
        modality: Modality | None,
        stays: tuple[Stay, ...],
    ) -> None:
        self.corrected = True
        self.corrected_to = status
        how = modality or self.seat.modality
        came = [Visit(one.checked_in_at, one.checked_out_at, "staff", one.modality or how) for one in stays]
        if not came and checked_in_at is not None:
            came = [Visit(checked_in_at, checked_out_at, "staff", how)]
        self.visits = tuple(came)

    @event(events.OutcomeRecorded)
    def _outcome_recorded(self, seat: Seat, status: str, minutes: int, telehealth_minutes: int | None) -> None:
        self.outcome = Outcome(status, minutes, in_the_call(seat.modality, minutes, telehealth_minutes))
        self.outcome_seat = seat
        self.moved_since_outcome = False

    @event(events.OutcomeCorrected)
    def _outcome_corrected(self, seat: Seat, status: str, minutes: int, telehealth_minutes: int | None) -> None:
        self.outcome = Outcome(status, minutes, in_the_call(seat.modality, minutes, telehealth_minutes))
        self.outcome_seat = seat
        self.moved_since_outcome = False


def _not_ahead(instant: datetime | None, at: datetime) -> None:
    if instant is not None and instant > at:
        raise AheadOfTime("this time is still to come; record what has happened")
