"""What is particular to each hospital, as data: a YAML file each, checked at start, changed without a release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.interop.destination import Destination, DestinationSchema, UnusableFile
from services.interop.er7.charset import codec_of
from services.platform.strict_yaml import UnreadableYaml, read_yaml

SHIPPED = Path(__file__).with_name("mappings")
"""The mapping files that come with Daybook."""

VERSIONS = ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9")


class MappingError(ValueError):
    """A mapping file is wrong: the text names the file, the key and the reason."""


@dataclass(frozen=True)
class Sender:
    """MSH-3.1 and MSH-4.1 of a hospital's messages; ``*`` stands for any."""

    application: str
    facility: str

    def matches(self, application: str, facility: str) -> bool:
        return self.application in ("*", application) and self.facility in ("*", facility)


@dataclass(frozen=True)
class Hospital:
    """One hospital's mapping."""

    name: str
    senders: tuple[Sender, ...]
    authorities: Mapping[str, str]
    default_authority: str | None
    ignored_identifier_types: frozenset[str]
    code_systems: Mapping[str, str]
    versions: frozenset[str]
    processing_ids: frozenset[str]
    refused_types: frozenset[str]
    acknowledgment: str
    charset: str
    time_zone: str
    retention_days: int
    refers: bool
    inpatient_classes: frozenset[str]
    fhir: bool
    send: Destination | None

    def authority(self, name: str) -> str | None:
        """Daybook's name of an assigning authority as the hospital writes it; none where an identifier without one
        cannot be attributed."""
        if not name:
            return self.default_authority
        return self.authorities.get(name, f"{self.name}/{name}")


UNKNOWN = Hospital(
    name="unknown",
    senders=(),
    authorities={},
    default_authority="unknown",
    ignored_identifier_types=frozenset(),
    code_systems={},
    versions=frozenset(VERSIONS),
    processing_ids=frozenset("PTD"),
    refused_types=frozenset(),
    acknowledgment="as_asked",
    charset="utf-8",
    time_zone="UTC",
    retention_days=30,
    refers=False,
    inpatient_classes=frozenset("I"),
    fhir=False,
    send=None,
)
"""Stands in for a sender without a mapping: its messages are read, kept and refused."""


@dataclass(frozen=True)
class Mappings:
    """All hospitals."""

    hospitals: tuple[Hospital, ...]

    def of_sender(self, application: str, facility: str) -> Hospital | None:
        """The hospital whose file names this sender; exact names before wildcards."""
        found = [
            (("*" in (sender.application, sender.facility)), hospital)
            for hospital in self.hospitals
            for sender in hospital.senders
            if sender.matches(application, facility)
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def named(self, name: str) -> Hospital | None:
        return next((hospital for hospital in self.hospitals if hospital.name == name), None)

    def fhir_source(self, name: str | None, systems: Iterable[str] = ()) -> Hospital | None:
        """The hospital a FHIR bundle comes from: the one named, else the one that knows most of the patient's
        identifier systems, else the only one that sends FHIR."""
        if name is not None:
            return self.named(name)
        sources = [hospital for hospital in self.hospitals if hospital.fhir]
        known = [(sum(system in one.authorities for system in systems), one) for one in sources]
        best = max(known, key=lambda pair: pair[0], default=(0, None))
        if best[0]:
            return best[1]
        return sources[0] if len(sources) == 1 else None

    def receivers(self, message_type: str) -> list[Hospital]:
        """The hospitals that want this kind of message, by name."""
        return [one for one in self.hospitals if one.send is not None and message_type in one.send.messages]


def load_mappings(folders: Iterable[Path] = (SHIPPED,)) -> Mappings:
    """Every ``*.yaml`` of the folders; a later folder's hospital replaces an earlier one of the same name.

    Raises ``MappingError`` naming file, key and reason."""
    hospitals: dict[str, Hospital] = {}
    origin: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise MappingError(f"{folder}: no such folder of hospital mappings")
        for path in sorted(folder.glob("*.yaml")):
            hospital = load_mapping(path)
            if hospital.name in origin and origin[hospital.name].parent == folder:
                raise MappingError(f"{path}: name: {hospital.name} is taken by {origin[hospital.name].name}")
            hospitals[hospital.name], origin[hospital.name] = hospital, path
    seen: dict[Sender, str] = {}
    for hospital in hospitals.values():
        for sender in hospital.senders:
            if sender in seen:
                path = origin[hospital.name]
                raise MappingError(
                    f"{path}: senders: {sender.application}|{sender.facility} is {seen[sender]}'s already"
                )
            seen[sender] = hospital.name
    return Mappings(tuple(hospitals.values()))


def load_mapping(path: Path) -> Hospital:
    """One file. Raises ``MappingError``."""
    try:
        content = read_yaml(path)
    except UnreadableYaml as error:
        raise MappingError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise MappingError(f"{path}: has to hold keys and values, such as name: general-hospital")
    try:
        hospital = _HospitalSchema().load(content)
    except ValidationError as error:
        key, reason = _first(error.messages)
        raise MappingError(f"{path}: {key}: {reason}") from None
    assert isinstance(hospital, Hospital)
    if hospital.send is None:
        return hospital
    try:
        return replace(hospital, send=hospital.send.beside(path.parent))
    except UnusableFile as error:
        raise MappingError(f"{path}: send.{error}") from None


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, f"{path}.{key}" if path else str(key))
    return path, str(messages[0] if isinstance(messages, list) else messages)


def _known_charset(name: str) -> None:
    if codec_of(name) is None:
        raise ValidationError(f"{name} is no character set that can be read; utf-8, latin-1 and 8859/15 are some")


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(f"{name} is no IANA time zone; America/New_York is one") from None


_NAME = validate.Regexp(r"^[a-z][a-z0-9-]{1,39}$", error="has to be a short name of a-z, 0-9 and -")


class _SenderSchema(Schema):
    application = fields.String(required=True)
    facility = fields.String(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Sender:
        return Sender(**data)


class _HospitalSchema(Schema):
    name = fields.String(required=True, validate=_NAME)
    senders = fields.List(fields.Nested(_SenderSchema), load_default=[])
    authorities = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(min=1)), load_default={}
    )
    default_authority = fields.String(load_default=None, allow_none=True)
    ignored_identifier_types = fields.List(fields.String(), load_default=["AN", "VN"])
    code_systems = fields.Dict(keys=fields.String(), values=fields.String(), load_default={})
    versions = fields.List(fields.String(validate=validate.OneOf(VERSIONS)), load_default=list(VERSIONS))
    processing_ids = fields.List(fields.String(validate=validate.OneOf("PTD")), load_default=["P"])
    refused_types = fields.List(fields.String(), load_default=[])
    acknowledgment = fields.String(load_default="as_asked", validate=validate.OneOf(("as_asked", "original")))
    charset = fields.String(load_default="utf-8", validate=_known_charset)
    time_zone = fields.String(load_default="UTC", validate=_known_zone)
    retention_days = fields.Integer(load_default=30, validate=validate.Range(min=0, max=3650))
    refers = fields.Boolean(load_default=False)
    inpatient_classes = fields.List(fields.String(), load_default=["I"])
    fhir = fields.Boolean(load_default=False)
    send = fields.Nested(DestinationSchema, load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Hospital:
        sets = ("ignored_identifier_types", "versions", "processing_ids", "refused_types", "inpatient_classes")
        data = {**data, **{name: frozenset(data[name]) for name in sets}}
        if not data["senders"] and not data["fhir"]:
            raise ValidationError({"senders": "name at least one sender, or set fhir: true"})
        return Hospital(**{**data, "senders": tuple(data["senders"])})
