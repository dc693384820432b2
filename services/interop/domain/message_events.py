"""What happens to a hospital's message, and what it says, as it is stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.interop.domain.statements import Identifier, Problem


class Created(Aggregate.Created):
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
