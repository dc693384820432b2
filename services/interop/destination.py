"""Where a hospital is told things, as its mapping file says: ``send``."""

import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

SENDABLE = ("ADT^A03", "ADT^A04", "SIU^S12", "SIU^S14", "SIU^S15", "SIU^S26")
_FILES = ("tls_authority", "tls_certificate", "tls_private_key")


class UnusableFile(ValueError):
    """A file that a mapping names cannot be used: the text names key and reason."""


@dataclass(frozen=True)
class Destination:
    """Where messages to a hospital go: over MLLP, to the exchange ``hospital.out``, or both.

    ``tls_authority``: PEM file of who vouches for the hospital's certificate, the system's authorities where there is
    none; ``tls_certificate`` and ``tls_private_key``: what Daybook shows of itself where the hospital asks for it."""

    application: str
    facility: str
    messages: frozenset[str]
    mllp: tuple[str, int] | None
    amqp: bool
    tls: bool
    tls_authority: Path | None
    tls_certificate: Path | None
    tls_private_key: Path | None
    timeout_seconds: float
    attempts: int
    give_up_hours: float

    def tls_context(self) -> ssl.SSLContext | None:
        """How to talk to the hospital: its certificate and its host name are verified. None without TLS.

        Raises ``OSError``, also as ``ssl.SSLError``, where a file is none that can be used."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.tls_authority)
        if self.tls_certificate is not None:
            context.load_cert_chain(self.tls_certificate, self.tls_private_key)
        return context

    def beside(self, folder: Path) -> "Destination":
        """With its files looked for in the folder of the mapping file. Raises ``UnusableFile``."""
        files = {key: folder / file for key in _FILES if (file := getattr(self, key)) is not None}
        for key, file in files.items():
            if not file.is_file():
                raise UnusableFile(f"{key}: there is no file {file}")
        found = replace(self, **files)
        try:
            found.tls_context()
        except OSError as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            fact = f"no PEM files that can be used, or not those of one another ({reason})"
            raise UnusableFile(f"{', '.join(files)}: {fact}") from None
        return found


class DestinationSchema(Schema):
    application = fields.String(required=True)
    facility = fields.String(required=True)
    messages = fields.List(fields.String(validate=validate.OneOf(SENDABLE)), load_default=list(SENDABLE))
    mllp = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[^\s:]+:\d{1,5}$", error="has to be HOST:PORT"),
    )
    amqp = fields.Boolean(load_default=False)
    tls = fields.Boolean(load_default=False)
    tls_authority = fields.String(load_default=None)
    tls_certificate = fields.String(load_default=None)
    tls_private_key = fields.String(load_default=None)
    timeout_seconds = fields.Float(load_default=10.0, validate=validate.Range(min=0.1, max=600))
    attempts = fields.Integer(load_default=8, validate=validate.Range(min=1, max=1000))
    give_up_hours = fields.Float(load_default=24.0, validate=validate.Range(min=0.01, max=8760))

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Destination:
        place = data.pop("mllp")
        host, _colon, port = (place or "").rpartition(":")
        if not place and not data["amqp"]:
            raise ValidationError("says what to send but not where: give mllp: HOST:PORT, or amqp: true")
        _check_tls(data)
        return Destination(
            **{
                **data,
                **{key: Path(data[key]) for key in _FILES if data[key] is not None},
                "messages": frozenset(data["messages"]),
                "mllp": (host, int(port)) if place else None,
            }
        )


def _check_tls(data: dict[str, Any]) -> None:
    for key in _FILES:
        if data[key] is not None and not data["tls"]:
            raise ValidationError({key: "needs tls: true"})
    if data["tls_private_key"] is not None and data["tls_certificate"] is None:
        raise ValidationError({"tls_private_key": "needs its tls_certificate"})
