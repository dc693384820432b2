"""One message from a hospital: received once, then applied, waiting, held up, parked, or kept as unsupported.

What it set off is in the same stream, so a message and its consequences are read together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, AggregateCreated, event

from services.interop.domain.errors import MessageNotParked
from services.interop.domain.facts import Medication, Observation, Stay
from services.interop.domain.statements import Identifier, Problem, Told

State = str
ACCEPTED, WAITING, HELD_UP, APPLIED = "accepted", "waiting", "held_up", "applied"
UNSUPPORTED, PARKED, DISCARDED, FORGOTTEN = "unsupported", "parked", "discarded", "forgotten"


class Message(Aggregate):
    """A hospital message. ``raw`` is sealed before it comes here, under a key of its own."""

    TOPIC = "interop.message"

    class Created(AggregateCreated):
        """The fact of receipt, the bytes, and what was answered; ``outcome`` is accepted or parked."""

        TOPIC = "interop.message.received"
        KEY = "patient"
        patient: str
        hospital: str
        sender: str
        control_id: str
        message_type: str
        form: str
        transport: str
        sha256: str
        size: int
        raw: str
        outcome: str
        ack_code: str
        ack: str | None
        troubles: tuple[Mapping[str, Any], ...]
        lookups: tuple[str, ...]
        candidate_id: UUID
        expires_at: datetime

    class ReceivedAgain(Aggregate.Event):
        """The same bytes once more; the stored acknowledgment was sent again."""

        TOPIC = "interop.message.received_again"
        hospital: str

    class Held(Aggregate.Event):
        """Nobody is known under any of its numbers yet."""

        TOPIC = "interop.message.held"
        hospital: str
        lookups: tuple[str, ...]
        expires_at: datetime

    class HeldUp(Aggregate.Event):
        """An earlier message about the same patient was accepted and is parked: this one stands in line behind it."""

        TOPIC = "interop.message.held_up"
        hospital: str
        expires_at: datetime

    class Released(Aggregate.Event):
        """Nothing about the patient stands before it any more: it is taken up."""

        TOPIC = "interop.message.released"
        hospital: str
        lookups: tuple[str, ...]

    class Applied(Aggregate.Event):
        """What it says was taken over for these participants."""

        TOPIC = "interop.message.applied"
        hospital: str
        participants: tuple[UUID, ...]

    class FoundUnsupported(Aggregate.Event):
        """A good message of a type that nothing acts on; kept."""

        TOPIC = "interop.message.found_unsupported"
        hospital: str
        expires_at: datetime

    class Parked(Aggregate.Event):
        """It was accepted and yet cannot be applied; somebody has to look."""

        TOPIC = "interop.message.parked"
        hospital: str
        troubles: tuple[Mapping[str, Any], ...]
        expires_at: datetime

    class Replayed(Aggregate.Event):
        """A parked message is taken up again, under the mapping as it is now."""

        TOPIC = "interop.message.replayed"
        hospital: str
        message_type: str
        lookups: tuple[str, ...]

    class Discarded(Aggregate.Event):
        """Somebody decided that a parked message is of no use. ``reason``: a code, free text in events of old.
        ``note``: sealed under the message's key."""

        TOPIC = "interop.message.discarded"
        hospital: str
        reason: str
        note: str | None = None

    class Forgotten(Aggregate.Event):
        """Its retention is over and it concerns nobody known: its key is destroyed."""

        TOPIC = "interop.message.forgotten"
        hospital: str
        was: str

    class RawRead(Aggregate.Event):
        """Somebody was shown the bytes. ``reason``: a code, free text in events of old."""

        TOPIC = "interop.message.raw_read"
        reader: str
        reason: str

    class ReferralRead(Aggregate.Event):
        TOPIC = "interop.message.referral_read"
        participant_id: UUID
        stated_at: datetime | None
        referral_id: UUID
        identifiers: tuple[Identifier, ...]
        person: str
        problems: tuple[Problem, ...]
        reason: str | None
        urgency: str
        from_level_of_care: str | None
        source: str

    class PersonRead(Aggregate.Event):
        TOPIC = "interop.message.person_read"
        participant_id: UUID
        stated_at: datetime | None
        identifiers: tuple[Identifier, ...]
        person: str | None

    class StayStarted(Aggregate.Event):
        TOPIC = "interop.message.stay_started"
        participant_id: UUID
        stated_at: datetime | None
        hospitalization_id: UUID
        started_at: datetime

    class StayEnded(Aggregate.Event):
        TOPIC = "interop.message.stay_ended"
        participant_id: UUID
        stated_at: datetime | None
        hospitalization_id: UUID
        ended_at: datetime

    class StayStartCancelled(Aggregate.Event):
        TOPIC = "interop.message.stay_start_cancelled"
        participant_id: UUID
        stated_at: datetime | None
        hospitalization_id: UUID

    class StayEndCancelled(Aggregate.Event):
        TOPIC = "interop.message.stay_end_cancelled"
        participant_id: UUID
        stated_at: datetime | None
        hospitalization_id: UUID

    class MedicationRead(Aggregate.Event):
        TOPIC = "interop.message.medication_read"
        participant_id: UUID
        stated_at: datetime | None
        order_id: str
        source: str
        status: str
        code: str | None
        system: str | None
        name: str
        dose: str | None
        frequency: str | None
        route: str | None
        reported_at: datetime

    class ObservationRead(Aggregate.Event):
        TOPIC = "interop.message.observation_read"
        participant_id: UUID
        stated_at: datetime | None
        observation_id: UUID
        code: str
        system: str
        value: str | None
        unit: str | None
        abnormal: str | None
        observed_at: datetime
        value_system: str | None = None

    class IdentitiesMerged(Aggregate.Event):
        TOPIC = "interop.message.identities_merged"
        KEY = "surviving_id"
        surviving_id: UUID
        retired_id: UUID

    @classmethod
    def receive(cls, message_id: UUID, at: datetime, **received: Any) -> "Message":
        """A message that was not known; see ``Created`` for what is kept of it."""
        return cls._create(cls.Created, id=message_id, timestamp=at, **received)

    @event(Created)
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

    @event(Held)
    def _held(self, lookups: tuple[str, ...]) -> None:
        self.state = WAITING
        self.lookups = lookups

    def hold_up(self, at: datetime) -> None:
        """Stands in line behind an earlier message about the same patient."""
        if self.state != HELD_UP:
            self.trigger_event(self.HeldUp, timestamp=at, hospital=self.hospital, expires_at=self.expires_at)

    @event(HeldUp)
    def _held_up(self) -> None:
        self.state = HELD_UP

    def release(self, at: datetime) -> None:
        """It has nobody ahead any more. A parked one still needs a person."""
        if self.state == HELD_UP:
            self.trigger_event(self.Released, timestamp=at, hospital=self.hospital, lookups=self.lookups)

    @event(Released)
    def _released(self) -> None:
        self.state = ACCEPTED

    def applied(self, participants: Sequence[UUID], at: datetime) -> None:
        self.trigger_event(self.Applied, timestamp=at, hospital=self.hospital, participants=tuple(participants))

    @event(Applied)
    def _applied(self) -> None:
        self.state = APPLIED

    def not_supported(self, at: datetime) -> None:
        self.trigger_event(self.FoundUnsupported, timestamp=at, hospital=self.hospital, expires_at=self.expires_at)

    @event(FoundUnsupported)
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

    @event(Parked)
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

    @event(Replayed)
    def _replayed(self, hospital: str, message_type: str, lookups: tuple[str, ...]) -> None:
        self.state = ACCEPTED
        self.hospital, self.message_type, self.lookups = hospital, message_type, lookups

    def discard(self, reason: str, note: str | None, at: datetime) -> None:
        """``note``: sealed. Raises ``MessageNotParked``."""
        self._has_to_be_parked()
        self.trigger_event(self.Discarded, timestamp=at, hospital=self.hospital, reason=reason, note=note)

    @event(Discarded)
    def _discarded(self) -> None:
        self.state = DISCARDED

    def forget(self, at: datetime) -> bool:
        """Ends its retention, unless it was applied meanwhile; whether it was ended."""
        if self.state in (APPLIED, FORGOTTEN):
            return self.state == FORGOTTEN
        self.trigger_event(self.Forgotten, timestamp=at, hospital=self.hospital, was=self.state)
        return True

    @event(Forgotten)
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
