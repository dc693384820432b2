"""Who is in the program: registered, referred, told of by hospitals, merged, erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.enrollment.domain.participant import Identifier
from services.enrollment.domain.referral import Problem


@dataclass(frozen=True)
class HospitalNumber:
    """An identifier as a person types it."""

    authority: str
    number: str


@dataclass(frozen=True)
class RegisterParticipant:
    """``person``: family, given, birth_date (ISO), sex, phone, email, address; what is known of these."""

    person: Mapping[str, Any]
    identifiers: tuple[HospitalNumber, ...] = ()
    participant_id: UUID | None = None


@dataclass(frozen=True)
class UpdatePerson:
    participant_id: UUID
    person: Mapping[str, Any]
    identifiers: tuple[HospitalNumber, ...] = ()


@dataclass(frozen=True)
class ReferParticipant:
    participant_id: UUID
    source: str
    urgency: str
    reason: str | None = None
    from_level_of_care: str | None = None
    problems: tuple[Problem, ...] = ()
    referral_id: UUID | None = None


@dataclass(frozen=True)
class ReceiveReferral:
    """A hospital refers a person: ``person``, ``reason`` and the identifiers' numbers are sealed under
    ``participant_id``."""

    participant_id: UUID
    referral_id: UUID
    identifiers: tuple[Identifier, ...]
    person: str | None
    source: str
    urgency: str
    reason: str | None
    from_level_of_care: str | None
    problems: tuple[Problem, ...]
    referred_at: datetime


@dataclass(frozen=True)
class ReceivePerson:
    """A hospital states a person's details anew."""

    participant_id: UUID
    identifiers: tuple[Identifier, ...]
    person: str | None


@dataclass(frozen=True)
class MergeParticipants:
    """Somebody has found that two registered participants are one person."""

    surviving_id: UUID
    retired_id: UUID


@dataclass(frozen=True)
class FollowMerge:
    """A hospital merged two identities, known here or not."""

    surviving_id: UUID
    retired_id: UUID
    stated_at: datetime


@dataclass(frozen=True)
class UnmergeParticipants:
    """Somebody has found that two merged participants are two people after all."""

    surviving_id: UUID
    retired_id: UUID


@dataclass(frozen=True)
class EraseParticipant:
    """Destroys the keys of everything personal. For operators, inside the program only."""

    participant_id: UUID
    reason: str
