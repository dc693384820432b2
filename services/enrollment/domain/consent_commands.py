"""Consents to disclose: given, revoked, run out."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class GiveConsent:
    """42 CFR 2.31: who tells whom what for which purpose until when. ``signed_by``: participant or representative."""

    participant_id: UUID
    recipient: str
    scope: tuple[str, ...]
    purpose: str
    expires_on: date | None = None
    discloser: str = "program"
    signed_by: str = "participant"
    signed_at: datetime | None = None
    consent_id: UUID | None = None


@dataclass(frozen=True)
class RevokeConsent:
    consent_id: UUID


@dataclass(frozen=True)
class ExpireConsent:
    """The last day of a consent is over."""

    consent_id: UUID
