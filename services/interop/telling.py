"""What hospitals are told: due when something happened, written when the person's number there is known."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.contract.places import NUMBERS, PERSONS
from events.log.commands import Unit
from events.log.vault import Vault
from services.interop.composing import compose
from services.interop.domain.commands import CorrectNoShow, TellHospitals
from services.interop.domain.ids import notice_id
from services.interop.domain.notice import DUE, Notice
from services.interop.domain.patient import Patient
from services.interop.mapping import Hospital, Mappings
from services.interop.places import CONTENT

NO_SHOW, CORRECTED = "SIU^S26", "SIU^S14"


class Telling:
    """Decides inside one unit."""

    def __init__(self, unit: Unit, mappings: Mappings, vault: Vault) -> None:
        self._unit = unit
        self._mappings = mappings
        self._vault = vault
        self._at = unit.context.at

    def tell(self, command: TellHospitals) -> Mapping[str, Any]:
        """One notice for each hospital that wants this kind of message; none twice for the same cause."""
        made = []
        for hospital in self._mappings.receivers(command.message_type):
            which = notice_id(hospital.name, f"{command.message_type}/{command.about}")
            if self._unit.find(Notice, which) is None:
                self._due(which, command.participant_id, hospital, command.message_type, command.facts)
                made.append(str(which))
        return {"notices": made}

    def correct_no_show(self, command: CorrectNoShow) -> Mapping[str, Any]:
        """A no-show that was told and is none after all is told again as a modified appointment (S14) with its true
        status; one found out late is told as a no-show."""
        made = []
        for hospital in self._mappings.receivers(NO_SHOW):
            first = notice_id(hospital.name, f"{NO_SHOW}/{command.booking_id}")
            told = self._unit.find(Notice, first) is not None
            if command.status == "no_show":
                which, kind = (notice_id(hospital.name, f"{NO_SHOW}/{command.about}") if told else first), NO_SHOW
            elif told:
                which, kind = notice_id(hospital.name, f"{CORRECTED}/{command.about}"), CORRECTED
            else:
                continue
            if self._unit.find(Notice, which) is None:
                self._due(which, command.participant_id, hospital, kind, command.facts)
                made.append(str(which))
        return {"notices": made}

    def catch_up(self, patient: Patient) -> None:
        """Writes what was postponed, hospital by hospital in order, as far as it can be written now."""
        stuck: set[str] = set()
        for which, name in list(patient.postponed.items()):
            notice = self._unit.get(Notice, which)
            hospital = self._mappings.named(name)
            if name in stuck or hospital is None or not self._write(notice, patient, hospital):
                stuck.add(name)
            else:
                patient.take_up(which, self._at)

    def _due(
        self, which: UUID, participant_id: UUID, hospital: Hospital, message_type: str, facts: Mapping[str, Any]
    ) -> None:
        patient = self._patient(participant_id)
        notice = self._unit.add(
            Notice.due(
                which,
                participant_id,
                hospital=hospital.name,
                message_type=message_type,
                facts=facts,
                at=self._at,
            )
        )
        waits = hospital.name in patient.postponed.values()
        if waits or not self._write(notice, patient, hospital):
            patient.postpone(which, hospital.name, self._at)

    def _write(self, notice: Notice, patient: Patient, hospital: Hospital) -> bool:
        """Whether it could be written: the person and a number at this hospital are known, and not erased."""
        whose = str(patient.id)
        person = self._vault.open(patient.person, subject=whose, context=PERSONS) if patient.person else None
        numbers = self._numbers(patient, hospital)
        if notice.state != DUE or not person or not numbers or hospital.send is None:
            return False
        control_id = f"DB{notice.id.hex[:18].upper()}"
        content = compose(
            notice.message_type,
            control_id,
            hospital.send,
            person=person,
            numbers=numbers,
            facts=notice.facts,
            at=self._at,
        )
        sealed = self._vault.seal(str(notice.participant_id), content.decode(), context=CONTENT)
        notice.write(control_id, sealed, self._at)
        return True

    def _numbers(self, patient: Patient, hospital: Hospital) -> list[tuple[str, str]]:
        """(number, authority as the hospital writes it) for its own authorities."""
        theirs: dict[str, str] = {}
        for written, ours in hospital.authorities.items():
            theirs.setdefault(ours, written)
        if hospital.default_authority:
            theirs.setdefault(hospital.default_authority, "")
        found = []
        for identifier in patient.identifiers:
            number = self._vault.open(identifier.number, context=NUMBERS) if identifier.number else None
            if number and identifier.authority in theirs:
                found.append((str(number), theirs[identifier.authority]))
        return found

    def _patient(self, participant_id: UUID) -> Patient:
        return self._unit.find(Patient, participant_id) or self._unit.add(Patient.know(participant_id, self._at))
