"""Attendance without infrastructure: aggregates in memory, rules in force given by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.attendance.domain.absences import AbsencePolicy
from services.attendance.domain.calendar import week_start
from services.attendance.domain.early_warning import Offer
from services.attendance.domain.episode import Episode
from services.attendance.domain.episode_facts import JudgedBy, Placement
from services.attendance.domain.group_note import GroupNote
from services.attendance.domain.groups import GroupRules
from services.attendance.domain.judging import judge_first, open_week
from services.attendance.domain.looking_ahead import look_ahead
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.rules import AttendanceRules, DayRules, WeekRules
from services.attendance.domain.seat import Seat
from services.attendance.domain.settling import Settling
from services.attendance.domain.treatment_week import TreatmentWeek

NEW_YORK = "America/New_York"
NAMES = UUID("00000000-0000-0000-0000-00000000da1e")
PARTICIPANT = uuid5(NAMES, "participant")
TRACK = uuid5(NAMES, "track")
EPISODE = uuid5(NAMES, "episode")
MONDAY = date(2026, 2, 2)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""After everything that the tests record."""

RULES = AttendanceRules(
    late_after=timedelta(minutes=5),
    late_counts_as_no_show_after=timedelta(minutes=30),
    left_early_before=timedelta(minutes=5),
    notice_excuses=timedelta(hours=48),
    no_show_grace=timedelta(minutes=60),
    open_visit_counts="until_session_end",
    unexcused_no_shows=3,
)
FORMAL = frozenset({"individual_therapy", "group_therapy", "psychoeducation", "medication_management"})


def decided_by(pack: str) -> dict[str, str]:
    return {"weekly_hours": pack, "treatment_days": pack}


NINE_HOURS = WeekRules(
    ("payer@2024-01-01",), 540, 3, 180, FORMAL, FORMAL, False, "pro_rated", decided_by("payer@2024-01-01")
)


def at(day: date, clock: str, zone: str = NEW_YORK) -> datetime:
    """A local time as an instant."""
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def seat(
    day: date, starts: str = "09:00", ends: str = "12:00", component: str = "group_therapy", modality: str = "in_person"
) -> Seat:
    session_id = uuid5(NAMES, f"session {day} {starts}")
    return Seat(session_id, component, modality, at(day, starts), at(day, ends), day, NEW_YORK)


PAYER = JudgedBy(("payer",))
THREE_HOURS = DayRules(
    ("payer@2024-01-01",), 180, FORMAL, False, False, None, "nothing", {"minimum_day": "payer@2024-01-01"}
)


class Book:
    """The rule packs in force: one, and from ``changed_on`` another."""

    def __init__(self, week: WeekRules = NINE_HOURS, changed_on: date = date.max, changed: WeekRules = NINE_HOURS):
        self.week_rules, self.changed_on, self.changed = week, changed_on, changed
        self.rules = RULES
        self.day_rules = THREE_HOURS
        self.group_rules = GroupRules(None, None, None, {})
        self.policies: tuple[AbsencePolicy, ...] = ()

    def attendance(self, judged_by, on):
        return self.rules

    def day(self, judged_by, on):
        return self.day_rules

    def week(self, judged_by, monday):
        return self.week_rules if monday < self.changed_on else self.changed

    def absence_policies(self, judged_by, on):
        return self.policies

    def warned_after(self, judged_by, monday):
        return timedelta(hours=24)

    def group(self, judged_by, on):
        return self.group_rules

    def judged_after(self, judged_by, monday):
        return timedelta(hours=48)


