"""The secrets of a process: from settings, or made once in the data folder where everything runs in one place."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from events.log.errors import UnsafeDatabase
from events.log.vault import MASTER_KEY_BYTES, Vault
from services.platform.settings import BadSetting, Settings
from services.platform.tokens import BadToken, Role, TokenIssuer, TokenVerifier, new_key, secret

MASTER_KEY_FILE = "master_key"
TOKEN_KEY_FILE = "token_private_key"  # noqa: S105 (a file's name)

SERVICE_TOKEN_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Keyring:
    """What a process needs to verify tokens, to issue its own, and to open sealed data.

    ``issuer`` is None where only the public key is known. ``service_token()`` is good for reading others' feeds.
    """

    verifier: TokenVerifier
    issuer: TokenIssuer | None
    service_token: Callable[[], str] | None
    vault: Vault


def secrets_folder(settings: Settings) -> Path:
    """Where secrets are kept that were made here."""
    return settings.data / "secrets"


def load(settings: Settings) -> Keyring:
    """Reads or makes the secrets. Raises ``BadSetting``."""
    issuer = token_issuer(settings)
    return Keyring(_verifier(settings, issuer), issuer, _service_token(settings, issuer), open_vault(settings))


def token_issuer(settings: Settings) -> TokenIssuer | None:
    """Issues tokens with the configured key, or with the data folder's; None where only a public key is configured."""
    try:
        if settings.token_private_key is not None:
            return TokenIssuer.from_pem(settings.token_private_key.encode())
        if settings.token_public_key is not None:
            return None
        return TokenIssuer.from_pem(secret(secrets_folder(settings) / TOKEN_KEY_FILE, new_key()))
    except BadToken as bad:
        raise BadSetting("DAYBOOK_TOKEN_PRIVATE_KEY", str(bad), "make a new pair with `daybook secrets`") from None


def open_vault(settings: Settings) -> Vault:
    """The vault of sealed data. Raises ``BadSetting`` for a master key that is malformed or another store's."""
    raw = settings.master_key
    if raw is None:
        made = secrets.token_hex(MASTER_KEY_BYTES).encode()
        raw = secret(secrets_folder(settings) / MASTER_KEY_FILE, made).decode()
    try:
        master_key = bytes.fromhex(raw.strip())
    except ValueError:
        master_key = b""
    if len(master_key) != MASTER_KEY_BYTES:
        raise BadSetting(
            "DAYBOOK_MASTER_KEY", f"it is not {2 * MASTER_KEY_BYTES} hex digits", "make one with `openssl rand -hex 32`"
        )
    keys = settings.keys
    if keys is None:
        folder = settings.data / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = f"sqlite:///{folder.resolve() / 'keys.sqlite'}"
    try:
        return Vault.connect(keys, master_key)
    except UnsafeDatabase as unsafe:
        fact = str(unsafe).partition("\n")[0]
        raise BadSetting("DAYBOOK_KEYS", fact, "give the key store and the master key that belong together") from None


def _verifier(settings: Settings, issuer: TokenIssuer | None) -> TokenVerifier:
    try:
        if settings.token_public_key is not None:
            return TokenVerifier.from_pem(settings.token_public_key.encode())
    except BadToken as bad:
        raise BadSetting("DAYBOOK_TOKEN_PUBLIC_KEY", str(bad), "give the PEM that `daybook secrets` made") from None
    assert issuer is not None
    return TokenVerifier.from_pem(issuer.public_pem())


def _service_token(settings: Settings, issuer: TokenIssuer | None) -> Callable[[], str] | None:
    if settings.service_token is not None:
        given = settings.service_token
        return lambda: given
    if issuer is None:
        return None
    kept: list[tuple[datetime, str]] = []

    def token() -> str:
        now = datetime.now(UTC)
        if not kept or now > kept[0][0] - SERVICE_TOKEN_LIFETIME / 2:
            issued = issuer.issue("daybook-services", [Role.INTEGRATION], now, SERVICE_TOKEN_LIFETIME)
            kept[:] = [(now + SERVICE_TOKEN_LIFETIME, issued)]
        return kept[0][1]

    return token
