"""What decisions about people share: sealing, look-up hashes, and who is who after merges."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events.contract.places import PERSONS, REASONS
from events.log.commands import Unit
from events.log.vault import Vault
from services.enrollment.domain.care_record import CareRecord
from services.enrollment.domain.episode import Episode
from services.enrollment.domain.errors import IdentifierBelongsToAnother, ParticipantErased, ParticipantUnknown
from services.enrollment.domain.identity import care_record_id, claim_id
from services.enrollment.domain.participant import Identifier, IdentifierClaim, Participant
from services.enrollment.domain.people_commands import HospitalNumber
from services.enrollment.domain.stays import interruptions
from services.platform.packs import Packs


@dataclass(frozen=True)
class Desk:
    """What a decision needs besides the log. ``time_zone``: of days that belong to no track."""

    vault: Vault
    packs: Packs
    time_zone: str = "UTC"

    def seal(self, participant_id: UUID, numbers: Iterable[HospitalNumber]) -> tuple[Identifier, ...]:
        """Hospital numbers as identifiers: hashed to be found by, sealed to be read by those who may."""
        return tuple(
            Identifier(
                one.authority,
                self.vault.lookup(one.authority, one.number),
                self.vault.seal(str(participant_id), one.number, context="enrollment.identifier"),
            )
            for one in numbers
        )

    def person(self, sealed: str | None) -> Mapping[str, Any]:
        """A person's details as another service sealed them; empty where there are none (any more)."""
        opened = self.vault.open(sealed, context=PERSONS) if sealed else None
        return opened if isinstance(opened, Mapping) else {}

    def reason(self, sealed: str | None) -> str | None:
        """Why somebody is referred, as another service sealed it; none where there is none (any more)."""
        opened = self.vault.open(sealed, context=REASONS) if sealed else None
        return opened if isinstance(opened, str) else None

    def name_lookup(self, person: Mapping[str, Any]) -> str:
        """A keyed hash by which persons of one name and birth date are found; empty where these are not known."""
        parts = [str(person.get(name) or "").strip().casefold() for name in ("family", "given", "birth_date")]
        return self.vault.lookup("person", *parts) if all(parts) else ""


def care_record(unit: Unit, participant_id: UUID) -> CareRecord:
    """The record of this very id, begun where there is none."""
    found = unit.find(CareRecord, care_record_id(participant_id))
    return found or unit.add(CareRecord.begin(participant_id, unit.context.at))


def root(unit: Unit, participant_id: UUID) -> UUID:
    """The id under which the person goes on after all merges known."""
    record = unit.find(CareRecord, care_record_id(participant_id))
    while record is not None and record.surviving_id is not None:
        participant_id = record.surviving_id
        record = unit.find(CareRecord, care_record_id(participant_id))
    return participant_id


def records(unit: Unit, participant_id: UUID) -> Iterator[CareRecord]:
    """The records of all ids of the person, the surviving one first."""
    pending = [root(unit, participant_id)]
    while pending:
        record = unit.find(CareRecord, care_record_id(pending.pop(0)))
        if record is not None:
            pending.extend(record.alias_ids)
            yield record


def known(unit: Unit, participant_id: UUID) -> Participant:
    """The registered participant behind an id. Raises ``ParticipantUnknown`` and ``ParticipantErased``."""
    participant = unit.find(Participant, root(unit, participant_id)) or unit.find(Participant, participant_id)
    if participant is None:
        raise ParticipantUnknown("nobody is registered under this id; register the participant first")
    if participant.erased:
        raise ParticipantErased("the participant's keys were destroyed; register the person anew")
    return participant


def owner(unit: Unit, identifier: Identifier) -> UUID | None:
    """To whom a hospital number belongs, after merges."""
    claim = unit.find(IdentifierClaim, claim_id(identifier.lookup))
    return root(unit, claim.participant_id) if claim is not None and claim.participant_id is not None else None


def claim_all(unit: Unit, participant_id: UUID, identifiers: Sequence[Identifier]) -> None:
    """Claims free numbers for a participant. Raises ``IdentifierBelongsToAnother``."""
    at = unit.context.at
    for identifier in identifiers:
        held_by = owner(unit, identifier)
        if held_by is not None and held_by != root(unit, participant_id):
            raise IdentifierBelongsToAnother(
                f"a number of {identifier.authority} belongs to participant {held_by}; refer that one, or merge",
                held_by,
            )
        claim = unit.find(IdentifierClaim, claim_id(identifier.lookup))
        if claim is None:
            unit.add(IdentifierClaim.claim(identifier.lookup, participant_id, at))
        else:
            claim.claim_again(participant_id, at)


def follow_hospital(unit: Unit, participant_id: UUID) -> None:
    """Brings every episode of the person in line with all that hospitals stated, under whichever of the ids."""
    together = list(records(unit, participant_id))
    facts = frozenset().union(*(record.facts for record in together))
    for record in together:
        for episode_id in record.episode_ids:
            episode = unit.get(Episode, episode_id)
            if episode.admitted_at is not None:
                target = interruptions(facts, episode.admitted_at, episode.discharged_at)
                episode.follow_hospital(target, unit.context.at)
