"""Setting a rule aside on purpose: only some rules, only in some roles, never without a reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.scheduling.domain.errors import OverrideNotAllowed

OVERRIDING = frozenset({"coordinator"})
"""Roles that may, since a coordinator answers for where participants are (docs: the domain, override with reason and
role)."""


@dataclass(frozen=True)
class Override:
    """Why (a code), and in which role."""

    reason: str
    role: str

    @classmethod
    def by(cls, roles: Iterable[str], reason: str | None) -> "Override | None":
        """None where no reason is given. Raises ``OverrideNotAllowed``.
        By the rule ``override_by_role_and_reason``."""
        if reason is None:
            return None
        allowed = sorted(OVERRIDING.intersection(roles))
        if not allowed:
            raise OverrideNotAllowed(f"only a {' or '.join(sorted(OVERRIDING))} may override; ask one, or leave it out")
        return cls(reason, allowed[0])


def as_told(override: Override | None) -> dict[str, str | None]:
    """How events say that a rule was set aside, or was not."""
    return {
        "override_reason": override.reason if override else None,
        "override_role": override.role if override else None,
    }
