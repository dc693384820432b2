"""The medication list: what each source says, what is the same medication, and where the sources disagree."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

PROGRAM = "program"
"""The source of what the program's own prescribers decided."""

ACTIONS = ("continue", "change", "stop", "start")

_FORMS = frozenset(
    "tablet tablets tab tabs capsule capsules cap caps oral solution suspension injection injectable patch film coated "
    "extended release er xr sr dr hr mg mcg ug g ml l meq unit units iu actuat spray cream ointment by mouth".split()
)
"""Words of a medication's name that say its form or strength, not what it is."""

_WORD = re.compile(r"[a-z][a-z\-]*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Medication:
    """One medication as one source has it. (source, order_id) identifies it."""

    source: str
    order_id: str
    status: str
    code: str | None
    system: str | None
    name: str
    dose: str | None
    frequency: str | None
    route: str | None
    reported_at: datetime

    @property
    def active(self) -> bool:
        return self.status != "stopped"

    def says_the_same(self, other: "Medication") -> bool:
        """Whether two reports differ in nothing but when they were made."""
        mine = (self.active, self.code, self.system, self.name, self.dose, self.frequency, self.route)
        return mine == (
            other.active,
            other.code,
            other.system,
            other.name,
            other.dose,
            other.frequency,
            other.route,
        )


@dataclass(frozen=True)
class Decision:
    """A prescriber's decision about one medication. ``start`` gives a name; the others name what is listed."""

    action: str
    source: str | None = None
    order_id: str | None = None
    name: str | None = None
    dose: str | None = None
    frequency: str | None = None
    route: str | None = None


@dataclass(frozen=True)
class Discrepancy:
    """Sources that disagree about one medication. ``differs``: dose, status or both."""

    medication: str
    differs: tuple[str, ...]
    entries: tuple[Medication, ...]


def normal_name(name: str) -> str:
    """What the medication is, without strength and form: ``Metformin 500 MG Oral Tablet`` is ``metformin``. The name in
    lower case where nothing else is left."""
    words = [word for word in _WORD.findall(name.lower()) if word not in _FORMS]
    return " ".join(words) or " ".join(name.lower().split())


def normal_dose(dose: str | None) -> str:
    """Equal for equal doses however they are spaced and written: ``0.50 MG`` and ``0.5 mg``."""
    text = "".join((dose or "").lower().split())
    return _NUMBER.sub(lambda number: format(Decimal(number[0]).normalize(), "f"), text)


def discrepancies(medications: Iterable[Medication]) -> list[Discrepancy]:
    """Where sources disagree about dose or status of the same medication: the same code, or the same normal name. What
    the program decided after all others had reported is settled."""
    found = []
    for group in _same(medications):
        latest: dict[str, Medication] = {}
        for entry in sorted(group, key=lambda entry: (entry.reported_at, entry.order_id)):
            latest[entry.source] = entry
        entries = tuple(latest[source] for source in sorted(latest))
        if len(entries) < 2 or _settled(latest):
            continue
        doses = {normal_dose(entry.dose) for entry in entries if entry.active and entry.dose}
        differs = tuple(
            name
            for name, disagree in (("dose", len(doses) > 1), ("status", len({entry.active for entry in entries}) > 1))
            if disagree
        )
        if differs:
            found.append(Discrepancy(normal_name(entries[0].name), differs, entries))
    return sorted(found, key=lambda discrepancy: (discrepancy.medication, discrepancy.entries[0].order_id))


def _settled(latest: dict[str, Medication]) -> bool:
    decided = latest.get(PROGRAM)
    return decided is not None and all(entry.reported_at <= decided.reported_at for entry in latest.values())


def _same(medications: Iterable[Medication]) -> list[list[Medication]]:
    """Groups of entries linked by code or by normal name, however long the chain."""
    entries = sorted(medications, key=lambda entry: (entry.source, entry.order_id))
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