class World:
    """One episode with its bookings and weeks; every step settles what follows, as the application does."""

    def __init__(self, book: Book | None = None):
        self.book = book or Book()
        self.episode = Episode.hear_of(EPISODE, PARTICIPANT, at(MONDAY, "00:00"))
        self.records: dict[UUID, AttendanceRecord] = {}
        self.weeks: dict[date, TreatmentWeek] = {}
        self.notes: dict[UUID, GroupNote] = {}
        self.now = at(MONDAY, "00:00")

    def admitted(self, on: date = MONDAY, judged_by: JudgedBy = PAYER):
        waiting = self.episode.waiting
        self.episode.admit(at(on, "08:00"), Placement(on, NEW_YORK, judged_by, TRACK), self.now)
        open_week(self.episode, week_start(on), self.book, self.now)
        for booking_id in waiting:
            self.settling().await_outcome(self.records[booking_id])
            self.settle(booking_id)
        return self

    def booked(self, of: Seat, booking_id: UUID | None = None):
        booking_id = booking_id or uuid5(NAMES, f"booking {of.session_id}")
        record = AttendanceRecord.book(booking_id, PARTICIPANT, EPISODE, of, self.now)
        self.records[booking_id] = record
        if not self.episode.stay.admitted:
            self.episode.let_wait(booking_id, self.now)
        self.settling().await_outcome(record)
        self.settle(booking_id)
        return booking_id

    def came(self, booking_id: UUID, since: str, until: str | None):
        record = self.records[booking_id]
        day = record.seat.local_date
        record.check_in(at(day, since), at(day, since))
        if until is not None:
            record.check_out(at(day, until), at(day, until))
        self.settle(booking_id)

    def freed(self, booking_id: UUID, reason: str, notice_hours: float | None = None):
        self.records[booking_id].free(reason, notice_hours, self.now)
        self.settle(booking_id)

    def grace_ended(self, booking_id: UUID):
        record = self.records[booking_id]
        if record.grace_ends_at is not None:
            record.end_grace(record.grace_ends_at)
            self.settle(booking_id)

    def corrected(self, booking_id: UUID, **to):
        self.records[booking_id].correct("wrong_entry", LATER, **to)
        self.settle(booking_id, "wrong_entry")

    def suspended(self, suspension_id: UUID, since: datetime):
        self.episode.suspend(suspension_id, since, self.now)
        self.settle_since(since, "suspended")

    def resumed(self, suspension_id: UUID, when: datetime):
        self.episode.resume(suspension_id, when, self.now)
        self.settle_since(self.episode.stay.suspensions[suspension_id].since, "resumed")

    def suspension_cancelled(self, suspension_id: UUID):
        self.episode.cancel_suspension(suspension_id, self.now)
        self.settle_since(self.episode.stay.suspensions[suspension_id].since, "suspension_cancelled")

    def resumption_cancelled(self, suspension_id: UUID):
        self.episode.cancel_resumption(suspension_id, self.now)
        self.settle_since(self.episode.stay.suspensions[suspension_id].since, "resumption_cancelled")

    def discharged(self, when: datetime, on: date, reason: str = "completed"):
        self.episode.discharge(when, on, reason, self.now)
        self.settling().judge_step_down(on)
        self.settle_since(when, "discharged")

    def judged(self, monday: date):
        judge_first(self.week(self.episode, monday), self.episode, self.book, self.now)
        return self.weeks[monday].verdict

    def settle(self, booking_id: UUID, reason: str = "told_late"):
        self.settling().settle(self.records[booking_id], reason)

    def settle_since(self, since: datetime, reason: str):
        day = since.astimezone(ZoneInfo(NEW_YORK)).date()
        self.settling().settle_since(day, self.records.__getitem__, reason)

    def transferred(self, on: date, packs: tuple[str, ...] = ("other",), kind: str = "transfer"):
        self.episode.transfer(kind, Placement(on, NEW_YORK, JudgedBy(packs)), self.now)
        self.settling().judge_step_down(on)
        self.settling().settle_since(on, self.records.__getitem__, "transferred")

    def moved(self, booking_id: UUID, to: Seat):
        record = self.records[booking_id]
        before = record.seat
        record.book_again(to, self.now)
        self.settling().moved(record, before)
        self.settling().await_outcome(record)
        self.settle(booking_id, "session_changed")

    def settling(self) -> Settling:
        return Settling(self.episode, self.week, self.note, self.book, self.now)

    def look_ahead(self, when: datetime, offers: Sequence[Offer] = (), monday: date = MONDAY):
        week = self.week(self.episode, monday)
        look_ahead(week, self.episode, self.book, lambda track_id, of_week: (offers, 0), when)
        return week.warning

    def week(self, episode: Episode, monday: date) -> TreatmentWeek:
        if monday not in self.weeks:
            self.weeks[monday] = TreatmentWeek.begin(episode.participant_id, episode.id, monday, self.now)
        return self.weeks[monday]

    def note(self, session_id: UUID, *, begin: bool) -> GroupNote | None:
        if session_id not in self.notes and begin:
            self.notes[session_id] = GroupNote.begin(session_id, self.now)
        return self.notes.get(session_id)

    def status(self, booking_id: UUID) -> str | None:
        outcome = self.records[booking_id].outcome
        return outcome.status if outcome else None

    def minutes(self, booking_id: UUID) -> int | None:
        outcome = self.records[booking_id].outcome
        return outcome.minutes if outcome else None

    def told(self, aggregate) -> list[str]:
        """The names of the events pending on an aggregate."""
        return [type(event).__name__ for event in aggregate.pending_events]


def strict(rules: AttendanceRules = RULES, **changes) -> AttendanceRules:
    return replace(rules, **changes)
