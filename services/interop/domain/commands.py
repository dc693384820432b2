"""What the gateway can be told to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.interop.domain.statements import Identifier


@dataclass(frozen=True)
class Arrival:
    """One message as it came, read as far as it can be read and its bytes sealed. ``id`` is the one that a first
    message of its sender and control id has; ``candidate_id`` is random, for the participant if it makes one known."""

    id: UUID
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
    supported: bool
    troubles: tuple[Mapping[str, Any], ...]
    ack_code: str
    ack: str | None
    lookups: tuple[str, ...]
    candidate_id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class ReceiveMessages:
    """Keeps messages that arrived at about the same time, in one transaction. ``sha256``: of the bytes of each."""

    sha256: tuple[str, ...]


@dataclass(frozen=True)
class ApplyMessage:
    """Applies an accepted message, or lets it wait. ``arrival``: log position of its receipt."""

    message_id: UUID
    arrival: int
    lookups: tuple[str, ...]


@dataclass(frozen=True)
class ForgetMessage:
    """Ends the retention of a message that concerns nobody known."""

    message_id: UUID


@dataclass(frozen=True)
class ReplayMessage:
    """Takes up a parked message under the mapping as it is now."""

    message_id: UUID


@dataclass(frozen=True)
class DiscardMessage:
    """Gives up a parked message. ``reason``: one of ``DISCARD_REASONS``; ``note``: in words, which are sealed."""

    message_id: UUID
    reason: str
    note: str | None = None


@dataclass(frozen=True)
class ReadRaw:
    """Shows somebody the bytes of a message. ``reason``: one of ``READ_REASONS``."""

    message_id: UUID
    reason: str


@dataclass(frozen=True)
class Refer:
    """A FHIR bundle as a referral; the options are what the bundle need not say."""

    bundle: Mapping[str, Any]
    hospital: str | None = None
    reason: str | None = None
    urgency: str | None = None
    from_level_of_care: str | None = None


@dataclass(frozen=True)
class IdentifyParticipant:
    """Enrollment knows a participant under these numbers."""

    participant_id: UUID
    person: str | None
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True)
class FollowMerge:
    """Enrollment made one participant an alias of another. ``revision``: counts what it said about the retired one."""

    surviving_id: UUID
    retired_id: UUID
    revision: int = 1


@dataclass(frozen=True)
class FollowUnmerge:
    """Enrollment says that they are two people after all."""

    surviving_id: UUID
    retired_id: UUID
    revision: int


@dataclass(frozen=True)
class TellHospitals:
    """Something about a participant that hospitals may want to be told. ``about`` identifies the cause among all."""

    participant_id: UUID
    message_type: str
    about: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class CorrectNoShow:
    """An attendance was corrected: a no-show told is taken back, one that was not told is told."""

    participant_id: UUID
    booking_id: UUID
    status: str
    about: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class HospitalAnswer:
    """What a hospital answered to an outbound message, or that it did not: then ``reason`` says why it is given up."""

    notice_id: UUID
    code: str | None
    reason: str | None


@dataclass(frozen=True)
class RecordAnswers:
    """Answers to messages that were sent one after the other, kept together: one durable write serves them all."""

    answers: tuple[HospitalAnswer, ...]


@dataclass(frozen=True)
class ReplayNotice:
    notice_id: UUID


@dataclass(frozen=True)
class DiscardNotice:
    """Gives up a parked outbound message, with a reason as ``DiscardMessage`` has."""

    notice_id: UUID
    reason: str
    note: str | None = None
