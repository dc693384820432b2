"""What is made of the bytes of a message before it is stored: read, translated, answered, sealed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from events.log.vault import Vault
from services.interop.acknowledgment import Addressed, acknowledge, code_for, outcome
from services.interop.domain.commands import Arrival
from services.interop.domain.facts import Content, HospitalNumber
from services.interop.domain.ids import message_id, unreadable_id
from services.interop.domain.message import Message
from services.interop.er7 import Unreadable, read
from services.interop.mapping import UNKNOWN, Hospital, Mappings
from services.interop.places import RAW, RAWS
from services.interop.stock import KeyStock
from services.interop.translate import (
    FhirOptions,
    Trouble,
    Untranslatable,
    header_troubles,
    identifier_systems,
    translate,
    translate_bundle,
)
from services.interop.translate.problems import DATA_TYPE, DUPLICATE_KEY, INTERNAL, UNKNOWN_KEY

ER7, FHIR = "er7", "fhir"


REUSED = Trouble(DUPLICATE_KEY, "this control id was used for another message", field=10)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes from a transport, ER7 or FHIR JSON, with what the caller of an HTTP request added."""

    raw: bytes
    transport: str
    form: str = ER7
    hospital: str | None = None
    options: FhirOptions = field(default_factory=FhirOptions)


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be made of the bytes."""

    hospital: Hospital
    sender: str
    control_id: str
    message_type: str
    to: Addressed
    content: Content | None
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that has only to be stored."""

    arrival: Arrival
    reading: Reading
    at: datetime

    def refusal(self, second: UUID) -> str | None:
        """The acknowledgment where its control id turns out to be another message's; ``second``: its id then."""
        to, mode = self.reading.to, self.reading.hospital.acknowledgment
        return _written(code_for("AE", to, mode), to, (REUSED,), self.at, second)


