"""The treatment week of one episode: what every booking added to it, and how it was judged."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.attendance.domain import treatment_week_events as events
from services.attendance.domain.attended import Attended, Expected
from services.attendance.domain.billable_day import DayVerdict
from services.attendance.domain.early_warning import Shortfall, Within
from services.attendance.domain.outcome import Outcome
from services.attendance.domain.seat import Seat
from services.attendance.domain.week import Verdict

_WEEKS = UUID("5d2c2a35-3d4b-5a0e-9a0b-0c1f6f1f7b11")


def treatment_week_id(episode_id: UUID, monday: date) -> UUID:
    """The same week has the same id, whoever asks."""
    return uuid5(_WEEKS, f"{episode_id}/{monday.isoformat()}")


class TreatmentWeek(Aggregate):
    """Monday to Sunday of one episode."""

    TOPIC = "attendance.treatment_week"

    Created = events.Created
    BookingExpected = events.BookingExpected
    BookingMovedAway = events.BookingMovedAway
    OutcomeCounted = events.OutcomeCounted
    BillableDayDetermined = events.BillableDayDetermined
    DaysBilledElsewhere = events.DaysBilledElsewhere
    OtherEpisodeParted = events.OtherEpisodeParted
    EarlyWarningRaised = events.EarlyWarningRaised
    EarlyWarningCleared = events.EarlyWarningCleared
    WeekJudged = events.WeekJudged

    @event(events.Created)
    def __init__(self, participant_id: UUID, episode_id: UUID, week_start: date) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.week_start = week_start
        self.expected: dict[UUID, Expected] = {}
        """Bookings without an outcome."""
        self.attended: dict[UUID, Attended] = {}
        self.days: dict[date, DayVerdict] = {}
        self.day_revisions: dict[date, int] = {}
        self.elsewhere: dict[UUID, tuple[frozenset[date], bool]] = {}
        """The person's other episode → the days that it bills, and whether they stand beside this one's."""
        self.warning: tuple[Shortfall, tuple[UUID, ...], Within] | None = None
        """What was told last; None where no warning stands."""
        self.revision = 0
        self.verdict: Verdict | None = None

    @classmethod
    def begin(cls, participant_id: UUID, episode_id: UUID, monday: date, at: datetime) -> "TreatmentWeek":
        """The week begins with whatever is known of it first."""
        return cls._create(
            cls.Created,
            id=treatment_week_id(episode_id, monday),
            timestamp=at,
            participant_id=participant_id,
            episode_id=episode_id,
            week_start=monday,
        )

    def expect(self, booking_id: UUID, seat: Seat, at: datetime) -> None:
        """A booking has no outcome yet, or none any more; nothing happens where that is known."""
        expected = Expected(seat.component, seat.modality, seat.local_date, seat.starts_at, seat.ends_at)
        if self.expected.get(booking_id) != expected:
            self._happen(self.BookingExpected, at, booking_id=booking_id, expected=expected)

    def move_away(self, booking_id: UUID, at: datetime) -> None:
        """The booking is another day's or week's; nothing happens where it is none of this week's."""
        if booking_id in self.expected or booking_id in self.attended:
            self._happen(self.BookingMovedAway, at, booking_id=booking_id)

    def count(self, booking_id: UUID, seat: Seat, outcome: Outcome, at: datetime) -> None:
        """Counts a booking's outcome, in place of what it counted before; nothing happens twice."""
        attended = Attended.of(seat, outcome)
        if self.attended.get(booking_id) != attended or booking_id in self.expected:
            self._happen(self.OutcomeCounted, at, booking_id=booking_id, attended=attended)

    def settled(self, day: date) -> bool:
        """Whether every booking of the local day has its outcome (the rule ``settled_day``)."""
        return all(expected.local_date != day for expected in self.expected.values())

    def attended_on(self, day: date) -> list[Attended]:
        """What the bookings of a local day came to."""
        return [one for one in self.attended.values() if one.local_date == day]

    @property
    def billed_alone(self) -> frozenset[date]:
        """The days that would be billed if the person had no other episode."""
        return frozenset(day for day, verdict in self.days.items() if verdict.alone.billable)

    def note_elsewhere(self, other_episode_id: UUID, days: frozenset[date], goes_first: bool, at: datetime) -> None:
        """Another episode of the person bills these days of the week, and its days may stand before this one's (the
        rule ``one_per_diem_a_day``); nothing happens where that was told."""
        before = self.elsewhere.get(other_episode_id)
        if before != (days, goes_first):
            told = {"days": tuple(sorted(days)), "goes_first": goes_first}
            self._happen(self.DaysBilledElsewhere, at, other_episode_id=other_episode_id, **told)
            self._determine_again(days | (before[0] if before else frozenset()), at)

    def forget_elsewhere(self, other_episode_id: UUID, at: datetime) -> None:
        """The other episode is somebody else's; nothing happens where it was not known."""
        known = self.elsewhere.get(other_episode_id)
        if known is not None:
            self._happen(self.OtherEpisodeParted, at, other_episode_id=other_episode_id)
            self._determine_again(known[0], at)

    def _determine_again(self, days: frozenset[date], at: datetime) -> None:
        for day in sorted(days & self.days.keys()):
            self.determine_day(day, self.days[day].alone, at)

    def determine_day(self, day: date, alone: DayVerdict, at: datetime) -> None:
        """What the day amounts to, beside what other episodes of the person bill; nothing happens where the verdict
        stays the same, or where there was none and nothing counts."""
        verdict = alone.beside_another() if self._is_taken(day) else alone
        before = self.days.get(day)
        if verdict == before or (before is None and verdict.minutes == 0):
            return
        revision = self.day_revisions.get(day, 0) + 1
        self._happen(self.BillableDayDetermined, at, day=day, revision=revision, verdict=verdict)

    def _is_taken(self, day: date) -> bool:
        return any(goes_first and day in days for days, goes_first in self.elsewhere.values())

    def warn(
        self,
        shortfall: Shortfall,
        make_ups: tuple[UUID, ...],
        within: Within,
        looked_again_at: tuple[datetime, ...],
        known_at: int,
        at: datetime,
    ) -> None:
        """The minimum is out of reach; nothing happens where that was told so."""
        if (shortfall, make_ups, within) != self.warning:
            self._happen(
                self.EarlyWarningRaised,
                at,
                shortfall=shortfall,
                make_ups=make_ups,
                within=within,
                looked_again_at=looked_again_at,
                known_at=known_at,
            )

    def clear_warning(self, at: datetime) -> None:
        """The minimum is in reach again, or the week is over; nothing happens where no warning stands."""
        if self.warning is not None:
            self._happen(self.EarlyWarningCleared, at)

    def judge(self, verdict: Verdict, at: datetime) -> None:
        """Judges the week, for the first time or again; nothing happens where the verdict stays the same."""
        if verdict == self.verdict:
            return
        self._happen(self.WeekJudged, at, revision=self.revision + 1, verdict=verdict)

    def _happen(self, event_class: type[events.Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(
            event_class,
            timestamp=at,
            participant_id=self.participant_id,
            episode_id=self.episode_id,
            week_start=self.week_start,
            **fields,
        )

    @event(events.BookingExpected)
    def _booking_expected(self, booking_id: UUID, expected: Expected) -> None:
        self.expected[booking_id] = expected

    @event(events.BookingMovedAway)
    def _booking_moved_away(self, booking_id: UUID) -> None:
        self.expected.pop(booking_id, None)
        self.attended.pop(booking_id, None)

    @event(events.BillableDayDetermined)
    def _billable_day_determined(self, day: date, revision: int, verdict: DayVerdict) -> None:
        self.days[day] = verdict
        self.day_revisions[day] = revision

    @event(events.DaysBilledElsewhere)
    def _days_billed_elsewhere(self, other_episode_id: UUID, days: tuple[date, ...], goes_first: bool) -> None:
        self.elsewhere[other_episode_id] = frozenset(days), goes_first

    @event(events.OtherEpisodeParted)
    def _other_episode_parted(self, other_episode_id: UUID) -> None:
        del self.elsewhere[other_episode_id]

    @event(events.OutcomeCounted)
    def _outcome_counted(self, booking_id: UUID, attended: Attended) -> None:
        self.expected.pop(booking_id, None)
        self.attended[booking_id] = attended

    @event(events.EarlyWarningRaised)
    def _early_warning_raised(self, shortfall: Shortfall, make_ups: tuple[UUID, ...], within: Within) -> None:
        self.warning = (shortfall, make_ups, within)

    @event(events.EarlyWarningCleared)
    def _early_warning_cleared(self) -> None:
        self.warning = None

    @event(events.WeekJudged)
    def _week_judged(self, revision: int, verdict: Verdict) -> None:
        self.revision = revision
        self.verdict = verdict
