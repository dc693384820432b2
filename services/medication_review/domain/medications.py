"""One medication as one source has it, a decision about one, and how names and doses compare."""

import re
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
_MILLIGRAMS = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001"), "ug": Decimal("0.001")}
_AMOUNT = re.compile(rf"(?P<number>\d+(?:\.\d+)?)(?P<unit>{'|'.join(_MILLIGRAMS)})")


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
    """A prescriber's decision about one medication. ``start`` gives a name, and a code where there is one; the others
    name what is listed."""

    action: str
    source: str | None = None
    order_id: str | None = None
    name: str | None = None
    dose: str | None = None
    frequency: str | None = None
    route: str | None = None
    code: str | None = None
    system: str | None = None


def normal_name(name: str) -> str:
    """What the medication is, without strength and form: ``Metformin 500 MG Oral Tablet`` is ``metformin``. The name in
    lower case where nothing else is left."""
    words = [word for word in _WORD.findall(name.lower()) if word not in _FORMS]
    return " ".join(words) or " ".join(name.lower().split())


def normal_dose(dose: str | None) -> str:
    """Equal for equal doses however they are spaced and written: ``0.50 MG``, ``0.5 mg`` and ``500 mcg``."""
    text = "".join((dose or "").lower().split())
    amount = _AMOUNT.fullmatch(text)
    if amount is not None:
        return f"{_plain(Decimal(amount['number']) * _MILLIGRAMS[amount['unit']])}mg"
    return _NUMBER.sub(lambda number: _plain(Decimal(number[0])), text)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def changes(said: Iterable[Medication]) -> list[Medication]:
    """What one source said about one order, in the order of time, without what only says the same again; each
    decision of the program's own counts. ``said``: by time; of two of one time the one told later is last."""
    found: list[Medication] = []
    for one in sorted(said, key=lambda one: one.reported_at):
        if not found or one.source == PROGRAM or not found[-1].says_the_same(one):
            found.append(one)
    return found