class Examiner:
    """Reads messages by the mappings. Pure but for the vault's keyed hashes and seals."""

    def __init__(self, mappings: Mappings, vault: Vault) -> None:
        self.mappings = mappings
        self._vault = vault
        self.keys = KeyStock(vault)

    def lookup(self, number: HospitalNumber) -> str:
        """The keyed hash under which a number is known in every service: of authority and number."""
        return self._vault.lookup(number.authority, number.number)

    def examine(self, incoming: Incoming, at: datetime) -> Reading:
        """Never raises: what is wrong with the message, or with us, is among the troubles."""
        try:
            return self._examine_fhir(incoming, at) if incoming.form == FHIR else self._examine_er7(incoming.raw)
        except Exception:  # a fault of ours must not lose a message: it is kept, parked, and can be replayed
            trouble = Trouble(INTERNAL, "the message could not be examined; it is kept")
            return Reading(UNKNOWN, "", "", "", Addressed(), None, (trouble,))

    def _examine_er7(self, raw: bytes) -> Reading:
        try:
            message = read(raw)
            hospital = self.mappings.of_sender(*message.sender) or UNKNOWN
            if hospital.charset != "utf-8":
                message = read(raw, hospital.charset)
        except Unreadable as error:
            trouble = Trouble(DATA_TYPE, error.reason, error.segment, field=error.field)
            return Reading(UNKNOWN, "", "", "", Addressed(), None, (trouble,))
        troubles = header_troubles(message, hospital)
        if hospital is UNKNOWN:
            troubles.insert(0, Trouble(UNKNOWN_KEY, "no mapping file names this sender", field=3))
        content = None
        if not troubles:
            try:
                content = translate(message, hospital)
            except Untranslatable as error:
                troubles = [error.trouble]
        sender, type_ = _plain("|".join(message.sender)), _plain(message.type)
        control_id = _plain(message.control_id)
        return Reading(hospital, sender, control_id, type_, Addressed.of(message), content, tuple(troubles))

    def _examine_fhir(self, incoming: Incoming, at: datetime) -> Reading:
        sha256 = hashlib.sha256(incoming.raw).hexdigest()
        try:
            bundle = json.loads(incoming.raw)
        except (ValueError, RecursionError):
            trouble = Trouble(DATA_TYPE, "Bundle: not JSON", "Bundle")
            return Reading(UNKNOWN, "", "", "FHIR^Bundle", Addressed(), None, (trouble,))
        hospital = self.mappings.fhir_source(incoming.hospital, identifier_systems(bundle))
        if hospital is None:
            trouble = Trouble(UNKNOWN_KEY, "Patient.identifier: no mapping file fits; name the hospital", "Patient")
            return Reading(UNKNOWN, "", "", "FHIR^Bundle", Addressed(), None, (trouble,))
        control_id = _plain(_bundle_id(bundle)) or sha256[:32]
        try:
            content = translate_bundle(bundle, hospital, incoming.options, at)
        except Untranslatable as error:
            troubles = (error.trouble,)
            return Reading(hospital, hospital.name, control_id, "FHIR^Bundle", Addressed(), None, troubles)
        return Reading(hospital, hospital.name, control_id, content.type, Addressed(), content, ())

    def ready(self, incoming: Incoming, at: datetime) -> Ready:
        """Examined, the acknowledgment written, the bytes sealed: all that can be done before it is stored."""
        reading = self.examine(incoming, at)
        return Ready(self._arrival(incoming, reading, at), reading, at)

    def _arrival(self, incoming: Incoming, reading: Reading, at: datetime) -> Arrival:
        sha256 = hashlib.sha256(incoming.raw).hexdigest()
        first = _first_id(reading, sha256)
        result = outcome(reading.troubles)
        mode = reading.hospital.acknowledgment
        lookups = tuple(self.lookup(one) for one in reading.content.all_numbers) if reading.content else ()
        return Arrival(
            id=first,
            patient=min(lookups, default=str(first)),
            hospital=reading.hospital.name,
            sender=reading.sender,
            control_id=reading.control_id,
            message_type=reading.message_type,
            form=incoming.form,
            transport=incoming.transport,
            sha256=sha256,
            size=len(incoming.raw),
            raw=self._seal(incoming),
            supported=reading.content is None or reading.content.supported,
            troubles=tuple(trouble.to_data() for trouble in reading.troubles),
            ack_code=result,
            ack=_written(code_for(result, reading.to, mode), reading.to, reading.troubles, at, first),
            lookups=lookups,
            candidate_id=uuid4(),
            expires_at=at + timedelta(days=reading.hospital.retention_days),
        )

    def _seal(self, incoming: Incoming) -> str:
        """The bytes as Latin-1 text, which is lossless, with the caller's options, sealed under a key of their own."""
        options = incoming.options
        kept = {
            "raw": incoming.raw.decode("latin-1"),
            "hospital": incoming.hospital,
            "reason": options.reason,
            "urgency": options.urgency,
            "from_level_of_care": options.from_level_of_care,
        }
        return self._vault.seal(self.keys.take(), kept, context=RAW)

    def unseal(self, message: Message) -> Incoming | None:
        """What was sealed; none where the key is destroyed."""
        kept = self._vault.open(message.raw, context=RAWS)
        if not kept:
            return None
        options = FhirOptions(kept["reason"], kept["urgency"], kept["from_level_of_care"])
        return Incoming(kept["raw"].encode("latin-1"), "", message.form, kept["hospital"], options)


def _written(code: str | None, to: Addressed, troubles: Sequence[Trouble], at: datetime, message: UUID) -> str | None:
    return acknowledge(code, to, troubles, at, message).decode() if code else None


def _first_id(reading: Reading, sha256: str) -> UUID:
    if not reading.control_id:
        return unreadable_id(sha256)
    return message_id(reading.sender, reading.control_id)


def _plain(text: str) -> str:
    """Header text fit for any database and any screen: printable, at most 200 characters."""
    text = text[:200]
    return text if text.isprintable() else "".join(one if one.isprintable() else "?" for one in text)


def _bundle_id(bundle: Any) -> str:
    identifier = bundle.get("identifier") if isinstance(bundle, dict) else None
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return value if isinstance(value, str) else ""
