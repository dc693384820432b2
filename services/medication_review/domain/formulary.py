"""What a source wrote, turned into ingredients: by its RxNorm code, else by a name that is wholly understood."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Recognition = Literal["recognised", "not_recognised", "contradictory"]
"""``contradictory``: the code means one thing and the name another. It is treated as not recognised."""

RXNORM = frozenset({"rxnorm", "rxn", "http://www.nlm.nih.gov/research/umls/rxnorm", "2.16.840.1.113883.6.88"})
"""How RxNorm is named where a code's system is given."""

_LONGEST = 4
"""Words of the longest name."""

_APART = re.compile(r"[\s/+,;()\[\]\"&]+")
_STRENGTH = re.compile(r"\d[\d.,:\-]*(?P<unit>%|[a-z]*)")


@dataclass(frozen=True, order=True)
class Ingredient:
    """An active ingredient. ``code``: its RxNorm ingredient code; ``schedule``: of the Controlled Substances Act, II
    to V, None where it is no controlled substance."""

    name: str
    code: str
    classes: frozenset[str] = frozenset()
    schedule: str | None = None


@dataclass(frozen=True)
class Understood:
    """What a medication is. ``ingredients`` by name; none where it is not recognised."""

    recognition: Recognition
    ingredients: tuple[Ingredient, ...] = ()


NOT_RECOGNISED = Understood("not_recognised")


@dataclass(frozen=True)
class Formulary:
    """The medications that are known, as of ``edition``. Names are in the form of ``fold``.

    ``by_name`` and ``by_code``: what a name or an RxNorm code means. ``forms`` and ``salts``: words of a name that do
    not say what it is. ``routes`` and ``frequencies``: how they may be written → one way of writing them.
    ``classes`` → their titles; two ingredients of a class in ``doubled`` are not taken together without asking.
    """

    edition: date
    source: str
    verify: bool
    ingredients: tuple[Ingredient, ...]
    by_name: Mapping[str, tuple[Ingredient, ...]]
    by_code: Mapping[str, tuple[Ingredient, ...]]
    forms: frozenset[str]
    salts: frozenset[str]
    routes: Mapping[str, str]
    frequencies: Mapping[str, str]
    classes: Mapping[str, str]
    doubled: frozenset[str]

    def understand(self, name: str, code: str | None = None, system: str | None = None) -> Understood:
        """What a source means by a name and a code. The rule ``nothing_is_guessed``: a name with a word left
        over is not recognised."""
        coded = self.by_code.get(code or "") if (system or "").strip().lower() in RXNORM else None
        named = self._named(name)
        if coded and named and coded != named:
            return Understood("contradictory")
        found = coded or named
        return Understood("recognised", found) if found else NOT_RECOGNISED

    def route(self, written: str | None) -> str:
        """Equal for equal routes however they are written."""
        return self.routes.get(fold(written or ""), fold(written or ""))

    def frequency(self, written: str | None) -> str:
        """Equal for equal frequencies however they are written."""
        return self.frequencies.get(fold(written or ""), fold(written or ""))

    def _named(self, name: str) -> tuple[Ingredient, ...]:
        words = list(self._words(name))
        found: set[Ingredient] = set()
        at = 0
        while at < len(words):
            for length in range(min(_LONGEST, len(words) - at), 0, -1):
                meant = self.by_name.get(" ".join(words[at : at + length]))
                if meant:
                    found.update(meant)
                    at += length
                    break
            else:
                if words[at] not in self.salts:
                    return ()
                at += 1
        return tuple(sorted(found))

    def _words(self, name: str) -> Iterable[str]:
        for word in _APART.split(fold(name)):
            known = word if word in self.by_name else word.rstrip(".")
            for part in [known] if known in self.by_name else known.split("-"):
                strength = _STRENGTH.fullmatch(part)
                unit = strength["unit"] if strength else part
                if unit and unit != "%" and unit not in self.forms:
                    yield part


def fold(text: str) -> str:
    """Lower case, one form of each letter, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())
