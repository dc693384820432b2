"""Absence policies as data: what is counted, within which window, and at how many of them which step is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.platform.parameter_values import BadValue

COUNTED = ("absences", "unexcused", "late")
STEPS = ("outreach", "coordinator", "discharge_review")
"""From the first to the last."""

_KEYS = {"name", "counts", "window", "steps"}
_WINDOWS = ("weeks", "sessions")


@dataclass(frozen=True, order=True)
class AbsencePolicy:
    """One policy of a pack. ``window``: ``("weeks", 12)``, ``("sessions", 6)`` or ``("episode", 0)``; ``steps``: each
    with the number at which it is reached."""

    name: str
    counts: str
    window: tuple[str, int]
    steps: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        kind, length = self.window
        within = "the episode" if kind == "episode" else f"{length} {kind}"
        steps = ", ".join(f"{step} at {number}" for step, number in self.steps)
        return f"{self.name}: {self.counts} within {within}: {steps}"


def read_policies(value: Any) -> tuple[AbsencePolicy, ...]:
    """Policies as written in a pack, by name. Raises ``BadValue``."""
    if not isinstance(value, list):
        raise BadValue("is not a list of policies")
    policies = [_policy(raw) for raw in value]
    names = [policy.name for policy in policies]
    if len(set(names)) < len(names):
        raise BadValue("names a policy twice")
    return tuple(sorted(policies))


def together(values: Iterable[tuple[AbsencePolicy, ...]]) -> tuple[AbsencePolicy, ...]:
    """All policies of several packs. Of two of one name both hold: what either reaches first is reached."""
    return tuple(sorted({policy for policies in values for policy in policies}))


def _policy(raw: Any) -> AbsencePolicy:
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise BadValue(f"has a policy that is not a mapping of {', '.join(sorted(_KEYS))}")
    name = raw["name"]
    if not isinstance(name, str) or not name.isidentifier():
        raise BadValue("has a policy whose name is not one word such as three_unexcused")
    if raw["counts"] not in COUNTED:
        raise BadValue(f"has {name}, which counts none of {', '.join(COUNTED)}")
    return AbsencePolicy(name, raw["counts"], _window(name, raw["window"]), _steps(name, raw["steps"]))


def _window(name: str, raw: Any) -> tuple[str, int]:
    if raw == "episode":
        return ("episode", 0)
    if isinstance(raw, dict) and len(raw) == 1:
        [(kind, length)] = raw.items()
        if kind in _WINDOWS and _is_number(length):
            return (kind, length)
    raise BadValue(f"has {name}, whose window is neither episode nor {{weeks: N}} nor {{sessions: N}}")


def _steps(name: str, raw: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(raw, dict) or not raw or not set(raw) <= set(STEPS) or not all(map(_is_number, raw.values())):
        raise BadValue(f"has {name}, whose steps are no mapping of {', '.join(STEPS)} to numbers from 1 up")
    steps = tuple((step, raw[step]) for step in STEPS if step in raw)
    numbers = [number for _, number in steps]
    if numbers != sorted(numbers):
        raise BadValue(f"has {name}, whose later steps come before earlier ones")
    return steps


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000
