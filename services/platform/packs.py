"""Rule packs: the numbers of payers, states and programs, dated, sourced, and never constants in code.

A pack is one YAML file with one or more editions. ``Packs.in_force(names, on)`` gives the editions that hold on a day,
so that a week in February is judged by February's edition whatever changed on 1 March.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.platform.pack_files import Edition, PackError, read_folder
from services.platform.pack_parameters import PARAMETERS

__all__ = ["Edition", "PackError", "PackSet", "Packs", "Rule", "RuleMissing", "UnknownPack"]

SHIPPED = Path(__file__).parent / "rule_packs"


class UnknownPack(PackError):
    """No pack of this name is loaded."""


class RuleMissing(PackError):
    """No pack in force says anything about a parameter that is needed."""

    code = "rule_missing"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.detail = message


_OF, _AND = " of ", " and "


@dataclass(frozen=True)
class Rule:
    """What holds, and who says so. ``pack`` is name and version: ``medicare_iop@2024-01-01``."""

    key: str
    value: Any
    pack: str
    source: str
    verify: bool
    """True: the shipped value is common practice and has to be verified by the program."""

    @property
    def cited(self) -> str:
        """What a judgement says decided it: ``week.minimum_hours of medicare_iop@2024-01-01``."""
        return f"{self.key}{_OF}{self.pack}"


@dataclass(frozen=True)
class PackSet:
    """The editions in force on a day. ``not_in_force``: packs asked for that have no edition for that day."""

    on: date
    editions: tuple[Edition, ...]
    not_in_force: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """What to write beside a judgement: ``("medicare_iop@2024-01-01", …)``."""
        return tuple(edition.version for edition in self.editions)

    def __iter__(self) -> Iterator[Edition]:
        """The editions one by one, for rules that each pack judges for itself; see ``Edition.get``."""
        return iter(self.editions)

    def rule(self, key: str, age_group: str = "adult") -> Rule | None:
        """The strictest rule for this parameter, or None where no pack speaks. Raises ``KeyError`` if unknown."""
        parameter = PARAMETERS[key]
        said = [(edition, stated) for edition in self.editions if (stated := edition.stated(key)) is not None]
        if not said:
            return None
        values = [stated.value_for(age_group) for _, stated in said]
        strictest = parameter.strictest(values)
        # Where lists were intersected no pack may have said just that: then all of them decided together.
        deciding = [pair for pair, value in zip(said, values, strict=True) if value == strictest] or said
        return Rule(
            key,
            strictest,
            _AND.join(edition.version for edition, _ in deciding),
            "; ".join(dict.fromkeys(stated.source for _, stated in deciding)),
            any(stated.verify for _, stated in deciding),
        )

    def value(self, key: str, age_group: str = "adult", default: Any = None) -> Any:
        """The strictest value, or the default."""
        rule = self.rule(key, age_group)
        return default if rule is None else rule.value

    def require(self, key: str, age_group: str = "adult") -> Rule:
        """The strictest rule. Raises ``RuleMissing``."""
        rule = self.rule(key, age_group)
        if rule is None:
            asked = ", ".join((*self.versions, *self.not_in_force)) or "no pack"
            raise RuleMissing(f"no rule pack in force on {self.on} sets {key} (asked: {asked}); add a pack that does")
        return rule


class Packs:
    """All packs that this process knows."""

    def __init__(self, editions: Mapping[str, tuple[Edition, ...]], shipped: frozenset[str] = frozenset()) -> None:
        self._editions = dict(editions)
        self.shipped = shipped
        """Names of the packs that come with the program."""

    @classmethod
    def load(cls, *folders: Path) -> "Packs":
        """The shipped packs and those of further folders. Raises ``PackError`` naming file, key and reason, also for a
        name that two files use."""
        editions = read_folder(SHIPPED)
        shipped = frozenset(editions)
        for folder in folders:
            for name, found in read_folder(folder).items():
                if name in editions:
                    raise PackError(f"{folder}: the pack {name} exists already; give it another name")
                editions[name] = found
        return cls(editions, shipped)

    def changed(self, editions: Mapping[str, tuple[Edition, ...]]) -> "Packs":
        """The same packs, those of these names replaced or added."""
        return Packs({**self._editions, **editions}, self.shipped - editions.keys())

    @property
    def names(self) -> tuple[str, ...]:
        """Of all packs."""
        return tuple(sorted(self._editions))

    def editions(self, name: str) -> tuple[Edition, ...]:
        """All editions of a pack by date. Raises ``UnknownPack``."""
        try:
            return self._editions[name]
        except KeyError:
            raise UnknownPack(f"there is no rule pack {name!r}; known are {', '.join(self.names)}") from None

    def sources(self, cited: Iterable[str]) -> dict[str, str]:
        """The sources of what ``Rule.cited`` told, also long ago; nothing of editions that are gone."""
        by_version = {edition.version: edition for editions in self._editions.values() for edition in editions}
        found: dict[str, str] = {}
        for one in sorted(set(cited)):
            key, _, versions = one.partition(_OF)
            editions = (by_version[version] for version in versions.split(_AND) if version in by_version)
            said = [stated.source for edition in editions if (stated := edition.rules.get(key)) is not None]
            if said:
                found[one] = "; ".join(dict.fromkeys(said))
        return found

    def in_force(self, names: Iterable[str], on: date) -> PackSet:
        """The editions of the named packs that hold on this local day. Raises ``UnknownPack``."""
        found, missing = [], []
        for name in dict.fromkeys(names):
            edition = next((e for e in self.editions(name) if e.holds_on(on)), None)
            if edition is None:
                missing.append(name)
            else:
                found.append(edition)
        return PackSet(on, tuple(found), tuple(missing))
