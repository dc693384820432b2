"""What the hospital gateway publishes. Hospital messages themselves never leave it."""

from marshmallow import Schema, fields, validate

from events.contract.fields import (
    Event,
    Identifier,
    optional_instant,
    optional_text,
    required_id,
    required_instant,
    required_text,
    sealed,
)
from events.contract.registry import published


class FromHospital(Event):
    participant_id = required_id("Whom the message concerns")
    message_id = required_id("The stored hospital message it came from")
    stated_at = optional_instant("When the hospital stated it (EVN-6, EVN-2 or MSH-7), which orders its statements")


class Problem(Schema):
    code = required_text("Diagnosis code")
    system = required_text("Code system: icd_10, snomed_ct or the sender's own")
    display = optional_text("Left empty since texts are not told; before, the code's text as the sender wrote it")


@published("interop.referral_received")
class ReferralReceived(FromHospital):
    referral_id = required_id("The referral")
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    person = sealed("Name, birth date, sex and contacts, sealed under the participant's key")
    problems = fields.List(fields.Nested(Problem), required=True)
    reason = sealed("Why they are referred, in the referrer's words, sealed under the participant's key")
    urgency = required_text("routine, urgent or emergency")
    from_level_of_care = optional_text("Level of care they come from")
    source = required_text("The sending hospital, by its mapping name")


@published("interop.person_updated")
class PersonUpdated(FromHospital):
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    person = sealed("As in referral_received")


@published("interop.hospitalization_started")
class HospitalizationStarted(FromHospital):
    hospitalization_id = required_id("One inpatient stay, the same for all messages about it")
    started_at = required_instant("Admission to the hospital")


@published("interop.hospitalization_ended")
class HospitalizationEnded(FromHospital):
    hospitalization_id = required_id("The stay")
    ended_at = required_instant("Discharge from the hospital")


@published("interop.hospitalization_start_cancelled")
class HospitalizationStartCancelled(FromHospital):
    """ADT A11: the admission never was."""

    hospitalization_id = required_id("The stay")


@published("interop.hospitalization_end_cancelled")
class HospitalizationEndCancelled(FromHospital):
    """ADT A13: the discharge never was."""

    hospitalization_id = required_id("The stay")


@published("interop.identities_merged", key="told_to")
class IdentitiesMerged(Event):
    """ADT A40. Told once under each key."""

    told_to = required_id("The key: the surviving or the retired participant")
    surviving_id = required_id("The participant who stays")
    retired_id = required_id("Now an alias of the survivor")
    message_id = required_id("The stored hospital message it came from")


@published("interop.medication_reported")
class MedicationReported(FromHospital):
    """One medication as a source has it: a hospital order (RDE) or a list (FHIR bundle)."""

    order_id = required_text("The source's identifier of the order or statement")
    source = required_text("hospital_order or fhir_list, and the sender by its mapping name")
    status = fields.String(required=True, validate=validate.OneOf(("active", "changed", "stopped")))
    code = optional_text("Medication code")
    system = optional_text("Code system, rxnorm where given")
    name = required_text("Medication name as the source writes it")
    dose = optional_text("Dose with unit")
    frequency = optional_text("How often")
    route = optional_text("By which route")
    reported_at = required_instant("When the source stated it")


@published("interop.observation_reported")
class ObservationReported(FromHospital):
    """One result (ORU R01) about a participant."""

    observation_id = required_id("The result")
    code = required_text("Observation code")
    system = required_text("Code system, loinc where given")
    value = optional_text("A number, a code, or a word such as positive or not detected; empty where it is text")
    value_system = optional_text("Code system of a value that is a code")
    unit = optional_text("Its unit")
    abnormal = optional_text("Abnormal flag as sent")
    observed_at = required_instant("When it was observed")


@published("interop.hospital_told")
class HospitalTold(Event):
    """An outbound hospital message was acknowledged."""

    participant_id = required_id("Whom it concerned")
    message_type = required_text("For example ADT^A04")
    hospital = required_text("The receiver by its mapping name")
    told_at = required_instant("When it was acknowledged")
