"""The person in the program, and the claims that let one hospital number belong to one participant only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.enrollment.domain.errors import ParticipantErased
from services.enrollment.domain.identity import claim_id


@dataclass(frozen=True)
class Identifier:
    """A hospital number: assigning authority, keyed hash to find it by, and the number sealed before it comes here."""

    authority: str
    lookup: str
    number: str | None


class Participant(Aggregate):
    """A person known to the program. ``person``: name, birth date, sex, contacts; empty once the keys are destroyed."""

    TOPIC = "enrollment.participant"

    class Event(Aggregate.Event):
        TOPIC = "enrollment.participant.event"
        participant_id: UUID

    class Created(Aggregate.Created):
        TOPIC = "enrollment.participant.registered"
        PERSONAL = ("person",)
        participant_id: UUID
        person: Mapping[str, Any]
        identifiers: tuple[Identifier, ...]
        name_lookup: str
        source: str

    class PersonUpdated(Event):
        """The whole person and all identifiers, not differences."""

        TOPIC = "enrollment.participant.person_updated"
        PERSONAL = ("person",)
        person: Mapping[str, Any]
        identifiers: tuple[Identifier, ...]
        name_lookup: str
        source: str

    class IdentifiersAdded(Event):
        """All identifiers after the addition; the person stays."""

        TOPIC = "enrollment.participant.identifiers_added"
        identifiers: tuple[Identifier, ...]

    class DuplicateSuspected(Event):
        """A source gave this person a number that belongs to another participant: somebody has to look and merge."""

        TOPIC = "enrollment.participant.duplicate_suspected"
        other_id: UUID
        lookup: str

    class PersonErased(Event):
        """The keys of everything personal were destroyed."""

        TOPIC = "enrollment.participant.erased"
        reason: str

    @classmethod
    def register(
        cls,
        participant_id: UUID,
        *,
        person: Mapping[str, Any],
        identifiers: Sequence[Identifier],
        name_lookup: str,
        source: str,
        at: datetime,
    ) -> "Participant":
        return cls._create(
            cls.Created,
            id=participant_id,
            timestamp=at,
            participant_id=participant_id,
            person=person,
            identifiers=tuple(identifiers),
            name_lookup=name_lookup,
            source=source,
        )

    @event(Created)
    def __init__(self, person: Mapping[str, Any], identifiers: tuple[Identifier, ...]) -> None:
        self.person = person or {}
        self.identifiers = identifiers
        self.suspected: frozenset[UUID] = frozenset()
        self.erased = False

    def update_person(
        self, person: Mapping[str, Any], identifiers: Sequence[Identifier], name_lookup: str, source: str, at: datetime
    ) -> None:
        """Replaces the person's details and adds identifiers; nothing happens when all is known.

        Raises ``ParticipantErased``.
        """
        self._refuse_if_erased()
        together = self._with(identifiers)
        if person == self.person and together == self.identifiers:
            return
        self.trigger_event(
            self.PersonUpdated,
            timestamp=at,
            participant_id=self.id,
            person=person,
            identifiers=together,
            name_lookup=name_lookup,
            source=source,
        )

    @event(PersonUpdated)
    def _person_updated(self, person: Mapping[str, Any], identifiers: tuple[Identifier, ...]) -> None:
        self.person = person or {}
        self.identifiers = identifiers

    def add_identifiers(self, identifiers: Sequence[Identifier], at: datetime) -> None:
        """Adds the identifiers not known yet; nothing happens when there is none. Raises ``ParticipantErased``."""
        self._refuse_if_erased()
        together = self._with(identifiers)
        if len(together) > len(self.identifiers):
            self.trigger_event(self.IdentifiersAdded, timestamp=at, participant_id=self.id, identifiers=together)

    @event(IdentifiersAdded)
    def _identifiers_added(self, identifiers: tuple[Identifier, ...]) -> None:
        self.identifiers = identifiers

    def suspect_duplicate(self, other_id: UUID, lookup: str, at: datetime) -> None:
        """Notes once that another participant holds a number which a source gave this one."""
        if other_id != self.id and other_id not in self.suspected:
            self.trigger_event(
                self.DuplicateSuspected, timestamp=at, participant_id=self.id, other_id=other_id, lookup=lookup
            )

    @event(DuplicateSuspected)
    def _duplicate_suspected(self, other_id: UUID) -> None:
        self.suspected |= {other_id}

    def erase(self, reason: str, at: datetime) -> None:
        """Notes once that the keys are destroyed."""
        if not self.erased:
            self.trigger_event(self.PersonErased, timestamp=at, participant_id=self.id, reason=reason)

    @event(PersonErased)
    def _person_erased(self) -> None:
        self.erased = True
        self.person = {}
        self.identifiers = ()

    def _with(self, identifiers: Sequence[Identifier]) -> tuple[Identifier, ...]:
        known = {identifier.lookup for identifier in self.identifiers}
        added = {one.lookup: one for one in identifiers if one.lookup not in known}
        return self.identifiers + tuple(added.values())

    def _refuse_if_erased(self) -> None:
        if self.erased:
            raise ParticipantErased("the participant's keys were destroyed; register the person anew")


class IdentifierClaim(Aggregate):
    """One hospital number, by its keyed hash, and the participant it belongs to."""

    TOPIC = "enrollment.identifier_claim"

    class Created(Aggregate.Created):
        TOPIC = "enrollment.identifier_claim.claimed"
        participant_id: UUID
        lookup: str

    class IdentifierClaimedAgain(Aggregate.Event):
        TOPIC = "enrollment.identifier_claim.claimed_again"
        participant_id: UUID

    class IdentifierReleased(Aggregate.Event):
        TOPIC = "enrollment.identifier_claim.released"
        participant_id: UUID

    @classmethod
    def claim(cls, lookup: str, participant_id: UUID, at: datetime) -> "IdentifierClaim":
        return cls._create(cls.Created, id=claim_id(lookup), timestamp=at, participant_id=participant_id, lookup=lookup)

    @event(Created)
    def __init__(self, participant_id: UUID) -> None:
        self.participant_id: UUID | None = participant_id

    def claim_again(self, participant_id: UUID, at: datetime) -> None:
        """A released number gets an owner. A number that has one keeps it: ask ``participant_id`` first."""
        if self.participant_id is None:
            self.trigger_event(self.IdentifierClaimedAgain, timestamp=at, participant_id=participant_id)

    @event(IdentifierClaimedAgain)
    def _claimed_again(self, participant_id: UUID) -> None:
        self.participant_id = participant_id

    def release(self, at: datetime) -> None:
        """The number may be claimed anew, after its owner was erased."""
        if self.participant_id is not None:
            self.trigger_event(self.IdentifierReleased, timestamp=at, participant_id=self.participant_id)

    @event(IdentifierReleased)
    def _released(self) -> None:
        self.participant_id = None
