"""Shared material of the gateway's tests."""

import os
from pathlib import Path

import pytest

from services.interop.mapping import Hospital, Mappings, load_mappings

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
