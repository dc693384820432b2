"""A participant's consent to disclosure: who tells whom, what, for which purpose, until when.

42 CFR 2.31: a written consent names the participant, who discloses, to whom, what kind of information and for what
purpose, when it expires, and that it may be revoked at any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain.errors import ConsentExpired, ConsentInFuture, ConsentNeedsExpiry, ConsentRevoked

OPEN_ENDED_PURPOSES = ("treatment", "payment", "health_care_operations")
"""42 CFR 2.31(a)(7), as of 2024: only a consent for these may go without an expiry."""

REDISCLOSURE_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""42 CFR 2.32(a)(2), as of 2024: goes with every disclosure that a consent allows; so does a copy of the consent."""


@dataclass(frozen=True)
class ConsentTerms:
    """``recipient``: an organization's code. ``scope``: what kinds of information, by code. ``expires_on``: the last
    local day on which it holds, None where it has no end; ``expires_at``: the end of that day."""

    discloser: str
    recipient: str
    scope: tuple[str, ...]
    purpose: str
    expires_on: date | None
    expires_at: datetime | None


@dataclass(frozen=True)
class ConsentHeld:
    """What is known of a consent, for the question whether it holds."""

    consent_id: UUID
    recipient: str
    scope: tuple[str, ...]
    purpose: str
    given_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def covers(self, recipient: str, scope: str, purpose: str, at: datetime) -> bool:
        """Whether it allows to tell this recipient this for this purpose then (the rule ``consent_allows``)."""
        ends = [one for one in (self.expires_at, self.revoked_at) if one is not None]
        within = self.given_at <= at and all(at < end for end in ends)
        return within and self.recipient == recipient and scope in self.scope and self.purpose == purpose


def matching(consents: Iterable[ConsentHeld], recipient: str, scope: str, purpose: str, at: datetime) -> UUID | None:
    """The consent that allows a disclosure, the one given first where there are several; None where none does."""
    found = [one for one in consents if one.covers(recipient, scope, purpose, at)]
    return min(found, key=lambda one: (one.given_at, one.consent_id)).consent_id if found else None


class Consent(Aggregate):
    TOPIC = "enrollment.consent"

    class Event(Aggregate.Event):
        TOPIC = "enrollment.consent.event"
        participant_id: UUID
        consent_id: UUID
        recipient: str
        scope: tuple[str, ...]
        purpose: str

    class Created(Aggregate.Created):
        TOPIC = "enrollment.consent.given"
        participant_id: UUID
        consent_id: UUID
        discloser: str
        recipient: str
        scope: tuple[str, ...]
        purpose: str
        expires_on: date | None
        expires_at: datetime | None
        signed_by: str
        given_at: datetime

    class ConsentRevoked(Event):
        TOPIC = "enrollment.consent.revoked"
        revoked_at: datetime

    class ConsentExpired(Event):
        TOPIC = "enrollment.consent.expired"
        expires_on: date

    @classmethod
    def give(
        cls,
        consent_id: UUID,
        participant_id: UUID,
        terms: ConsentTerms,
        *,
        signed_by: str,
        since: datetime,
        at: datetime,
    ) -> "Consent":
        """``signed_by``: participant or representative. ``since``: when it was signed.

        Raises ``ConsentNeedsExpiry``, ``ConsentExpired`` and ``ConsentInFuture``.
        """
        if terms.expires_on is None and terms.purpose not in OPEN_ENDED_PURPOSES:
            raise ConsentNeedsExpiry(
                f"give expires_on; only a consent for {', '.join(OPEN_ENDED_PURPOSES)} may go without one"
            )
        if since > at:
            raise ConsentInFuture("a consent holds from when it was signed; record it then")
        if terms.expires_at is not None and terms.expires_at <= at:
            raise ConsentExpired("the consent has expired already; ask for a new one")
        return cls._create(
            cls.Created,
            id=consent_id,
            timestamp=at,
            participant_id=participant_id,
            consent_id=consent_id,
            discloser=terms.discloser,
            recipient=terms.recipient,
            scope=tuple(terms.scope),
            purpose=terms.purpose,
            expires_on=terms.expires_on,
            expires_at=terms.expires_at,
            signed_by=signed_by,
            given_at=since,
        )

    @event(Created)
    def __init__(
        self,
        participant_id: UUID,
        recipient: str,
        scope: tuple[str, ...],
        purpose: str,
        expires_on: date | None,
        expires_at: datetime | None,
    ) -> None:
        self.participant_id = participant_id
        self.recipient = recipient
        self.scope = scope
        self.purpose = purpose
        self.expires_on = expires_on
        self.expires_at = expires_at
        self.over = False

    def revoke(self, at: datetime) -> None:
        """42 CFR 2.31(a)(6): at any time. What was disclosed before stays disclosed. Raises ``ConsentRevoked``."""
        if self.over:
            raise ConsentRevoked("the consent does not hold any more; there is nothing to revoke")
        self._trigger(self.ConsentRevoked, at, revoked_at=at)

    @event(ConsentRevoked)
    def _revoked(self) -> None:
        self.over = True

    def expire(self, at: datetime) -> bool:
        """Nothing happens where it does not hold any more, or its time has not come."""
        if self.over or self.expires_at is None or at < self.expires_at:
            return False
        self._trigger(self.ConsentExpired, at, expires_on=self.expires_on)
        return True

    @event(ConsentExpired)
    def _expired(self) -> None:
        self.over = True

    def _trigger(self, event_class: type[Event], at: datetime, **facts: object) -> None:
        self.trigger_event(
            event_class,
            timestamp=at,
            participant_id=self.participant_id,
            consent_id=self.id,
            recipient=self.recipient,
            scope=self.scope,
            purpose=self.purpose,
            **facts,
        )
