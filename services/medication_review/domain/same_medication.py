"""Which entries of several lists are the same medication, what each source says of it, and whether it is taken."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from services.medication_review.domain.formulary import Formulary, Ingredient
from services.medication_review.domain.medications import PROGRAM, Medication, normal_name


@dataclass(frozen=True)
class SameMedication:
    """One medication under all sources. ``ingredients``: none where it is not recognised; ``entries``: by source and
    order."""

    name: str
    ingredients: tuple[Ingredient, ...]
    entries: tuple[Medication, ...]

    @cached_property
    def words(self) -> dict[str, Medication]:
        """By source: its latest active entry, else its latest."""
        found: dict[str, Medication] = {}
        for entry in sorted(self.entries, key=lambda one: (one.active, one.reported_at, one.order_id)):
            found[entry.source] = entry
        return dict(sorted(found.items()))

    @cached_property
    def settled(self) -> bool:
        """The program's prescribers decided about it after all others had reported."""
        decided = [entry.reported_at for entry in self.entries if entry.source == PROGRAM]
        return bool(decided) and all(entry.reported_at <= max(decided) for entry in self.entries)

    @cached_property
    def active(self) -> tuple[Medication, ...]:
        """The words by which it is taken: the program's own where that is settled, else of any source."""
        return tuple(
            word for source, word in self.words.items() if word.active and (source == PROGRAM or not self.settled)
        )


def same_medications(medications: Iterable[Medication], formulary: Formulary) -> list[SameMedication]:
    """All entries by medication: the same ingredients; what is not recognised, by code or by normal name, however long
    the chain. By name."""
    known: defaultdict[tuple[Ingredient, ...], list[Medication]] = defaultdict(list)
    for entry in sorted(medications, key=lambda one: (one.source, one.order_id)):
        known[formulary.understand(entry.name, entry.code, entry.system).ingredients].append(entry)
    written = _alike(known.pop((), []))
    found = [
        SameMedication(" / ".join(one.name for one in ingredients), ingredients, tuple(entries))
        for ingredients, entries in known.items()
    ]
    found += [SameMedication(normal_name(entries[0].name), (), tuple(entries)) for entries in written]
    return sorted(found, key=lambda one: (one.name, one.entries[0].source, one.entries[0].order_id))


def _alike(entries: list[Medication]) -> list[list[Medication]]:
    """Groups of entries as written, linked by code or by normal name."""
    group_of = list(range(len(entries)))

    def root(index: int) -> int:
        while group_of[index] != index:
            index = group_of[index]
        return index

    first: dict[tuple[str, ...], int] = {}
    for index, entry in enumerate(entries):
        marks: list[tuple[str, ...]] = [("name", normal_name(entry.name))]
        if entry.code:
            marks.append(("code", entry.system or "", entry.code))
        for mark in marks:
            group_of[root(index)] = root(first.setdefault(mark, index))
    groups: defaultdict[int, list[Medication]] = defaultdict(list)
    for index, entry in enumerate(entries):
        groups[root(index)].append(entry)
    return list(groups.values())
