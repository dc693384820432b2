"""Who is meant: the participants and the hospital numbers, known and unknown, inside one unit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from events.log.commands import Unit
from services.interop.domain.facts import HospitalNumber
from services.interop.domain.identity import Identity, Waiting
from services.interop.domain.ids import identity_id
from services.interop.domain.message import Message
from services.interop.domain.patient import Patient
from services.interop.examining import Examiner


class People:
    """Numbers are named by their ``lookup``, the keyed hash of authority and number."""

    def __init__(self, unit: Unit, examiner: Examiner, at: datetime) -> None:
        self._unit = unit
        self._examiner = examiner
        self._at = at
        self._seen: dict[str, Identity | None] = {}

    def patient(self, participant_id: UUID) -> Patient:
        """The participant's record here, made when it is needed first."""
        return self._unit.find(Patient, participant_id) or self._unit.add(Patient.know(participant_id, self._at))

    def alias(self, participant_id: UUID) -> UUID:
        """Whom the participant is known as after all merges."""
        return self._above(participant_id)[-1]

    def part(self, surviving_id: UUID, retired_id: UUID) -> None:
        """Enrollment's word counts more than a hospital's: where a hospital merged them the other way about, the
        survivor is no alias of the retired one any more."""
        for one in self._above(surviving_id):
            patient = self._unit.find(Patient, one)
            if patient is not None and patient.merged_into == retired_id:
                patient.part(self._at)

    def _above(self, participant_id: UUID) -> list[UUID]:
        """The participant and whom they were merged into, step by step. Until all is told, links may lead in a
        circle."""
        found, patient = [participant_id], self._unit.find(Patient, participant_id)
        while patient is not None and patient.merged_into is not None and patient.merged_into not in found:
            found.append(patient.merged_into)
            patient = self._unit.find(Patient, patient.merged_into)
        return found

    def lookups(self, numbers: Iterable[HospitalNumber]) -> tuple[str, ...]:
        return tuple(self._examiner.lookup(one) for one in dict.fromkeys(numbers))

    def participants(self, numbers: Iterable[HospitalNumber]) -> set[UUID]:
        """Who is known under these numbers; after a merge the survivor."""
        found = (self._find(lookup) for lookup in self.lookups(numbers))
        return {self.alias(one.participant_id) for one in found if one is not None and one.participant_id is not None}

    def anybody(self, lookups: Iterable[str]) -> bool:
        """Whether a participant is known under one of the numbers."""
        return any(one.participant_id for lookup in lookups if (one := self._find(lookup)))

    def identities(self, numbers: Iterable[HospitalNumber]) -> list[Identity]:
        return [self.identity(self._examiner.lookup(one), one.authority) for one in dict.fromkeys(numbers)]

    def identity(self, lookup: str, authority: str) -> Identity:
        """The number's record, made when it is needed first."""
        found = self._find(lookup)
        if found is None:
            found = self._seen[lookup] = self._unit.add(Identity.notice(lookup, authority, self._at))
        return found

    def leave(self, message: Message) -> None:
        """The message waits under its numbers no more."""
        for lookup in message.lookups:
            if identity := self._find(lookup):
                identity.leave(message.id, self._at)

    def whom(self, lookups: Iterable[str], *, connected: bool = False) -> list[str]:
        """Whom messages with these numbers are about: participants, and numbers under which nobody is known;
        ``connected``: also those numbers that waiting messages say are the same person's."""
        found = self._connected(lookups) if connected else {lookup: self._find(lookup) for lookup in lookups}
        return list(dict.fromkeys(self._who(lookup, identity) for lookup, identity in found.items()))

    def waiting(self, lookups: Iterable[str]) -> tuple[list[Identity], list[tuple[Waiting, Message]]]:
        """The unknown numbers connected with these by waiting messages, and those messages by order of arrival."""
        together = [one for one in self._connected(lookups).values() if one and one.participant_id is None]
        waiting = {one.message_id: one for identity in together for one in identity.waiting.values()}
        ordered: Sequence[Waiting] = sorted(waiting.values(), key=lambda one: (one.arrival, str(one.message_id)))
        return together, [(one, self._unit.get(Message, one.message_id)) for one in ordered]

    def _connected(self, lookups: Iterable[str]) -> dict[str, Identity | None]:
        found: dict[str, Identity | None] = {}
        pending = list(lookups)
        while pending:
            lookup = pending.pop()
            if lookup in found:
                continue
            identity = found[lookup] = self._find(lookup)
            if identity is not None and identity.participant_id is None:
                pending += [other for one in identity.waiting.values() for other in one.lookups]
        return found

    def _find(self, lookup: str) -> Identity | None:
        if lookup not in self._seen:
            self._seen[lookup] = self._unit.find(Identity, identity_id(lookup))
        return self._seen[lookup]

    def _who(self, lookup: str, identity: Identity | None) -> str:
        if identity is None or identity.participant_id is None:
            return number(lookup)
        return participant(self.alias(identity.participant_id))


def participant(participant_id: UUID) -> str:
    """How a line about a participant is named."""
    return f"participant:{participant_id}"


def number(lookup: str) -> str:
    """How a line about an unknown number is named."""
    return f"number:{lookup}"
