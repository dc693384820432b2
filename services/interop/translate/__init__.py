"""From a hospital's format to what it says: ``translate`` for HL7 v2, ``translate_bundle`` for FHIR R4."""

from collections.abc import Callable, Mapping

from services.interop.domain.facts import Content
from services.interop.er7 import Message
from services.interop.mapping import Hospital
from services.interop.translate import adt, orders, results
from services.interop.translate.fhir import FhirOptions, identifier_systems, translate_bundle
from services.interop.translate.problems import (
    REQUIRED_FIELD,
    UNSUPPORTED_PROCESSING_ID,
    UNSUPPORTED_TYPE,
    UNSUPPORTED_VERSION,
    Trouble,
    Untranslatable,
)

__all__ = [
    "HANDLED",
    "FhirOptions",
    "Trouble",
    "Untranslatable",
    "header_troubles",
    "identifier_systems",
    "translate",
    "translate_bundle",
]

HANDLED: Mapping[str, Callable[[Message, Hospital], Content]] = {
    "ADT^A01": adt.stay,
    "ADT^A03": adt.stay,
    "ADT^A11": adt.stay,
    "ADT^A13": adt.stay,
    "ADT^A04": adt.registration,
    "ADT^A28": adt.registration,
    "ADT^A08": adt.demographics,
    "ADT^A31": adt.demographics,
    "ADT^A40": adt.merge,
    "RDE^O11": orders.orders,
    "ORU^R01": results.results,
}
"""The message types that Daybook acts on. Any other good message is kept and acknowledged as unsupported."""


def header_troubles(message: Message, hospital: Hospital) -> list[Trouble]:
    """What forbids to accept it at all (HL7 v2.9 chapter 2.9.2.2: version, processing id, type, control id)."""
    troubles = []
    if not message.code:
        troubles.append(Trouble(REQUIRED_FIELD, "no message type", field=9))
    if not message.control_id:
        troubles.append(Trouble(REQUIRED_FIELD, "no message control id", field=10))
    if message.version not in hospital.versions:
        known = ", ".join(sorted(hospital.versions))
        troubles.append(Trouble(UNSUPPORTED_VERSION, f"accepted versions are {known}", field=12, severity="R"))
    if message.header.value(11, 1) not in hospital.processing_ids:
        known = ", ".join(sorted(hospital.processing_ids))
        reason = f"accepted processing ids are {known}"
        troubles.append(Trouble(UNSUPPORTED_PROCESSING_ID, reason, field=11, severity="R"))
    if message.type in hospital.refused_types:
        troubles.append(Trouble(UNSUPPORTED_TYPE, "this message type is not accepted", field=9, severity="R"))
    return troubles


def translate(message: Message, hospital: Hospital) -> Content:
    """What an accepted message says. Raises ``Untranslatable``."""
    handler = HANDLED.get(message.type)
    return handler(message, hospital) if handler else Content(message.type, supported=False)
