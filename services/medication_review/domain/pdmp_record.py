"""The checks of the prescription drug monitoring program in one episode, and by when the next has to be made."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.medication_review.domain.episode_facts import EpisodeFacts
from services.medication_review.domain.errors import NotHappenedYet
from services.medication_review.domain.pdmp import INCONSISTENT, Controlled, PdmpCheck, PdmpStanding, next_check
from services.medication_review.domain.rules import RuleBook

_RECORDS = UUID("2d1f4c9a-7a0b-5d0e-8f7e-9a3a0d6f5b11")


def pdmp_record_id(episode_id: UUID) -> UUID:
    return uuid5(_RECORDS, str(episode_id))


class PdmpRecord(Aggregate):
    """Of one episode. After each fact ``weigh`` makes the due time what the facts ask for."""

    TOPIC = "medication_review.pdmp_record"

    class Event(Aggregate.Event):
        TOPIC = "medication_review.pdmp_record.event"
        participant_id: UUID
        episode_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "medication_review.pdmp_record.record_opened"
        participant_id: UUID
        episode_id: UUID

    class Checked(Event):
        """``valid_until``: None where the program did not answer."""

        TOPIC = "medication_review.pdmp_record.checked"
        check_id: UUID
        checked_at: datetime
        result: str
        valid_until: datetime | None

    class CheckDue(Event):
        """``due_at`` None: no check is asked for any more."""

        TOPIC = "medication_review.pdmp_record.check_due"
        due_at: datetime | None

    class CheckMissed(Event):
        """The time came, and nobody had checked."""

        TOPIC = "medication_review.pdmp_record.check_missed"
        due_at: datetime

    @event(Created)
    def __init__(self, participant_id: UUID, episode_id: UUID) -> None:
        self.participant_id = participant_id
        self.episode_id = episode_id
        self.checks: dict[UUID, PdmpCheck] = {}
        self.due_at: datetime | None = None
        self.missed: datetime | None = None

    @classmethod
    def open(cls, episode_id: UUID, participant_id: UUID, at: datetime) -> "PdmpRecord":
        own = {"participant_id": participant_id, "episode_id": episode_id}
        return cls._create(cls.Created, id=pdmp_record_id(episode_id), timestamp=at, **own)

    @property
    def standing(self) -> PdmpStanding:
        """What asks for a prescriber's review."""
        missed = self.missed if self.missed == self.due_at else None
        found = [(str(of), one.checked_at) for of, one in self.checks.items() if one.result == INCONSISTENT]
        return PdmpStanding(missed, tuple(sorted(found)))

    def check(self, check_id: UUID, made: PdmpCheck, valid_until: datetime | None, at: datetime) -> None:
        """Raises ``NotHappenedYet``."""
        if made.checked_at > at:
            raise NotHappenedYet("a check is recorded when it was made; send a time that is past")
        told = {"checked_at": made.checked_at, "result": made.result, "valid_until": valid_until}
        self._happen(self.Checked, at, check_id=check_id, **told)

    def weigh(self, facts: EpisodeFacts, controlled: Iterable[Controlled], book: RuleBook, at: datetime) -> None:
        """Sets when the next check is due, and notes whether that time has passed."""
        due_at = next_check(facts, controlled, self.checks.values(), book)
        if due_at != self.due_at:
            self._happen(self.CheckDue, at, due_at=due_at)
        if due_at is not None and due_at <= at and due_at != self.missed:
            self._happen(self.CheckMissed, at, due_at=due_at)

    def _happen(self, event_class: type[Event], at: datetime, **fields: Any) -> None:
        own = {"participant_id": self.participant_id, "episode_id": self.episode_id}
        self.trigger_event(event_class, timestamp=at, **own, **fields)

    @event(Checked)
    def _checked(self, check_id: UUID, checked_at: datetime, result: str) -> None:
        self.checks[check_id] = PdmpCheck(checked_at, result)

    @event(CheckDue)
    def _check_due(self, due_at: datetime | None) -> None:
        self.due_at = due_at

    @event(CheckMissed)
    def _check_missed(self, due_at: datetime) -> None:
        self.missed = due_at
