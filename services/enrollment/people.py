"""Decisions about who is who: registration, referral, identifiers, merges, erasure."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from services.enrollment.desk import Desk, care_record, claim_all, follow_hospital, known, owner, records, root
from services.enrollment.domain.errors import (
    ErasureIsForOperators,
    ParticipantAlreadyRegistered,
    ReferralAlreadyReceived,
)
from services.enrollment.domain.identity import claim_id, of_command
from services.enrollment.domain.participant import Identifier, IdentifierClaim, Participant
from services.enrollment.domain.people_commands import (
    EraseParticipant,
    FollowMerge,
    MergeParticipants,
    ReceivePerson,
    ReceiveReferral,
    ReferParticipant,
    RegisterParticipant,
    UnmergeParticipants,
    UpdatePerson,
)
from services.enrollment.domain.referral import Referral

Decision = Mapping[str, Any]

STAFF, HOSPITAL = "staff", "hospital"
"""Who stated a person's details."""


def register_participant(desk: Desk, unit: Unit, command: RegisterParticipant) -> Decision:
    participant_id = command.participant_id or of_command(unit.context.command_id, "participant")
    if unit.find(Participant, participant_id) is not None:
        raise ParticipantAlreadyRegistered("the id belongs to a participant already; leave it out to get a new one")
    identifiers = desk.seal(participant_id, command.identifiers)
    claim_all(unit, participant_id, identifiers)
    _register(desk, unit, participant_id, command.person, numbers=identifiers, source=STAFF)
    return {"participant_id": participant_id}


def update_person(desk: Desk, unit: Unit, command: UpdatePerson) -> Decision:
    participant = known(unit, command.participant_id)
    identifiers = desk.seal(participant.id, command.identifiers)
    claim_all(unit, participant.id, identifiers)
    participant.update_person(command.person, identifiers, desk.name_lookup(command.person), STAFF, at=unit.context.at)
    return {"participant_id": participant.id}


def refer_participant(desk: Desk, unit: Unit, command: ReferParticipant) -> Decision:
    participant = known(unit, command.participant_id)
    referral_id = command.referral_id or of_command(unit.context.command_id, "referral")
    if unit.find(Referral, referral_id) is not None:
        raise ReferralAlreadyReceived("the id belongs to a referral already; leave it out to get a new one")
    _refer(unit, participant.id, referral_id, command, reason=command.reason)
    return {"participant_id": participant.id, "referral_id": referral_id}


def receive_referral(desk: Desk, unit: Unit, command: ReceiveReferral) -> Decision:
    """Kept under the id that the hospital's gateway gave. Where the person is known here by one of the numbers, that id
    becomes an alias of theirs."""
    if _erased(unit, command.participant_id):
        return {"participant_id": command.participant_id, "outcome": "erased"}
    if unit.find(Participant, command.participant_id) is None:
        owners = [held_by for one in command.identifiers if (held_by := owner(unit, one)) is not None]
        if owners:
            _merge(unit, surviving_id=owners[0], retired_id=command.participant_id)
    _received(desk, unit, command, replace=False)
    if unit.find(Referral, command.referral_id) is None:
        _refer(unit, command.participant_id, command.referral_id, command, reason=desk.reason(command.reason))
    return {"participant_id": root(unit, command.participant_id), "referral_id": command.referral_id}


def receive_person(desk: Desk, unit: Unit, command: ReceivePerson) -> Decision:
    if _erased(unit, command.participant_id):
        return {"participant_id": command.participant_id, "outcome": "erased"}
    _received(desk, unit, command, replace=True)
    return {"participant_id": root(unit, command.participant_id), "outcome": "updated"}


def merge_participants(desk: Desk, unit: Unit, command: MergeParticipants) -> Decision:
    known(unit, command.surviving_id)
    known(unit, command.retired_id)
    return _merge(unit, command.surviving_id, command.retired_id)


def unmerge_participants(desk: Desk, unit: Unit, command: UnmergeParticipants) -> Decision:
    """Facts stay under the ids under which they were recorded; what hospitals said of each counts for each alone."""
    retired, survivor = care_record(unit, command.retired_id), care_record(unit, command.surviving_id)
    retired.separate_from(survivor, unit.context.at)
    for participant_id in (command.surviving_id, command.retired_id):
        follow_hospital(unit, participant_id)
    return {"surviving_id": command.surviving_id, "retired_id": command.retired_id}


