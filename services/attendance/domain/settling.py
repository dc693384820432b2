"""What follows when a fact changes: outcomes, and the days and weeks they fall into. Pure: others load and save."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, overload
from uuid import UUID

from services.attendance.domain.absences import steps_reached
from services.attendance.domain.attended import Attended
from services.attendance.domain.billable_day import GROUP
from services.attendance.domain.calendar import week_start
from services.attendance.domain.episode import Episode
from services.attendance.domain.episode_facts import Absence, AttendedSession
from services.attendance.domain.group_note import GroupNote
from services.attendance.domain.judging import WeekOf, judge_after_gap, judge_again, judge_days
from services.attendance.domain.outcome import Outcome
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rulebook import RuleBook
from services.attendance.domain.rules import ATTENDED, AttendanceRules
from services.attendance.domain.seat import Seat
from services.attendance.domain.treatment_week import TreatmentWeek

RecordOf = Callable[[UUID], AttendanceRecord]
"""Loads the record of a booking."""


class NoteOf(Protocol):
    """Loads the note about a session; where there is none begins it, or gives None."""

    @overload
    def __call__(self, session_id: UUID, *, begin: Literal[True]) -> GroupNote: ...
    @overload
    def __call__(self, session_id: UUID, *, begin: Literal[False]) -> GroupNote | None: ...


@dataclass(frozen=True)
class Settling:
    """One change of facts at one time, and what it takes to let follow what follows."""

    episode: Episode
    week_of: WeekOf
    note_of: NoteOf
    book: RuleBook
    at: datetime
    touched: set[date] = field(default_factory=set)
    """The weeks in which something changed: they are looked ahead once all is settled."""

    def settle(self, record: AttendanceRecord, reason: str) -> None:
        """Works one booking's outcome out again, and the verdicts on its day and week. Before the admission is known
        there are no rules to go by: the facts wait."""
        if not self.episode.stay.admitted:
            return
        seat = record.seat
        rules = self.book.attendance(self.episode.stay.judged_by_on(seat.local_date), seat.local_date)
        settled = record.settle(
            rules,
            reason,
            self.at,
            suspended=self.episode.stay.suspended_at(seat.starts_at),
            discharged=self.episode.stay.discharged_by(seat.starts_at),
        )
        monday = week_start(seat.local_date)
        self.episode.touch_week(monday, self.at)
        self.touched.add(monday)
        week = self.week_of(self.episode, monday)
        if settled is None:
            if record.moved_since_outcome:
                self._forget_outcome(record, week, rules)
            week.expect(record.id, seat, self.at)
            return
        week.count(record.id, seat, settled, self.at)
        self._ask_for_note(record.id, seat, settled)
        before = set(self.episode.service_days)
        if self._note(record.id, seat, settled):
            self.episode.tell_repeated(rules.unexcused_no_shows, self.at)
            self._review_absences()
        judge_days(week, [seat.local_date], self.episode, self.book, self.at)
        judge_again(week, self.episode, self.book, self.at)
        self._judge_after_gap(before)

    def moved(self, record: AttendanceRecord, before: Seat) -> None:
        """The booking's session was on another day before: what it was to that day and its week it is no more. What it
        is to the week now, settling says."""
        if not self.episode.stay.admitted or before.local_date == record.seat.local_date:
            return
        left = week_start(before.local_date)
        self.touched.add(left)
        week = self.week_of(self.episode, left)
        week.move_away(record.id, self.at)
        if week_start(record.seat.local_date) != left:
            judge_again(week, self.episode, self.book, self.at)
        judge_days(week, [before.local_date], self.episode, self.book, self.at)

    def _forget_outcome(self, record: AttendanceRecord, week: TreatmentWeek, rules: AttendanceRules) -> None:
        """The session is still to come, at another time than the one whose outcome was fixed: that counts for nothing
        any more, neither as an absence nor for a day or week, nor is there anything to write a note about. By the rule
        ``outcome_moves_with_its_session``."""
        days = {one.local_date for id_, one in week.attended.items() if id_ == record.id}
        before = set(self.episode.service_days)
        if self.episode.note_neither(record.id, self.at):
            self.episode.tell_repeated(rules.unexcused_no_shows, self.at)
            self._review_absences()
        if days:
            week.move_away(record.id, self.at)
            judge_days(week, days, self.episode, self.book, self.at)
        judge_again(week, self.episode, self.book, self.at)
        self._judge_after_gap(before)
        self._ask_for_no_note(record.id, record.seat)

    def settle_since(self, since: date, record_of: RecordOf, reason: str) -> None:
        """Works out again every outcome and verdict of the weeks from the local day ``since`` on: a suspension, a
        transfer or the discharge changed. What has no outcome yet is settled when its grace ends."""
        if not self.episode.stay.admitted:
            return
        for monday in sorted(monday for monday in self.episode.weeks if monday >= week_start(since)):
            self.touched.add(monday)
            week = self.week_of(self.episode, monday)
            for booking_id in sorted(week.attended):
                self.settle(record_of(booking_id), reason)
            for booking_id in sorted(week.expected):
                self.await_outcome(record_of(booking_id))
            judge_days(week, week.days, self.episode, self.book, self.at)
            judge_again(week, self.episode, self.book, self.at)
        self._review_absences()

    def judge_step_down(self, on: date) -> None:
        """A step-down may have become known: judges again the weeks before it that may be below the minimum."""
        if not self.episode.stay.admitted:
            return
        last = week_start(on)
        for monday in sorted(monday for monday in self.episode.weeks if monday < last):
            allowed = self.book.week(self.episode.stay.judged_by_in(monday), monday).step_down_weeks
            if allowed is not None and last < monday + timedelta(weeks=allowed):
                judge_again(self.week_of(self.episode, monday), self.episode, self.book, self.at)

    def await_outcome(self, record: AttendanceRecord) -> None:
        """Sets the deadline of a booking once the admission, and so the rules, are known."""
        if self.episode.stay.admitted:
            day = record.seat.local_date
            record.await_outcome(self.book.attendance(self.episode.stay.judged_by_on(day), day), self.at)

    def _review_absences(self) -> None:
        episode, policies = self.episode, self.book.absence_policies
        reached = steps_reached(episode.history, lambda day: policies(episode.stay.judged_by_on(day), day))
        episode.review_absences(reached, self.at)

    def _note(self, booking_id: UUID, seat: Seat, outcome: Outcome) -> bool:
        if outcome.status in ("no_show", "excused"):
            absence = Absence(seat.starts_at, unexcused=outcome.status == "no_show")
            return self.episode.note_absence(booking_id, absence, self.at)
        if outcome.status not in ATTENDED:
            return self.episode.note_neither(booking_id, self.at)
        attended = AttendedSession(
            seat.starts_at, seat.local_date, outcome.status == "late", self._serves(seat, outcome)
        )
        return self.episode.note_attendance(booking_id, attended, self.at)

    def _ask_for_note(self, booking_id: UUID, seat: Seat, outcome: Outcome) -> None:
        """By the rule ``group_note``."""
        if seat.component != GROUP:
            return
        within = self.book.group(self.episode.stay.judged_by_on(seat.local_date), seat.local_date).note_within
        if outcome.status in ATTENDED and within is not None:
            self.note_of(seat.session_id, begin=True).ask(booking_id, seat.ends_at + within, self.at)
        else:
            self._ask_for_no_note(booking_id, seat)

    def _ask_for_no_note(self, booking_id: UUID, seat: Seat) -> None:
        if (note := self.note_of(seat.session_id, begin=False)) is not None:
            note.no_longer_ask(booking_id, self.at)

    def _serves(self, seat: Seat, outcome: Outcome) -> bool:
        rules = self.book.day(self.episode.stay.judged_by_on(seat.local_date), seat.local_date)
        counted = Attended.of(seat, outcome).minutes_counted(rules.telehealth_counts)
        return seat.component in rules.components and counted > 0

    def _judge_after_gap(self, before: set[date]) -> None:
        changed = before ^ set(self.episode.service_days)
        if changed:
            judge_after_gap(changed, self.episode, self.week_of, self.book, self.at)
