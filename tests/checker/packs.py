"""The rule packs' files, read anew: which editions hold on a day, and of several packs the strictest value.

Which value is the stricter is stated in docs/rule-packs.md; it is stated here again, on purpose, not read from there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).parents[2] / "services" / "platform" / "rule_packs"

_MORE = frozenset(
    """week.minimum_hours week.minimum_days day.minimum_hours group.minimum authorization.warn_units
    absence.notice_hours medication.cycle_notice_days seat_promotion.notice_hours""".split()
)
_COMMON = frozenset("week.counted_components day.counted_components certification.credentials".split())
_BOTH = frozenset("telehealth.counts day.group_optional reassessment.optional_before_discharge".split())
_ALL = frozenset(("absence.policies",))
_FIRST = {
    "week.partial_weeks": ("pro_rated", "not_judged"),
    "day.under_minimum": ("nothing", "discrete_services"),
}
"""A maximum, a due time: less is stricter. These are the others."""


@dataclass(frozen=True)
class Edition:
    """``version``: name and first day, ``medicare_iop@2024-01-01``."""

    version: str
    name: str
    since: date
    until: date | None
    rules: Mapping[str, Any]

    def holds_on(self, day: date) -> bool:
        """Both days included."""
        return self.since <= day and (self.until is None or day <= self.until)

    def value(self, key: str, age_group: str) -> Any:
        """None where the edition says nothing."""
        value = self.rules.get(key, {}).get("value")
        return value[age_group] if isinstance(value, dict) and set(value) <= {"adult", "adolescent"} else value


@dataclass(frozen=True)
class InForce:
    """Editions that hold together, for one age group."""

    editions: tuple[Edition, ...]
    age_group: str

    @cached_property
    def versions(self) -> tuple[str, ...]:
        return tuple(edition.version for edition in self.editions)

    def said(self, key: str) -> list[tuple[Edition, Any]]:
        """Each edition that speaks, and what it says."""
        found = [(edition, edition.value(key, self.age_group)) for edition in self.editions]
        return [(edition, value) for edition, value in found if value is not None]

    def value(self, key: str, default: Any = None) -> Any:
        """The strictest value."""
        values = [value for _, value in self.said(key)]
        return _strictest(key, values) if values else default

    def decided_by(self, key: str) -> str:
        """The pack, or the packs, whose number it is; of lists that were cut to what they share, all."""
        strictest, said = self.value(key), self.said(key)
        same = [one for one, value in said if (frozenset(value) if key in _COMMON else value) == strictest]
        return " and ".join(one.version for one in same or (one for one, _ in said))

    def deciding(self, said: Iterable[str]) -> list[str]:
        """``PARAMETER of PACK`` as it must be, for each parameter that was said to have decided."""
        keys = [one.partition(" of ")[0] for one in said]
        return [f"{key} of {self.decided_by(key)}" for key in keys]

    def only(self, *, without: str) -> "InForce":
        """Those that say nothing about a key."""
        speaking = {edition.version for edition, _ in self.said(without)}
        return InForce(tuple(one for one in self.editions if one.version not in speaking), self.age_group)


def _strictest(key: str, values: list[Any]) -> Any:
    if key in _COMMON:
        return frozenset.intersection(*map(frozenset, values))
    if key in _BOTH:
        return all(values)
    if key in _ALL:
        return list({policy["name"]: policy for policies in values for policy in policies}.values())
    if key in _FIRST:
        return min(values, key=_FIRST[key].index)
    return max(values) if key in _MORE else min(values)


class Packs:
    """All packs of some folders."""

    def __init__(self, *folders: Path) -> None:
        self._editions: dict[str, list[Edition]] = {}
        for folder in folders or (SHIPPED,):
            for path in sorted(folder.glob("*.yaml")):
                pack = yaml.safe_load(path.read_text())
                self._editions[pack["name"]] = [
                    Edition(
                        f"{pack['name']}@{one['effective_from']}",
                        pack["name"],
                        one["effective_from"],
                        one.get("effective_to"),
                        one["rules"],
                    )
                    for one in pack["editions"]
                ]

    def on(self, day: date, names: Iterable[str], age_group: str) -> InForce:
        """Raises ``KeyError`` where a pack is named that no folder has."""
        editions = [one for name in dict.fromkeys(names) for one in self._editions[name] if one.holds_on(day)]
        return InForce(tuple(editions), age_group)