def follow_merge(desk: Desk, unit: Unit, command: FollowMerge) -> Decision:
    """Also where one of the two is not known yet: the alias waits for them. Nothing happens where it was said since
    that they are two people."""
    pair = care_record(unit, command.retired_id), care_record(unit, command.surviving_id)
    if any(one.is_somebody_else(other.participant_id, command.stated_at) for one, other in (pair, pair[::-1])):
        return {"surviving_id": command.surviving_id, "retired_id": command.retired_id, "outcome": "outdated"}
    return _merge(unit, command.surviving_id, command.retired_id)


def erase_participant(desk: Desk, unit: Unit, command: EraseParticipant) -> Decision:
    """Notes the erasure under every id of the person and frees their numbers. Destroying the keys is the caller's."""
    if "operator" not in unit.context.roles:
        raise ErasureIsForOperators("ask an operator to erase the participant")
    at = unit.context.at
    ids = [record.participant_id for record in records(unit, command.participant_id)] or [command.participant_id]
    for participant_id in ids:
        participant = unit.find(Participant, participant_id)
        if participant is None:
            continue
        for identifier in participant.identifiers:
            claim = unit.find(IdentifierClaim, claim_id(identifier.lookup))
            if claim is not None and claim.participant_id in ids:
                claim.release(at)
        participant.erase(command.reason, at)
    return {"participant_ids": ids}


def _erased(unit: Unit, participant_id: UUID) -> bool:
    """Whether the person's keys were destroyed, under any of their ids: then nothing more is kept about them."""
    found = [unit.find(Participant, record.participant_id) for record in records(unit, participant_id)]
    return any(one.erased for one in found if one is not None)


def _received(desk: Desk, unit: Unit, told: ReceiveReferral | ReceivePerson, *, replace: bool) -> None:
    """Takes in what a hospital states about a person. A number that belongs to somebody else is not taken over: it
    makes the two suspected duplicates."""
    at, participant_id = unit.context.at, told.participant_id
    person_id = root(unit, participant_id)
    held = {one.lookup: owner(unit, one) for one in told.identifiers}
    others = {lookup: by for lookup, by in held.items() if by is not None and by != person_id}
    identifiers = [one for one in told.identifiers if one.lookup not in others]
    claim_all(unit, participant_id, identifiers)
    person = desk.person(told.person)
    participant = unit.find(Participant, participant_id)
    if participant is None:
        participant = _register(desk, unit, participant_id, person, numbers=identifiers, source=HOSPITAL)
    elif replace and person:
        person = {**participant.person, **person}  # what a message leaves out, it does not deny
        participant.update_person(person, identifiers, desk.name_lookup(person), HOSPITAL, at=at)
    else:
        participant.add_identifiers(identifiers, at)
    for lookup, other_id in others.items():
        participant.suspect_duplicate(other_id, lookup, at)


def _register(
    desk: Desk,
    unit: Unit,
    participant_id: UUID,
    person: Mapping[str, Any],
    *,
    numbers: Sequence[Identifier],
    source: str,
) -> Participant:
    care_record(unit, participant_id)
    registered = Participant.register(
        participant_id,
        person=person,
        identifiers=numbers,
        name_lookup=desk.name_lookup(person),
        source=source,
        at=unit.context.at,
    )
    return unit.add(registered)


def _refer(
    unit: Unit,
    participant_id: UUID,
    referral_id: UUID,
    told: ReferParticipant | ReceiveReferral,
    *,
    reason: str | None,
) -> None:
    unit.add(
        Referral.receive(
            referral_id,
            participant_id,
            source=told.source,
            urgency=told.urgency,
            reason=reason,
            from_level_of_care=told.from_level_of_care,
            problems=told.problems,
            at=unit.context.at,
            referred_at=told.referred_at if isinstance(told, ReceiveReferral) else None,
        )
    )


def _merge(unit: Unit, surviving_id: UUID, retired_id: UUID) -> Decision:
    survivor, retired = root(unit, surviving_id), root(unit, retired_id)
    if survivor != retired:
        # Into the id that was named, not where its aliases lead: so the links are the same in every order of merges.
        care_record(unit, retired).merge_into(care_record(unit, surviving_id), unit.context.at)
        follow_hospital(unit, survivor)
    return {"surviving_id": survivor, "retired_id": retired_id}
