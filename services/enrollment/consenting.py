"""Decisions about consents to disclosure: given, revoked, expired."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from events.log.commands import Unit
from services.enrollment.desk import Desk, known, records
from services.enrollment.domain.consent import Consent, ConsentTerms
from services.enrollment.domain.consent_commands import ExpireConsent, GiveConsent, RevokeConsent
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.errors import ConsentAlreadyGiven
from services.enrollment.domain.identity import of_command

Decision = Mapping[str, Any]


def give_consent(desk: Desk, unit: Unit, command: GiveConsent) -> Decision:
    participant, at = known(unit, command.participant_id), unit.context.at
    consent_id = command.consent_id or of_command(unit.context.command_id, "consent")
    if unit.find(Consent, consent_id) is not None:
        raise ConsentAlreadyGiven("the id belongs to a consent already; leave it out to get a new one")
    expires_at = None
    if command.expires_on is not None:
        after = command.expires_on + timedelta(days=1)
        expires_at = datetime.combine(after, time(0), ZoneInfo(_time_zone(desk, unit, participant.id)))
    terms = ConsentTerms(
        command.discloser, command.recipient, tuple(command.scope), command.purpose, command.expires_on, expires_at
    )
    unit.add(
        Consent.give(
            consent_id, participant.id, terms, signed_by=command.signed_by, since=command.signed_at or at, at=at
        )
    )
    return {"participant_id": participant.id, "consent_id": consent_id}


def revoke_consent(desk: Desk, unit: Unit, command: RevokeConsent) -> Decision:
    unit.get(Consent, command.consent_id).revoke(unit.context.at)
    return {"consent_id": command.consent_id}


def expire_consent(desk: Desk, unit: Unit, command: ExpireConsent) -> Decision:
    return {"consent_id": command.consent_id, "expired": unit.get(Consent, command.consent_id).expire(unit.context.at)}


def _time_zone(desk: Desk, unit: Unit, participant_id: UUID) -> str:
    """In whose days an expiry is reckoned: those of the track; the program's where they are in none (yet)."""
    for record in records(unit, participant_id):
        for episode_id in record.open_episode_ids:
            return unit.get(Episode, episode_id).plan.time_zone
    return desk.time_zone
