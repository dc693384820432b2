"""Signed tokens: who acts, and in which roles. EdDSA (Ed25519) JSON Web Tokens, RFC 7519 and RFC 8037.

Whoever holds the private key may issue; services need the public key only.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

AUDIENCE = "daybook"
ISSUER = "daybook"
LEEWAY_SECONDS = 5
MAX_LENGTH = 4096
"""Longer than any token of ours; refused before it is parsed."""


class Role(StrEnum):
    """What a person or a program may be."""

    COORDINATOR = "coordinator"
    THERAPIST = "therapist"
    PRESCRIBER = "prescriber"
    PEER_LEAD = "peer_lead"
    FRONT_DESK = "front_desk"
    AUDITOR = "auditor"
    INTEGRATION = "integration"
    OPERATOR = "operator"


STAFF = frozenset({Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER, Role.PEER_LEAD, Role.FRONT_DESK})
"""Those who work with participants."""

READERS = STAFF | {Role.AUDITOR}
"""Those who may read clinical answers."""


class BadToken(Exception):
    """The token is not acceptable; the message says why and never repeats it."""


@dataclass(frozen=True)
class Identity:
    """Who acts. ``subject`` is a person's or program's id, never a name."""

    subject: str
    roles: frozenset[str]


class TokenIssuer:
    """Issues tokens with a private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def from_pem(cls, pem: bytes) -> "TokenIssuer":
        """Reads a PKCS #8 PEM. Raises ``BadToken`` for anything but an Ed25519 private key."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise BadToken("the token key is no unencrypted PEM private key; make one with `daybook secrets`") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise BadToken("the token key is no Ed25519 key; make one with `daybook secrets`")
        return cls(key)

    def issue(self, subject: str, roles: Iterable[str], now: datetime, lifetime: timedelta = timedelta(hours=8)) -> str:
        """A token for ``subject`` that expires ``lifetime`` after ``now``. Raises ``ValueError`` for a role unknown."""
        if not subject:
            raise ValueError("a token needs a subject: the id of the person or program who acts")
        named = sorted({Role(role).value for role in roles})
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": named,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA")

    def public_pem(self) -> bytes:
        """The public half, for those who verify."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class TokenVerifier:
    """Verifies tokens against one or more public keys, so that a key can be replaced while old tokens run out."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = tuple(keys)

    @classmethod
    def from_pem(cls, pem: bytes) -> "TokenVerifier":
        """Reads one or several concatenated PEM public keys. Raises ``BadToken``."""
        end = b"-----END PUBLIC KEY-----"
        keys = []
        for block in pem.split(end)[:-1]:
            try:
                key = load_pem_public_key(block + end)
            except ValueError:
                raise BadToken("the token's public key is no PEM public key") from None
            if not isinstance(key, Ed25519PublicKey):
                raise BadToken("the token's public key is no Ed25519 key")
            keys.append(key)
        if not keys:
            raise BadToken("the token's public key file holds no PEM public key")
        return cls(keys)

    def verify(self, token: str) -> Identity:
        """Who the token stands for. Raises ``BadToken``: expired, wrongly signed, malformed, of unknown roles."""
        if len(token) > MAX_LENGTH:
            raise BadToken("the token is too long")
        for index, key in enumerate(self._keys):
            try:
                return _identity(_decode(token, key))
            except jwt.InvalidSignatureError:
                if index == len(self._keys) - 1:
                    raise BadToken("the token's signature is not of this program's key") from None
            except jwt.ExpiredSignatureError:
                raise BadToken("the token has expired; get a new one") from None
            except jwt.InvalidTokenError:
                raise BadToken("the token is malformed or was issued for something else") from None
        raise BadToken("no key to verify tokens is configured")


def _decode(token: str, key: Ed25519PublicKey) -> dict[str, object]:
    # Always by the machine's clock: a simulated clock moves the program's time, not the lifetime of a credential.
    return jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience=AUDIENCE,
        issuer=ISSUER,
        leeway=LEEWAY_SECONDS,
        options={"require": ["sub", "exp", "iat", "roles"]},
    )


def _identity(claims: dict[str, object]) -> Identity:
    roles, subject = claims["roles"], claims["sub"]
    if not isinstance(roles, list) or not isinstance(subject, str) or not subject:
        raise BadToken("the token's subject or roles are malformed")
    try:
        return Identity(subject, frozenset(Role(role).value for role in roles))
    except ValueError:
        raise BadToken("the token names a role that Daybook does not know") from None


def new_key() -> bytes:
    """A new private key as PEM."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_secret(path: Path, content: bytes) -> None:
    """Creates a file that only its owner may read (0600). Raises ``FileExistsError`` rather than replace one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # appears whole or not at all, and never in place of another
    finally:
        draft.unlink()


def secret(path: Path, make: bytes) -> bytes:
    """The content of a secret file, created with ``make`` when it does not exist."""
    try:
        write_secret(path, make)
    except FileExistsError:
        return path.read_bytes()
    return make
