"""Rule packs as files: read, validated, dated. Every error names the file, the key and the reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from services.platform import strict_yaml
from services.platform.pack_parameters import AGE_GROUPS, LIMITS, PARAMETERS
from services.platform.parameter_values import BadValue
from services.platform.strict_yaml import UnreadableYaml, parse_yaml

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class PackError(Exception):
    """A rule pack is unusable or unknown."""


@dataclass(frozen=True)
class Stated:
    """One value of one edition. ``values``: by age group."""

    values: Mapping[str, Any]
    source: str
    verify: bool

    def value_for(self, age_group: str) -> Any:
        """Raises ``KeyError`` for an unknown age group."""
        return self.values[age_group]


@dataclass(frozen=True)
class Edition:
    """A pack as it held from ``effective_from`` to ``effective_to``, both days included; None: still."""

    name: str
    title: str
    effective_from: date
    effective_to: date | None
    rules: Mapping[str, Stated]

    @property
    def version(self) -> str:
        """Name and first day: ``medicare_iop@2024-01-01``."""
        return f"{self.name}@{self.effective_from.isoformat()}"

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def stated(self, key: str) -> Stated | None:
        """What this edition says about a parameter. Raises ``KeyError`` for a key that is no parameter."""
        if key not in PARAMETERS:
            raise KeyError(key)
        return self.rules.get(key)

    def get(self, key: str, age_group: str = "adult", default: Any = None) -> Any:
        """This edition's value for a parameter, or the default where it is silent."""
        stated = self.stated(key)
        return default if stated is None else stated.value_for(age_group)


def read_folder(folder: Path) -> dict[str, tuple[Edition, ...]]:
    """All packs of a folder, editions by date. Raises ``PackError``."""
    if not folder.is_dir():
        raise PackError(f"{folder}: there is no such folder of rule packs")
    return read_texts({path: text_of(path) for path in sorted(folder.glob("*.yaml"))})


def read_texts(texts: Mapping[Path, str]) -> dict[str, tuple[Edition, ...]]:
    """All packs in the texts of files. Raises ``PackError``, also for a name that two files use."""
    packs: dict[str, tuple[Edition, ...]] = {}
    for path, text in texts.items():
        editions = read_text(path, text)
        if editions[0].name in packs:
            raise PackError(f"{path}: name: the pack {editions[0].name} exists already; give it another name")
        packs[editions[0].name] = editions
    return packs


def text_of(path: Path) -> str:
    """Raises ``PackError``."""
    try:
        return strict_yaml.text_of(path)
    except UnreadableYaml as error:
        raise PackError(f"{path}: {error}") from None


@lru_cache(maxsize=256)
def read_text(path: Path, text: str) -> tuple[Edition, ...]:
    """The editions in the text of a file by date; the same text is worked out once. Raises ``PackError``."""
    try:
        content = parse_yaml(text)
    except UnreadableYaml as error:
        raise PackError(f"{path}: {error}") from None
    reader = _Reader(path)
    top = reader.mapping(content, "the file", {"name", "title", "editions"})
    name, title = reader.text(top, "name"), reader.text(top, "title")
    if not _NAME.fullmatch(name):
        raise reader.error("name", "is not lower-case letters, digits and underscores, as tracks name it: medicare_iop")
    listed = top.get("editions")
    if not isinstance(listed, list) or not listed:
        raise reader.error("editions", "is not a list of at least one edition")
    editions = sorted(
        (reader.edition(name, title, raw, f"editions[{index}]") for index, raw in enumerate(listed)),
        key=lambda edition: edition.effective_from,
    )
    for earlier, later in pairwise(editions):
        if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
            raise reader.error(
                "editions", f"{earlier.version} overlaps {later.version}: end it on the day before with effective_to"
            )
    return tuple(editions)


@dataclass(frozen=True)
class _Reader:
    path: Path

    def error(self, key: str, reason: str) -> PackError:
        return PackError(f"{self.path}: {key}: {reason}")

    def mapping(self, value: Any, key: str, allowed: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(key, "is not a mapping")
        unknown = sorted(str(name) for name in set(value) - allowed)
        if unknown:
            raise self.error(f"{key}.{unknown[0]}", f"is unknown here; known are {', '.join(sorted(allowed))}")
        return value

    def text(self, mapping: dict[str, Any], key: str, where: str = "") -> str:
        value = mapping.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(where + key, "is missing or no text")
        return value

    def day(self, mapping: dict[str, Any], key: str, where: str) -> date:
        value = mapping.get(key)
        if type(value) is not date:
            raise self.error(where + key, "is missing or no date such as 2024-01-01")
        return value

    def edition(self, name: str, title: str, raw: Any, where: str) -> Edition:
        known = {"effective_from", "effective_to", "rules"}
        mapping = self.mapping(raw, where, known)
        since = self.day(mapping, "effective_from", f"{where}.")
        until = None if mapping.get("effective_to") is None else self.day(mapping, "effective_to", f"{where}.")
        if until is not None and until < since:
            raise self.error(f"{where}.effective_to", "is before effective_from")
        rules = mapping.get("rules")
        if not isinstance(rules, dict) or not rules:
            raise self.error(f"{where}.rules", "is not a mapping of at least one rule")
        read = {key: self.rule(key, value, f"{where}.rules") for key, value in rules.items()}
        for least, most in LIMITS:
            above = (
                least in read and most in read and any(read[least].values[a] > read[most].values[a] for a in AGE_GROUPS)
            )
            if above:
                raise self.error(f"{where}.rules.{least}.value", f"is above {most} of the same edition")
        return Edition(name, title, since, until, read)

    def rule(self, key: str, raw: Any, where: str) -> Stated:
        if key not in PARAMETERS:
            raise self.error(f"{where}.{key}", "is no parameter of rule packs; docs/rule-packs.md lists them")
        where = f"{where}.{key}"
        mapping = self.mapping(raw, where, {"value", "source", "verify"})
        if "value" not in mapping:
            raise self.error(where, "has no value")
        verify = mapping.get("verify", False)
        if not isinstance(verify, bool):
            raise self.error(f"{where}.verify", "is neither true nor false")
        source = self.text(mapping, "source", f"{where}.")
        return Stated(self.values(key, mapping["value"], f"{where}.value"), source, verify)

    def values(self, key: str, value: Any, where: str) -> dict[str, Any]:
        by_age = value if isinstance(value, dict) else dict.fromkeys(AGE_GROUPS, value)
        if set(by_age) != set(AGE_GROUPS):
            raise self.error(where, f"by age group names exactly {' and '.join(AGE_GROUPS)}")
        try:
            return {age: PARAMETERS[key].check(one) for age, one in by_age.items()}
        except BadValue as bad:
            raise self.error(where, str(bad)) from None
