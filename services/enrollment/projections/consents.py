"""To which disclosures did a participant consent, and until when?"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Date, String, Uuid

from events.follow.deadline import Cancel, Deadline, Deadlines, Set
from events.follow.projection import Projection, handles
from events.follow.rows import Rows
from events.follow.values import Instant, Json
from events.follow.view import view
from events.log.event import Event
from services.enrollment.domain.consent_commands import ExpireConsent

GIVEN, REVOKED, EXPIRED = "given", "revoked", "expired"

CONSENT = view(
    "consent",
    Column("consent_id", Uuid),
    Column("participant_id", Uuid, nullable=False),
    Column("discloser", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("scope", Json, nullable=False),
    Column("purpose", String, nullable=False),
    Column("signed_by", String, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("expires_on", Date),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("status", String, nullable=False),
    key=("consent_id",),
    indexes=("participant_id",),
)
"""``status``: given, revoked or expired."""


class Consents(Projection):
    name = "consents"
    views = (CONSENT,)

    @handles("enrollment.consent.given")
    def given(self, event: Event, rows: Rows) -> None:
        rows.put(CONSENT, {**event.data, "status": GIVEN})

    @handles("enrollment.consent.revoked")
    def revoked(self, event: Event, rows: Rows) -> None:
        data = event.data
        rows.change(CONSENT, data["consent_id"], status=REVOKED, revoked_at=data["revoked_at"])

    @handles("enrollment.consent.expired")
    def expired(self, event: Event, rows: Rows) -> None:
        rows.change(CONSENT, event.data["consent_id"], status=EXPIRED)


class ConsentExpiry(Deadlines):
    """The end of a consent's last day."""

    name = "consent_expiry"
    version = 2
    commands = (ExpireConsent,)

    @handles("enrollment.consent.given")
    def given(self, event: Event) -> Iterable[Set | Cancel]:
        data = event.data
        if data["expires_at"] is not None:
            expires_at = datetime.fromisoformat(data["expires_at"])
            command = ExpireConsent(UUID(data["consent_id"]))
            yield Set(Deadline(data["consent_id"], data["participant_id"], expires_at, command))

    @handles("enrollment.consent.revoked")
    def revoked(self, event: Event) -> Iterable[Set | Cancel]:
        yield Cancel(event.data["consent_id"])
