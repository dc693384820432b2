"""The desk at which every decision is made: it loads, begins and settles."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, overload
from uuid import UUID

from events.log.commands import Unit
from services.attendance.domain.episode import Episode
from services.attendance.domain.errors import NotBooked
from services.attendance.domain.group_note import GroupNote, group_note_id
from services.attendance.domain.looking_ahead import look_ahead
from services.attendance.domain.record import AttendanceRecord
from services.attendance.domain.settling import Settling
from services.attendance.domain.sharing import share_days, weeks_shared
from services.attendance.domain.treatment_week import TreatmentWeek, treatment_week_id
from services.attendance.office import Office

Answered = Mapping[str, Any]


class Desk:
    """What every decision needs: the unit, the office, and the time of the command."""

    def __init__(self, unit: Unit, office: Office) -> None:
        self.unit = unit
        self.office = office
        self.book = office.book
        self.at = unit.context.at
        self._settlings: dict[UUID, Settling] = {}
        self._weeks: dict[UUID, tuple[Episode, TreatmentWeek]] = {}
        """Those that this decision looked at."""

    def booked(self, booking_id: UUID) -> AttendanceRecord:
        """The record of a booking. Raises ``NotBooked``."""
        record = self.unit.find(AttendanceRecord, booking_id)
        if record is None:
            raise NotBooked("there is no such booking: book the session first, so that seats and conflicts are checked")
        return record

    def record(self, booking_id: UUID) -> AttendanceRecord:
        return self.unit.get(AttendanceRecord, booking_id)

    def episode(self, episode_id: UUID, participant_id: UUID) -> Episode:
        known = self.unit.find(Episode, episode_id)
        return known or self.unit.add(Episode.hear_of(episode_id, participant_id, self.at))

    def week(self, episode: Episode, monday: date) -> TreatmentWeek:
        begun = self.find_week(episode, monday)
        week = begun or self.unit.add(TreatmentWeek.begin(episode.participant_id, episode.id, monday, self.at))
        self._weeks[week.id] = episode, week
        return week

    def find_week(self, episode: Episode, monday: date) -> TreatmentWeek | None:
        return self.unit.find(TreatmentWeek, treatment_week_id(episode.id, monday))

    def others_of(self, episode: Episode) -> list[Episode]:
        """The other episodes of the same person."""
        return [self.unit.get(Episode, other) for other in episode.same_person]

    def meet_others(self, episode: Episode) -> None:
        """Looks at all weeks that the episode shares with others of the person, so that each is told of the other."""
        for other in self.others_of(episode):
            for one, another in ((episode, other), (other, episode)):
                for monday in weeks_shared(one, another):
                    self.week(one, monday)

    def share_days(self) -> None:
        """Tells the person's other episodes what the weeks looked at bill; once, when all is settled."""
        for episode, week in list(self._weeks.values()):
            for other in self.others_of(episode):
                share_days(week, episode, other, self.week, self.at)

    @overload
    def note(self, session_id: UUID, *, begin: Literal[True]) -> GroupNote: ...
    @overload
    def note(self, session_id: UUID, *, begin: Literal[False]) -> GroupNote | None: ...
    def note(self, session_id: UUID, *, begin: bool) -> GroupNote | None:
        known = self.unit.find(GroupNote, group_note_id(session_id))
        return known or (self.unit.add(GroupNote.begin(session_id, self.at)) if begin else None)

    def settling(self, episode: Episode) -> Settling:
        return self._settlings.setdefault(episode.id, Settling(episode, self.week, self.note, self.book, self.at))

    def look_ahead(self) -> None:
        """Looks ahead in every week under way in which something changed; once, when all is settled."""
        for settling in self._settlings.values():
            for monday in sorted(settling.touched):
                if settling.episode.is_looked_ahead(monday, self.at):
                    self.look(settling.episode, monday)

    def look(self, episode: Episode, monday: date) -> None:
        look_ahead(self.week(episode, monday), episode, self.book, self.office.offers, self.at)

    def settle(self, record: AttendanceRecord, reason: str) -> Answered:
        """What follows for one booking, and the answer about it."""
        episode = self.episode(record.episode_id, record.participant_id)
        self.settling(episode).settle(record, reason)
        outcome = record.outcome
        return {
            "booking_id": record.id,
            "checked_in": record.is_in,
            "status": None if outcome is None else outcome.status,
            "minutes": None if outcome is None else outcome.minutes,
        }

    def settle_since(self, episode: Episode, since: date, reason: str) -> Answered:
        """What follows for an episode whose suspensions or end changed."""
        self.settling(episode).settle_since(since, self.record, reason)
        return {"episode_id": episode.id}
