"""Shared material of the gateway's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.interop.mapping import Hospital, Mappings, load_mappings
from tests.interop.gateway import Gateway, gateway

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The public data of others. Skipped with the reason where it is missing; in CI it is always there."""
    folder = Path(os.environ.get("DAYBOOK_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{folder} is missing; it is always there in CI")
        pytest.skip(f"{folder} is missing: set DAYBOOK_SHARED to the folder that holds data/")
    return folder


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway on SQLite: for what is the same whatever stores it."""
    with gateway(tmp_path) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database for a gateway's log, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'interop.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def stored(tmp_path: Path, log_url: str) -> Iterator[Gateway]:
    """A gateway on either database: for what rests on transactions, order and uniqueness, or on queries."""
    with gateway(tmp_path, url=log_url) as found:
        yield found


@pytest.fixture(scope="session")
def mappings() -> Mappings:
    return load_mappings()


@pytest.fixture(scope="session")
def riverside(mappings: Mappings) -> Hospital:
    found = mappings.named("riverside")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def any_hospital() -> Hospital:
    """A hospital that takes every version, for messages of many senders."""
    from dataclasses import replace

    from services.interop.mapping import UNKNOWN, Sender

    return replace(
        UNKNOWN, name="any", senders=(Sender("*", "*"),), default_authority="any", inpatient_classes=frozenset("IP")
    )
