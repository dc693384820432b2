"""Certificates that a test makes for itself: an authority, and what it issues."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """PEM files of a certificate and its private key."""

    certificate: Path
    private_key: Path


class Authority:
    """Vouches for certificates; ``certificate`` is what those who trust it need."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._stem, self._issued = folder, name, 0
        self._name = _named(f"Authority {name}")
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._signed(_named(f"Authority {name}"), self._key.public_key(), ca=True)
        self.certificate = folder / f"{name}.pem"
        self.certificate.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, expired: bool = False) -> Issued:
        """For a host name, an address or a client of this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(_named(name), key.public_key(), host=name, expired=expired)
        self._issued += 1
        found = Issued(self._file(f"{self._issued}.pem"), self._file(f"{self._issued}.key"))
        found.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        found.private_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return found

    def _file(self, name: str) -> Path:
        return self._folder / f"{self._stem}-{name}"

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        ca: bool = False,
        host: str = "",
        expired: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 3 * DAY)
            .not_valid_after(now - DAY if expired else now + DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(host)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
