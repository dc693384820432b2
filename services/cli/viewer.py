"""In whose role personal data are looked at, and how a person is written."""

import argparse
from collections.abc import Mapping
from typing import Any

from services.platform.tokens import READERS, Role


def add_role(command: argparse.ArgumentParser) -> None:
    """Adds the option."""
    names = sorted(Role(role).value for role in READERS)
    command.add_argument(
        "--role",
        choices=names,
        default=Role.AUDITOR.value,
        help="look in this role; what it may not see is left out (auditor)",
    )


def role_of(arguments: argparse.Namespace) -> Role:
    """The role chosen."""
    return Role(arguments.role)


def name_of(person: Mapping[str, Any] | None, erased: bool) -> str:
    """Family and given name; ``[erased]`` where the keys are destroyed, a dash where none was told."""
    if not person:
        return "[erased]" if erased else "-"
    given = person.get("given") or ""
    return f"{person.get('family') or '-'}, {' '.join(given) if isinstance(given, list) else given}".rstrip(", ")
