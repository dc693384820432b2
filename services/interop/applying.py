"""From a kept message to what it means for a participant: who is meant, what waits for whom, what is told."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from events.log.vault import Vault, subject_of
from services.interop.domain.commands import ApplyMessage, FollowMerge, ForgetMessage, IdentifyParticipant
from services.interop.domain.facts import Content, HospitalNumber, Referral
from services.interop.domain.ids import identity_id
from services.interop.domain.message import Message
from services.interop.domain.patient import Identity, Patient, Waiting
from services.interop.mapping import Hospital
from services.interop.meaning import Meaning
from services.interop.receiving import Examiner, Reading
from services.interop.translate import Trouble
from services.interop.translate.problems import DUPLICATE_KEY

_TWO_PEOPLE = Trouble(
    DUPLICATE_KEY, "its identifiers belong to different participants; merge them first", "PID", field=3
)


class Applying:
    """Decides inside one unit. What a message sets off, and every message that it releases, is saved together.

    A unit saves in the order in which it took its aggregates in, and so does the feed tell. Therefore messages that are
    released are taken in by order of arrival, before the message that releases them; except a referral, which comes
    first because it makes the participant known."""

    def __init__(self, unit: Unit, examiner: Examiner, vault: Vault) -> None:
        self._unit = unit
        self._examiner = examiner
        self._at = unit.context.at
        self._meaning = Meaning(examiner, vault, self._at)
        self._owners: dict[str, list[str]] = {}

    def apply(self, command: ApplyMessage) -> Mapping[str, Any]:
        """One accepted message; a message that was dealt with stays as it is."""
        known = [found for lookup in command.lookups if (found := self._unit.find(Identity, identity_id(lookup)))]
        if any(one.participant_id for one in known):
            self._waiting_at(known)
        message = self._unit.get(Message, command.message_id)
        if not message.open:
            return {"state": message.state}
        reading = self._read(message)
        if reading is not None and reading.content is not None:
            self._resolve(message, command.arrival, reading.content, reading.hospital)
        return {"state": message.state, "owners": self._owners}

    def identify(self, command: IdentifyParticipant) -> Mapping[str, Any]:
        """Enrollment knows the participant: what waited under these numbers is applied in order of arrival."""
        identities = [self._identity(one.lookup, one.authority) for one in command.identifiers]
        released = self._link(identities, command.participant_id)
        participant = self.patient(command.participant_id)
        if (command.person, command.identifiers) != (participant.person, participant.identifiers):
            participant.identify(command.person, command.identifiers, self._at)
        return {"released": released, "owners": self._owners}

    def follow_merge(self, command: FollowMerge) -> Mapping[str, Any]:
        """Enrollment merged two participants: messages about the retired one are the survivor's from now on."""
        surviving, retired = self._alias(command.surviving_id), self._alias(command.retired_id)
        if surviving != retired:
            self.patient(retired).merge_into(surviving, self._at)
        return {}

    def forget(self, command: ForgetMessage) -> Mapping[str, Any]:
        """The retention of a message is over; its key is destroyed after this is stored."""
        message = self._unit.get(Message, command.message_id)
        if not message.forget(self._at):
            return {"state": message.state}
        for lookup in message.lookups:
            identity = self._unit.find(Identity, identity_id(lookup))
            if identity:
                identity.leave(message.id, self._at)
        return {"state": message.state, "destroy": subject_of(message.raw)}

    def patient(self, participant_id: UUID) -> Patient:
        """The participant's record here, made when it is needed first."""
        return self._unit.find(Patient, participant_id) or self._unit.add(Patient.know(participant_id, self._at))

    def _read(self, message: Message) -> Reading | None:
        """The message read by today's mapping; none where it cannot be applied, which is then recorded."""
        incoming = self._examiner.unseal(message)
        if incoming is None:
            message.forget(self._at)
            return None
        reading = self._examiner.examine(incoming, self._at)
        if reading.content is None:
            message.park([trouble.to_data() for trouble in reading.troubles], self._at)
            return None
        if not reading.content.supported:
            message.not_supported(self._at)
            return None
        return reading

    def _resolve(self, message: Message, arrival: int, content: Content, hospital: Hospital) -> None:
        merge = content.merge
        surviving, retired = self._participants(content.numbers), self._participants(merge.retired if merge else ())
        if len(surviving) > 1 or len(retired) > 1:
            message.park([_TWO_PEOPLE.to_data()], self._at)
            return
        stranger = not surviving and not retired
        if stranger and not any(isinstance(fact, Referral) for fact in content.facts):
            self._hold(message, arrival, content.all_numbers)
            return
        owner = next(iter(surviving or retired), message.candidate_id)
        if stranger:
            self.patient(owner)
        identities = self._identities(content.all_numbers)
        learned = any(one.participant_id is None for one in identities)
        self._link(identities, owner)
        self._meaning.tell(message, owner, content, hospital, stranger=stranger, learned=learned)
        retiring = next(iter(retired - {owner}), None)
        if retiring:
            self.patient(retiring).merge_into(owner, self._at)
            message.merges(owner, retiring, self._at)
        self._applied(message, [owner, retiring] if retiring else [owner])

    def _hold(self, message: Message, arrival: int, numbers: Iterable[HospitalNumber]) -> None:
        identities = self._identities(numbers)
        waiting = Waiting(message.id, arrival, tuple(identity.lookup for identity in identities))
        for identity in identities:
            identity.wait(waiting, self._at)
        message.hold(waiting.lookups, self._at)

    def _link(self, identities: Iterable[Identity], owner: UUID) -> int:
        """These numbers are the owner's from now on, and so are all numbers of the messages that waited under them."""
        fresh = [one for one in identities if one.participant_id is None]
        together, released = self._waiting_at(fresh)
        for one in together:
            one.resolve(owner, self._at)
        for message in released:
            if message.open and (reading := self._read(message)) and reading.content:
                self._meaning.tell(message, owner, reading.content, reading.hospital, released=True)
                self._applied(message, [owner])
        return len(released)

    def _waiting_at(self, identities: Iterable[Identity]) -> tuple[list[Identity], list[Message]]:
        """The unresolved numbers connected with these by waiting messages, and those messages by order of arrival."""
        found: dict[str, Identity] = {}
        waiting: dict[UUID, Waiting] = {}
        pending = [one for one in identities if one.participant_id is None]
        while pending:
            identity = pending.pop()
            if identity.lookup in found or identity.participant_id is not None:
                continue
            found[identity.lookup] = identity
            waiting |= identity.waiting
            lookups = {lookup for one in identity.waiting.values() for lookup in one.lookups} - found.keys()
            pending += [self._unit.get(Identity, identity_id(lookup)) for lookup in sorted(lookups)]
        ordered = sorted(waiting.values(), key=lambda one: (one.arrival, str(one.message_id)))
        return list(found.values()), [self._unit.get(Message, one.message_id) for one in ordered]

    def _applied(self, message: Message, participants: list[UUID]) -> None:
        message.applied(participants, self._at)
        self._owners[subject_of(message.raw)] = [str(one) for one in participants]

    def _identities(self, numbers: Iterable[HospitalNumber]) -> list[Identity]:
        return [self._identity(self._examiner.lookup(one), one.authority) for one in dict.fromkeys(numbers)]

    def _identity(self, lookup: str, authority: str) -> Identity:
        found = self._unit.find(Identity, identity_id(lookup))
        return found or self._unit.add(Identity.notice(lookup, authority, self._at))

    def _participants(self, numbers: Iterable[HospitalNumber]) -> set[UUID]:
        """Who is known under these numbers; after a merge the survivor."""
        found = (self._unit.find(Identity, identity_id(self._examiner.lookup(number))) for number in numbers)
        return {self._alias(one.participant_id) for one in found if one is not None and one.participant_id is not None}

    def _alias(self, participant_id: UUID) -> UUID:
        patient = self._unit.find(Patient, participant_id)
        while patient is not None and patient.merged_into is not None:
            participant_id = patient.merged_into
            patient = self._unit.find(Patient, participant_id)
        return participant_id
