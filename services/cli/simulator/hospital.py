"""What the sample hospital sends: referrals as FHIR R4 bundles, ADT, RDE and ORU messages as ER7 text."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.cli.simulator.model.medications import Medication
from services.cli.simulator.people import Person

APPLICATION, FACILITY, AUTHORITY = "RIVEREHR", "RIVERSIDE", "RIVERSIDE"
IDENTIFIER_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"


@dataclass
class Hospital:
    """Builds messages with control ids of its own, counting from 1."""

    sent: int = field(default=0)

    def admission(self, person: Person, visit: str, at: datetime) -> bytes:
        """ADT A01: admitted as an inpatient."""
        return self._adt("A01", person, visit, at, patient_class="I", admitted=at)

    def discharge(self, person: Person, visit: str, admitted: datetime, at: datetime) -> bytes:
        """ADT A03: discharged from the inpatient stay."""
        return self._adt("A03", person, visit, at, patient_class="I", admitted=admitted, discharged=at)

    def cancel_admission(self, person: Person, visit: str, at: datetime) -> bytes:
        """ADT A11: the admission never was."""
        return self._adt("A11", person, visit, at, patient_class="I", admitted=at)

    def cancel_discharge(self, person: Person, visit: str, admitted: datetime, at: datetime) -> bytes:
        """ADT A13: the discharge never was."""
        return self._adt("A13", person, visit, at, patient_class="I", admitted=admitted)

    def registration(self, person: Person, visit: str, at: datetime) -> bytes:
        """ADT A04: registered as an outpatient."""
        return self._adt("A04", person, visit, at, patient_class="O", admitted=at)

    def update(self, person: Person, visit: str, at: datetime) -> bytes:
        """ADT A08: demographics changed."""
        return self._adt("A08", person, visit, at, patient_class="O", admitted=at)

    def merge(self, survivor: Person, retired_number: str, at: datetime) -> bytes:
        """ADT A40: two numbers are one person."""
        segments = [
            *self._head("ADT^A40^ADT_A39", at),
            f"EVN|A40|{_stamp(at)}",
            _pid(survivor),
            f"MRG|{retired_number}^^^{AUTHORITY}^MR",
        ]
        return _er7(segments)

    def order(self, person: Person, order: str, medication: Medication, control: str, at: datetime) -> bytes:
        """RDE O11: a medication order; ``control`` is ORC-1 (NW new, XO changed, DC discontinued)."""
        coded = f"{medication.code}^{medication.name}^RXNORM"
        segments = [
            *self._head("RDE^O11^RDE_O11", at),
            _pid(person),
            f"ORC|{control}|{order}^RIVEREHR|||||||{_stamp(at)}",
            f"RXE|1^^^{_stamp(at)}|{coded}|{medication.dose}||{medication.unit}",
            f"TQ1|1||{medication.frequency}||||{_stamp(at)}",
            "RXR|PO^Oral^HL70162",
        ]
        return _er7(segments)

    def observation(self, person: Person, filler: str, value: str, at: datetime) -> bytes:
        """ORU R01: one laboratory result (a lithium level)."""
        segments = [
            *self._head("ORU^R01^ORU_R01", at),
            _pid(person),
            f"OBR|1||{filler}|14334-7^Lithium^LN|||{_stamp(at)}",
            f"OBX|1|NM|14334-7^Lithium^LN||{value}|mmol/L|0.6-1.2||||F|||{_stamp(at)}",
        ]
        return _er7(segments)

    def _adt(
        self,
        trigger: str,
        person: Person,
        visit: str,
        at: datetime,
        *,
        patient_class: str,
        admitted: datetime,
        discharged: datetime | None = None,
    ) -> bytes:
        location = "WARD4^12^A^RIVERSIDE" if patient_class == "I" else "CLINIC^^^RIVERSIDE"
        pv1 = [""] * 46
        pv1[0:4] = ["PV1", "1", patient_class, location]
        pv1[19] = visit
        pv1[44] = _stamp(admitted)
        pv1[45] = _stamp(discharged) if discharged else ""
        structure = {"A03": "ADT_A03", "A11": "ADT_A09"}.get(trigger, "ADT_A01")
        segments = [
            *self._head(f"ADT^{trigger}^{structure}", at),
            f"EVN|{trigger}|{_stamp(at)}",
            _pid(person),
            "|".join(pv1).rstrip("|"),
        ]
        return _er7(segments)

    def _head(self, message_type: str, at: datetime) -> list[str]:
        self.sent += 1
        control_id = f"RV{self.sent:06d}"
        addressed = f"MSH|^~\\&|{APPLICATION}|{FACILITY}|DAYBOOK|DAYBOOK|{_stamp(at)}|"
        return [f"{addressed}|{message_type}|{control_id}|P|2.5.1|||AL|NE||UNICODE UTF-8"]


def referral_bundle(
    person: Person,
    *,
    at: datetime,
    reason: str,
    problem: tuple[str, str],
    medications: tuple[Medication, ...],
    priority: str = "routine",
) -> dict[str, Any]:
    """A referral as a FHIR R4 transaction bundle: patient, problem, active medications and the request for service."""
    patient = "urn:uuid:patient"
    diagnosis = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": problem[0], "display": problem[1]}
    resources: list[tuple[str, dict[str, Any]]] = [
        (patient, _patient(person)),
        (
            "urn:uuid:problem",
            {
                "resourceType": "Condition",
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "code": {"coding": [diagnosis]},
                "subject": {"reference": patient},
            },
        ),
        (
            "urn:uuid:request",
            {
                "resourceType": "ServiceRequest",
                "status": "active",
                "intent": "order",
                "priority": priority,
                "code": {"text": "Intensive outpatient program"},
                "subject": {"reference": patient},
                "authoredOn": at.isoformat(),
                "reasonCode": [{"text": reason}],
            },
        ),
    ]
    for number, medication in enumerate(medications, 1):
        resources.append((f"urn:uuid:medication-{number}", _medication_request(medication, number, patient, at)))
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
            for url, resource in resources
        ],
    }


def _patient(person: Person) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [
            {
                "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
                "system": IDENTIFIER_SYSTEM,
                "value": person.number,
            }
        ],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": person.sex,
        "birthDate": person.birth_date.isoformat(),
        "telecom": [{"system": "phone", "value": person.phone, "use": "home"}],
        "address": [{"line": [person.street], "city": "Riverton", "country": "US"}],
    }


def _medication_request(medication: Medication, number: int, patient: str, at: datetime) -> dict[str, Any]:
    coding = {
        "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
        "code": medication.code,
        "display": medication.name,
    }
    return {
        "resourceType": "MedicationRequest",
        "identifier": [{"system": "urn:riverside:orders", "value": f"M{number}"}],
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [coding], "text": medication.name},
        "subject": {"reference": patient},
        "authoredOn": at.isoformat(),
        "dosageInstruction": [{"text": f"{medication.dose} {medication.unit} {medication.frequency}"}],
    }


def _pid(person: Person) -> str:
    sex = {"female": "F", "male": "M"}[person.sex]
    return (
        f"PID|1||{person.number}^^^{AUTHORITY}^MR||{person.family}^{person.given}||{person.birth_date:%Y%m%d}|{sex}|||"
        f"{person.street}^^Riverton||{person.phone}"
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}{at:%z}"


def _er7(segments: list[str]) -> bytes:
    return "".join(f"{segment}\r" for segment in segments).encode()
