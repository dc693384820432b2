"""Personal data sealed under a key per participant; destroying the key erases what was sealed, wherever it was stored.

A seal is text, ``sealed:1:SUBJECT:BASE64URL``; the bytes are the length of the context (2), the context, a random
nonce (12) and AES-256-GCM over the canonical JSON of the value, with subject and context as associated data. So a seal
cannot be made to name another subject or place, and whoever opens one says which it has to name.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from events.contract.canonical import dumps, loads
from events.log.errors import BadSeal, PersonalDataUnavailable
from events.log.keys import KeyStore

PREFIX = "sealed:1:"
MASTER_KEY_BYTES = 32


class Erased:
    """Stands for a value whose key is destroyed. Falsy; reads ``[erased]``."""

    def __bool__(self) -> Literal[False]:
        return False

    def __str__(self) -> str:
        return "[erased]"

    __repr__ = __str__


ERASED: Final = Erased()


class Vault:
    """Seals, opens, looks up and erases. Safe to share between threads."""

    def __init__(self, keys: KeyStore, lookup_key: bytes):
        self._keys = keys
        self._lookup_key = lookup_key

    @classmethod
    def connect(cls, keys_url: str, master_key: bytes) -> "Vault":
        """Opens the key store, making it if it is not there.

        ``master_key``: 32 random bytes, kept apart from both databases. Raises ``ValueError`` for another length and
        ``UnsafeDatabase`` for a store that belongs to another master key.
        """
        if len(master_key) != MASTER_KEY_BYTES:
            raise ValueError(f"the master key must have {MASTER_KEY_BYTES} bytes, not {len(master_key)}")
        return cls(KeyStore(keys_url, _derive(master_key, "wrap")), _derive(master_key, "lookup"))

    def seal(self, subject: str, value: Any, *, context: str = "") -> str:
        """Seals a JSON value under the subject's key, made on first use. No database is asked when the key is at hand.

        Raises ``PersonalDataUnavailable`` when the subject was erased: nothing new can be kept about them.
        """
        key = self._keys.key_or_new(subject)
        if key is None:
            raise PersonalDataUnavailable(f"{subject} was erased; nothing personal can be stored for them any more")
        where = context.encode()
        nonce = os.urandom(12)
        sealed = key.encrypt(nonce, dumps(value), _associated(subject, where))
        body = len(where).to_bytes(2, "big") + where + nonce + sealed
        return f"{PREFIX}{subject}:{base64.urlsafe_b64encode(body).decode().rstrip('=')}"

    def open(self, sealed: str, *, subject: str | None = None, context: str | frozenset[str] | None = None) -> Any:
        """The sealed value, or ``ERASED`` when its key is destroyed.

        ``subject``: under whose key it must be; ``context``: the place, or one of the places, that it must have been
        made for. Raises ``BadSeal`` for a seal of another subject or place, for what is no seal, was changed, or whose
        key was never here.
        """
        owner, body = _parse(sealed)
        length = int.from_bytes(body[:2], "big")
        where, nonce, text = body[2 : 2 + length], body[2 + length : 14 + length], body[14 + length :]
        if subject is not None and owner != subject:
            raise BadSeal(f"a seal of {owner} stands where one of {subject} belongs")
        if context is not None and not _is_one_of(where, context):
            raise BadSeal(f"this seal was made for another place: {where.decode(errors='replace')!r}")
        try:
            key = self._keys.key(owner)
        except KeyError:
            raise BadSeal(f"no key of {owner} was ever in this key store") from None
        if key is None:
            return ERASED
        try:
            return loads(key.decrypt(nonce, text, _associated(owner, where)))
        except (InvalidTag, ValueError):
            raise BadSeal(f"a seal of {owner} was changed after it was made") from None

    def lookup(self, *parts: str) -> str:
        """A keyed hash for equality search: the same parts give the same 32 hex digits, and nothing without the key."""
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._lookup_key, message, hashlib.sha256).hexdigest()[:32]

    def fingerprint(self, message: bytes) -> bytes:
        """A keyed hash of 32 bytes, to tell whether two messages are equal without keeping them."""
        return hmac.new(self._lookup_key, b"fingerprint" + message, hashlib.sha256).digest()

    def assign(self, subject: str, owners: Iterable[str]) -> None:
        """The subject's data, such as a raw message, belongs to these participants: erasing one erases it."""
        self._keys.assign({subject: owners})

    def assign_all(self, owned: Mapping[str, Iterable[str]]) -> None:
        """``assign`` for many subjects at once: subject → owners."""
        self._keys.assign(owned)

    def prepare(self, subjects: Iterable[str]) -> None:
        """Makes the keys of many subjects at once, so that sealing for each of them asks no database."""
        self._keys.make(subjects)

    def destroy(self, subject: str) -> int:
        """Destroys the subject's key and those assigned to it; returns how many. Other processes follow within seconds.

        Backups of the key store still hold the keys until they are rotated out.
        """
        return self._keys.destroy(subject)

    def close(self) -> None:
        self._keys.close()


def is_sealed(value: object) -> bool:
    """Whether a value is the text of a seal."""
    return isinstance(value, str) and value.startswith(PREFIX)


def subject_of(sealed: str) -> str:
    """Under whose key a seal was made. Raises ``BadSeal``."""
    return _parse(sealed)[0]


def _parse(sealed: str) -> tuple[str, bytes]:
    if not is_sealed(sealed):
        raise BadSeal("not a seal of version 1")
    subject, separator, text = sealed.removeprefix(PREFIX).rpartition(":")
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        body = b""
    if not separator or not subject or len(body) < 2 + 12 + 16 + int.from_bytes(body[:2], "big"):
        raise BadSeal("a seal is malformed")
    return subject, body


def _is_one_of(where: bytes, places: str | frozenset[str]) -> bool:
    return any(where == place.encode() for place in ((places,) if isinstance(places, str) else places))


def _associated(subject: str, context: bytes) -> bytes:
    name = subject.encode()
    return b"daybook seal 1" + len(name).to_bytes(4, "big") + name + context


def _derive(master_key: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"daybook {purpose} 1".encode()).derive(master_key)
