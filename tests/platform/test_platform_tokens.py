"""Signed tokens: who acts, in which roles, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.platform.tokens import BadToken, TokenIssuer, TokenVerifier, new_key, secret, write_secret

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return TokenIssuer.from_pem(new_key())


@pytest.fixture
def verifier(issuer: TokenIssuer) -> TokenVerifier:
    return TokenVerifier.from_pem(issuer.public_pem())


def test_a_token_says_who_acts_and_in_which_roles(issuer: TokenIssuer, verifier: TokenVerifier) -> None:
    identity = verifier.verify(issuer.issue("person-7", ["prescriber", "auditor"], NOW))
    assert (identity.subject, identity.roles) == ("person-7", {"prescriber", "auditor"})


def test_an_expired_token_is_refused(issuer: TokenIssuer, verifier: TokenVerifier) -> None:
    with pytest.raises(BadToken, match="expired"):
        verifier.verify(issuer.issue("p", ["auditor"], NOW - timedelta(days=2), timedelta(hours=1)))


def test_a_token_of_another_key_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(BadToken, match="signature"):
        verifier.verify(TokenIssuer.from_pem(new_key()).issue("p", ["auditor"], NOW))


def test_old_and_new_key_are_accepted_while_keys_are_replaced(issuer: TokenIssuer) -> None:
    other = TokenIssuer.from_pem(new_key())
    both = TokenVerifier.from_pem(issuer.public_pem() + other.public_pem())
    assert both.verify(issuer.issue("a", ["auditor"], NOW)).subject == "a"
    assert both.verify(other.issue("b", ["auditor"], NOW)).subject == "b"


@pytest.mark.parametrize(
    "change", [{"aud": "else"}, {"iss": "else"}, {"roles": ["king"]}, {"roles": "auditor"}, {"sub": ""}, {"exp": None}]
)
def test_a_token_for_something_else_is_refused(change: dict[str, object]) -> None:
    key = Ed25519PrivateKey.generate()
    claims: dict[str, object] = {
        "iss": "daybook", "aud": "daybook", "sub": "p", "roles": ["auditor"],
        "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60,
    }  # fmt: skip
    claims = {name: value for name, value in (claims | change).items() if value is not None}
    with pytest.raises(BadToken):
        TokenVerifier([key.public_key()]).verify(jwt.encode(claims, key, algorithm="EdDSA"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(BadToken):
        verifier.verify(token)


def test_an_unsigned_token_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(BadToken):
        verifier.verify(jwt.encode({"sub": "p", "roles": ["operator"]}, "", algorithm="none"))


def test_an_unknown_role_is_never_issued(issuer: TokenIssuer) -> None:
    with pytest.raises(ValueError, match="king"):
        issuer.issue("p", ["king"], NOW)


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    assert secret(path, b"first") == b"first"
    assert secret(path, b"second") == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_secret(path, b"third")
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
