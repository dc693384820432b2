"""One message from a hospital: received once, then applied, waiting, held up, parked, or kept as unsupported.

What it set off is in the same stream, so a message and its consequences are read together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.interop.domain import message_events as events
from services.interop.domain.errors import MessageNotParked
from services.interop.domain.facts import Medication, Observation, Stay
from services.interop.domain.statements import Identifier, Told

State = str
ACCEPTED, WAITING, HELD_UP, APPLIED = "accepted", "waiting", "held_up", "applied"
UNSUPPORTED, PARKED, DISCARDED, FORGOTTEN = "unsupported", "parked", "discarded", "forgotten"


class Message(Aggregate):
    """A hospital message. ``raw`` is sealed before it comes here, under a key of its own."""

    TOPIC = "interop.message"

    Created = events.Created
    ReceivedAgain = events.ReceivedAgain
    Held = events.Held
    HeldUp = events.HeldUp
    Released = events.Released
    Applied = events.Applied
    FoundUnsupported = events.FoundUnsupported
    Parked = events.Parked
    Replayed = events.Replayed
    Discarded = events.Discarded
    Forgotten = events.Forgotten
    RawRead = events.RawRead
    ReferralRead = events.ReferralRead
    PersonRead = events.PersonRead
    StayStarted = events.StayStarted
    StayEnded = events.StayEnded
    StayStartCancelled = events.StayStartCancelled
    StayEndCancelled = events.StayEndCancelled
    MedicationRead = events.MedicationRead
    ObservationRead = events.ObservationRead
    IdentitiesMerged = events.IdentitiesMerged

    @classmethod
    def receive(cls, message_id: UUID, at: datetime, **received: Any) -> "Message":
        """A message that was not known; see ``Created`` for what is kept of it."""
        return cls._create(cls.Created, id=message_id, timestamp=at, **received)

    @event(events.Created)
    def __init__(
        self,
        *,
        hospital: str,
        message_type: str,
        form: str,
        sha256: str,
        raw: str,
        outcome: str,
        ack: str | None,
        ack_code: str,
        lookups: tuple[str, ...],
        candidate_id: UUID,
        expires_at: datetime,
    ) -> None:
        self.hospital = hospital
        self.message_type = message_type
        self.form = form
        self.sha256 = sha256
        self.raw = raw
        self.state: State = outcome
        self.ack = ack
        self.ack_code = ack_code
        self.lookups = lookups
        self.candidate_id = candidate_id
        self.expires_at = expires_at
        self.retention = expires_at - self.created_on

    @property
    def open(self) -> bool:
        """Whether it still has to be applied."""
        return self.state in (ACCEPTED, WAITING)

    def receive_again(self, at: datetime) -> None:
        self.trigger_event(self.ReceivedAgain, timestamp=at, hospital=self.hospital)

    def hold(self, lookups: Sequence[str], at: datetime) -> None:
        """Waits until somebody is known under one of its numbers."""
        self.trigger_event(
            self.Held, timestamp=at, hospital=self.hospital, lookups=tuple(lookups), expires_at=self.expires_at
        )

    @event(events.Held)
    def _held(self, lookups: tuple[str, ...]) -> None:
        self.state = WAITING
        self.lookups = lookups

    def hold_up(self, at: datetime) -> None:
        """Stands in line behind an earlier message about the same patient."""
        if self.state != HELD_UP:
            self.trigger_event(self.HeldUp, timestamp=at, hospital=self.hospital, expires_at=self.expires_at)

    @event(events.HeldUp)
    def _held_up(self) -> None:
        self.state = HELD_UP

    def release(self, at: datetime) -> None:
        """It has nobody ahead any more. A parked one still needs a person."""
        if self.state == HELD_UP:
            self.trigger_event(self.Released, timestamp=at, hospital=self.hospital, lookups=self.lookups)

    @event(events.Released)
    def _released(self) -> None:
        self.state = ACCEPTED

    def applied(self, participants: Sequence[UUID], at: datetime) -> None:
        self.trigger_event(self.Applied, timestamp=at, hospital=self.hospital, participants=tuple(participants))

    @event(events.Applied)
    def _applied(self) -> None:
        self.state = APPLIED

    def not_supported(self, at: datetime) -> None:
        self.trigger_event(self.FoundUnsupported, timestamp=at, hospital=self.hospital, expires_at=self.expires_at)

    @event(events.FoundUnsupported)
    def _found_unsupported(self) -> None:
        self.state = UNSUPPORTED

    def park(self, troubles: Sequence[Mapping[str, Any]], at: datetime) -> None:
        """Its retention begins anew, so that a person has time to decide."""
        self.trigger_event(
            self.Parked,
            timestamp=at,
            hospital=self.hospital,
            troubles=tuple(troubles),
            expires_at=at + self.retention,
        )

    @event(events.Parked)
    def _parked(self, expires_at: datetime) -> None:
        self.state = PARKED
        self.expires_at = expires_at

    def replay(self, hospital: str, message_type: str, lookups: Sequence[str], at: datetime) -> None:
        """Takes a parked message up again, under the numbers that it has now and those that it was received with.
        Raises ``MessageNotParked``."""
        self._has_to_be_parked()
        all_lookups = tuple(dict.fromkeys((*self.lookups, *lookups)))
        self.trigger_event(
            self.Replayed, timestamp=at, hospital=hospital, message_type=message_type, lookups=all_lookups
        )

    @event(events.Replayed)
    def _replayed(self, hospital: str, message_type: str, lookups: tuple[str, ...]) -> None:
        self.state = ACCEPTED
        self.hospital, self.message_type, self.lookups = hospital, message_type, lookups

    def discard(self, reason: str, note: str | None, at: datetime) -> None:
        """``note``: sealed. Raises ``MessageNotParked``."""
        self._has_to_be_parked()
        self.trigger_event(self.Discarded, timestamp=at, hospital=self.hospital, reason=reason, note=note)

    @event(events.Discarded)
    def _discarded(self) -> None:
        self.state = DISCARDED

    def forget(self, at: datetime) -> bool:
        """Ends its retention, unless it was applied meanwhile; whether it was ended."""
        if self.state in (APPLIED, FORGOTTEN):
            return self.state == FORGOTTEN
        self.trigger_event(self.Forgotten, timestamp=at, hospital=self.hospital, was=self.state)
        return True

    @event(events.Forgotten)
    def _forgotten(self) -> None:
        self.state = FORGOTTEN

    def show(self, reader: str, reason: str, at: datetime) -> None:
        self.trigger_event(self.RawRead, timestamp=at, reader=reader, reason=reason)

    def refers(self, told: Told, **referral: Any) -> None:
        self.trigger_event(self.ReferralRead, **told.fields, **referral)

    def describes(self, told: Told, identifiers: Sequence[Identifier], person: str | None) -> None:
        """``person`` is none where only the numbers are new."""
        self.trigger_event(self.PersonRead, **told.fields, identifiers=tuple(identifiers), person=person)

    def changes_stay(self, told: Told, hospitalization_id: UUID, stay: Stay) -> None:
        """The four changes arrive in any order; each is told as it is, under the same stay's id."""
        fields = {**told.fields, "hospitalization_id": hospitalization_id}
        if stay.change == "started":
            self.trigger_event(self.StayStarted, **fields, started_at=stay.at)
        elif stay.change == "ended":
            self.trigger_event(self.StayEnded, **fields, ended_at=stay.at)
        elif stay.change == "start_cancelled":
            self.trigger_event(self.StayStartCancelled, **fields)
        else:
            self.trigger_event(self.StayEndCancelled, **fields)

    def states_medication(self, told: Told, source: str, medication: Medication) -> None:
        self.trigger_event(self.MedicationRead, **told.fields, source=source, **asdict(medication))

    def states_result(self, told: Told, observation_id: UUID, result: Observation) -> None:
        values = asdict(result)
        del values["number"]
        self.trigger_event(self.ObservationRead, **told.fields, observation_id=observation_id, **values)

    def merges(self, surviving_id: UUID, retired_id: UUID, at: datetime) -> None:
        self.trigger_event(self.IdentitiesMerged, timestamp=at, surviving_id=surviving_id, retired_id=retired_id)

    def _has_to_be_parked(self) -> None:
        if self.state != PARKED:
            raise MessageNotParked(f"the message is {self.state}; only a parked one can be replayed or discarded")
