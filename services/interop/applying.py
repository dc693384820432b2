"""From a kept message to what it means for a participant: who is meant, what waits for whom, what is told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from events.log.commands import Unit
from events.log.vault import Vault, subject_of
from services.interop.domain.commands import (
    ApplyMessage,
    DiscardMessage,
    FollowMerge,
    FollowUnmerge,
    ForgetMessage,
    IdentifyParticipant,
)
from services.interop.domain.facts import Content, Referral
from services.interop.domain.identity import Identity, Waiting
from services.interop.domain.message import ACCEPTED, HELD_UP, PARKED, Message
from services.interop.domain.patient import Patient
from services.interop.examining import Examiner, Reading
from services.interop.lines import Lines
from services.interop.mapping import Hospital
from services.interop.meaning import Meaning
from services.interop.people import People, number, participant
from services.interop.places import NOTE
from services.interop.translate import Trouble
from services.interop.translate.problems import DUPLICATE_KEY, INTERNAL

_TWO_PEOPLE = Trouble(
    DUPLICATE_KEY, "its identifiers belong to different participants; merge them first", "PID", field=3
)


class Applying:
    """Decides inside one unit. What a message sets off, and every waiting message that it lets go, is saved together.

    A unit saves in the order in which it took its aggregates in, and so does the feed tell. Therefore waiting messages
    are taken in by order of arrival, before the message that makes them go; except a referral, which comes first
    because it makes the participant known."""

    def __init__(self, unit: Unit, examiner: Examiner, vault: Vault) -> None:
        self._unit = unit
        self._at = unit.context.at
        self._examiner = examiner
        self._people = People(unit, examiner, self._at)
        self._lines = Lines(unit, self._people, self._at)
        self._vault = vault
        self._meaning = Meaning(examiner, vault, self._at)
        self._owners: dict[str, list[str]] = {}

    def apply(self, command: ApplyMessage) -> Mapping[str, Any]:
        """One accepted message; a message that was dealt with stays as it is."""
        if self._people.anybody(command.lookups):
            self._people.waiting(command.lookups)
        message = self._unit.get(Message, command.message_id)
        if not message.open:
            return {"state": message.state}
        reading = self._read(message)
        place = self._place(message, command, reading)
        if reading is not None and reading.content is not None:
            self._resolve(message, place, reading.content, reading.hospital)
        self._lines.settle(message, place)
        return {"state": message.state, "owners": self._owners}

    def give_up(self, command: ApplyMessage, error: Exception) -> Mapping[str, Any]:
        """Parks a message that cannot be applied through a fault of ours, so that nothing passes it."""
        message = self._unit.get(Message, command.message_id)
        if message.open:
            reason = f"the message could not be applied ({type(error).__name__}); it is kept"
            message.park([Trouble(INTERNAL, reason).to_data()], self._at)
            self._lines.settle(message, self._place(message, command, None))
        return {"state": message.state}

    def identify(self, command: IdentifyParticipant) -> Mapping[str, Any]:
        """Enrollment knows the participant: what waited under these numbers is applied in order of arrival."""
        identities = [self._people.identity(one.lookup, one.authority) for one in command.identifiers]
        released = self._link(identities, command.participant_id)
        patient = self.patient(command.participant_id)
        if (command.person, command.identifiers) != (patient.person, patient.identifiers):
            patient.identify(command.person, command.identifiers, self._at)
        return {"released": released, "owners": self._owners}

    def follow_merge(self, command: FollowMerge) -> Mapping[str, Any]:
        """Enrollment merged two participants: messages about the retired one are the survivor's from now on."""
        retired = self.patient(command.retired_id)
        if command.revision > retired.revision:
            lines = self._lines_of(command.surviving_id, retired.id)
            self._people.part(command.surviving_id, retired.id)
            retired.merge_into(command.surviving_id, self._at, command.revision)
            self._seat_anew(lines)
        return {}

    def follow_unmerge(self, command: FollowUnmerge) -> Mapping[str, Any]:
        """Messages about the retired one are theirs again, also those that stand in line."""
        lines = self._lines_of(command.surviving_id, command.retired_id)
        self._people.part(command.surviving_id, command.retired_id)
        self.patient(command.retired_id).separate(command.surviving_id, command.revision, self._at)
        self._seat_anew(lines)
        return {}

    def discard(self, command: DiscardMessage) -> Mapping[str, Any]:
        """Gives up a parked message; what stood behind it goes on. Raises ``MessageNotParked``."""
        message = self._unit.get(Message, command.message_id)
        note = None
        if command.note and message.state == PARKED:
            note = self._vault.seal(subject_of(message.raw), command.note, context=NOTE)
        message.discard(command.reason, note, self._at)
        self._lines.without(message)
        return {"message_id": str(message.id)}

    def forget(self, command: ForgetMessage) -> Mapping[str, Any]:
        """The retention of a message is over; its key is destroyed after this is stored. A message that is just being
        taken up is left alone, and so is a known participant's that is only held up."""
        message = self._unit.get(Message, command.message_id)
        awaited = message.state == HELD_UP and self._people.anybody(message.lookups)
        if awaited or message.state == ACCEPTED or not message.forget(self._at):
            return {"state": message.state}
        self._lines.without(message)
        return {"state": message.state, "destroy": subject_of(message.raw)}

    def patient(self, participant_id: UUID) -> Patient:
        """The participant's record here, made when it is needed first."""
        return self._people.patient(participant_id)

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

    def _place(self, message: Message, command: ApplyMessage, reading: Reading | None) -> Waiting:
        """The place that it has in line, or would have: under the numbers it was received with and those read now."""
        lookups = dict.fromkeys((*command.lookups, *message.lookups))
        place = self._lines.place(message.id, lookups) or Waiting(message.id, command.arrival, ())
        if reading is not None and reading.content is not None:
            lookups |= dict.fromkeys(self._people.lookups(reading.content.all_numbers))
        return replace(place, lookups=tuple(dict.fromkeys((*place.lookups, *lookups))))

    def _resolve(self, message: Message, place: Waiting, content: Content, hospital: Hospital) -> None:
        if self._lines.blocked(place):
            message.hold_up(self._at)
            return
        merge = content.merge
        surviving = self._people.participants(content.numbers)
        retired = self._people.participants(merge.retired if merge else ())
        if len(surviving) > 1 or len(retired) > 1:
            message.park([_TWO_PEOPLE.to_data()], self._at)
            return
        stranger = not surviving and not retired
        identities = self._people.identities(content.all_numbers)
        if stranger and not any(isinstance(fact, Referral) for fact in content.facts):
            self._hold(message, place.arrival, identities)
            return
        owner = next(iter(surviving or retired), message.candidate_id)
        if stranger:
            self.patient(owner)
        learned = any(one.participant_id is None for one in identities)
        self._link(identities, owner)
        if not stranger and self._lines.blocked(place):  # by a message that waited and can no longer be read
            message.hold_up(self._at)
            return
        self._meaning.tell(message, owner, content, hospital, stranger=stranger, learned=learned)
        retiring = next(iter(retired - {owner}), None)
        if retiring:
            self._merge(retiring, owner)
            message.merges(owner, retiring, self._at)
        self._applied(message, [owner, retiring] if retiring else [owner])

    def _hold(self, message: Message, arrival: int, identities: Iterable[Identity]) -> None:
        waiting = Waiting(message.id, arrival, tuple(identity.lookup for identity in identities))
        for identity in identities:
            identity.wait(waiting, self._at)
        message.hold(waiting.lookups, self._at)

    def _link(self, identities: Iterable[Identity], owner: UUID) -> int:
        """These numbers are the owner's from now on, and so are all numbers of the messages that waited under them."""
        together, waiting = self._people.waiting(one.lookup for one in identities if one.participant_id is None)
        for one in together:
            one.resolve(owner, self._at)
            self._lines.seat_anew(number(one.lookup))
        for place, message in waiting:
            if message.open:
                self._let_go(message, place, owner)
        return len(waiting)

    def _let_go(self, message: Message, place: Waiting, owner: UUID) -> None:
        """Applies what waited until its owner was known."""
        reading = None
        if self._lines.blocked(place):
            message.hold_up(self._at)
        else:
            reading = self._read(message)
        if reading is not None and reading.content is not None:
            self._meaning.tell(message, owner, reading.content, reading.hospital, released=True)
            self._applied(message, [owner])
        self._lines.settle(message, place)

    def _merge(self, retired: UUID, surviving: UUID) -> None:
        lines = self._lines_of(retired)
        self.patient(retired).merge_into(surviving, self._at)
        self._seat_anew(lines)

    def _lines_of(self, *participants: UUID) -> set[str]:
        """The lines in which messages about them stand."""
        return {participant(self._people.alias(one)) for one in participants}

    def _seat_anew(self, lines: Iterable[str]) -> None:
        for who in sorted(lines):
            self._lines.seat_anew(who)

    def _applied(self, message: Message, participants: list[UUID]) -> None:
        message.applied(participants, self._at)
        self._owners[subject_of(message.raw)] = [str(one) for one in participants]
