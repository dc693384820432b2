"""``hl7 read``: what Daybook makes of messages in files, offline, storing nothing."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.interop.acknowledgment import outcome
from services.interop.er7 import Unreadable, read, split_messages
from services.interop.mapping import UNKNOWN, Mappings
from services.interop.translate import (
    FhirOptions,
    Trouble,
    Untranslatable,
    header_troubles,
    identifier_systems,
    translate_bundle,
)
from services.interop.translate import translate as translate_message
from services.interop.translate.problems import DATA_TYPE


@dataclass
class Summary:
    """``rejected``: how many of the messages would be answered AE or AR."""

    messages: int = 0
    read: int = 0
    rejected: int = 0

    def to_data(self) -> dict[str, int]:
        return {"messages": self.messages, "read": self.read, "rejected": self.rejected}


def read_files(
    paths: Iterable[Path | str], mappings: Mappings | None = None, summary: Summary | None = None
) -> Iterator[dict[str, Any]]:
    """One answer a message: file, index (from 1), type, control_id, sender, segments (how many), ack, errors.

    ``mappings`` tells accepted versions and known identifiers of a sender; one without is read by the standard.
    ``summary`` is counted up. Never raises for what a file holds; a file that cannot be opened is an answer too."""
    counts = summary if summary is not None else Summary()
    for path in paths:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            counts.messages += 1
            counts.rejected += 1
            yield _answer(path, 0, [Trouble(DATA_TYPE, f"cannot be opened: {error.strerror}")])
            continue
        for index, piece in enumerate(_pieces(data), start=1):
            answer = read_one(piece, path, index, mappings)
            counts.messages += 1
            counts.rejected += answer["ack"] != "AA"
            counts.read += answer["segments"] > 0
            yield answer


def read_one(raw: bytes, path: Path | str, index: int, mappings: Mappings | None = None) -> dict[str, Any]:
    """The answer for one message."""
    if raw.lstrip()[:1] == b"{":
        return _read_fhir(raw, path, index, mappings)
    try:
        message = read(raw)
    except Unreadable as error:
        return _answer(path, index, [Trouble(DATA_TYPE, error.reason, error.segment, field=error.field)])
    hospital = (mappings.of_sender(*message.sender) if mappings else None) or UNKNOWN
    troubles = header_troubles(message, hospital)
    if not troubles:
        try:
            translate_message(message, hospital)
        except Untranslatable as error:
            troubles = [error.trouble]
    return _answer(path, index, troubles) | {
        "type": message.type,
        "control_id": message.control_id,
        "sender": "|".join(message.sender),
        "segments": len(message.segments),
    }


def _pieces(data: bytes) -> Iterator[bytes]:
    if data.lstrip()[:1] == b"{":
        yield data
    else:
        yield from split_messages(data)


def _read_fhir(raw: bytes, path: Path | str, index: int, mappings: Mappings | None) -> dict[str, Any]:
    try:
        bundle = json.loads(raw)
        source = mappings.fhir_source(None, identifier_systems(bundle)) if mappings else None
        content = translate_bundle(bundle, source or UNKNOWN, FhirOptions(), datetime.now(UTC))
    except (ValueError, RecursionError):
        return _answer(path, index, [Trouble(DATA_TYPE, "neither HL7 v2 nor JSON", "Bundle")])
    except Untranslatable as error:
        return _answer(path, index, [error.trouble])
    name = source.name if source else ""
    return _answer(path, index, []) | {"type": content.type, "sender": name, "segments": len(bundle.get("entry", [{}]))}


def _answer(path: Path | str, index: int, troubles: list[Trouble]) -> dict[str, Any]:
    return {
        "file": str(path),
        "index": index,
        "type": "",
        "control_id": "",
        "sender": "",
        "segments": 0,
        "ack": outcome(troubles),
        "errors": [trouble.to_data() for trouble in troubles],
    }
