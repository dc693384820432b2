"""The treatment week of one episode: what every booking added to it, and how it was judged."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.attendance.domain.outcome import Outcome
from services.attendance.domain.seat import Seat
from services.attendance.domain.visits import modality_attended
from services.attendance.domain.week import Attended, Verdict

_WEEKS = UUID("5d2c2a35-3d4b-5a0e-9a0b-0c1f6f1f7b11")


def treatment_week_id(episode_id: UUID, monday: date) -> UUID:
    """The same week has the same id, whoever asks."""
    return uuid5(_WEEKS, f"{episode_id}/{monday.isoformat()}")


class TreatmentWeek(Aggregate):
    """Monday to Sunday of one episode."""

    TOPIC = "attendance.treatment_week"

    class Event(Aggregate.Event):
        TOPIC = "attendance.treatment_week.event"
        participant_id: UUID
        episode_id: UUID
        week_start: date

    class Created(Aggregate.Created):
        TOPIC = "attendance.treatment_week.week_begun"
        participant_id: UUID
        episode_id: UUID
        week_start: date

    class OutcomeCounted(Event):
        """What a booking adds to the week; the last one counts."""

        TOPIC = "attendance.treatment_week.outcome_counted"
        booking_id: UUID
        attended: Attended

    class WeekJudged(Event):
        TOPIC = "attendance.treatment_week.week_judged"
        revision: int
        verdict: Verdict

    @event(Created)
    def __init__(self, participant_id: UUID, episode_id: UUID, week_start: date) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.week_start = week_start
        self.attended: dict[UUID, Attended] = {}
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

    def count(self, booking_id: UUID, seat: Seat, outcome: Outcome, at: datetime) -> None:
        """Counts a booking's outcome, in place of what it counted before."""
        attended = Attended(
            seat.component,
            modality_attended(seat.modality, outcome.minutes, outcome.telehealth_minutes),
            seat.local_date,
            outcome.status,
            outcome.minutes,
            outcome.telehealth_minutes,
        )
        self._happen(self.OutcomeCounted, at, booking_id=booking_id, attended=attended)

    def judge(self, verdict: Verdict, at: datetime) -> None:
        """Judges the week, for the first time or again; nothing happens where the verdict stays the same."""
        if verdict == self.verdict:
            return
        self._happen(self.WeekJudged, at, revision=self.revision + 1, verdict=verdict)

    def _happen(self, event_class: type[Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(
            event_class,
            timestamp=at,
            participant_id=self.participant_id,
            episode_id=self.episode_id,
            week_start=self.week_start,
            **fields,
        )

    @event(OutcomeCounted)
    def _outcome_counted(self, booking_id: UUID, attended: Attended) -> None:
        self.attended[booking_id] = attended

    @event(WeekJudged)
    def _week_judged(self, revision: int, verdict: Verdict) -> None:
        self.revision = revision
        self.verdict = verdict
