"""What was compared when a list was reconciled: that it was the list as it is, and what became of each discrepancy."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import UTC
from hashlib import sha256
from typing import Literal

from services.medication_review.domain.discrepancies import Difference, Discrepancy
from services.medication_review.domain.errors import DiscrepancyUnknown, ListChanged
from services.medication_review.domain.medications import Medication

Outcome = Literal["decided", "explained", "left"]
"""decided: a prescriber's decision settled it · explained: the sources mean the same, or it is meant to be so, which
whoever may reconcile may say: it changes no medication · left: to a prescriber."""


@dataclass(frozen=True)
class Compared:
    """A discrepancy that was seen. ``codes``: RxNorm codes of its ingredients; ``entries``: sources and orders."""

    id: str
    kinds: tuple[Difference, ...]
    codes: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]
    outcome: Outcome


def mark(entry: Medication) -> str:
    """The same as long as an entry says the same since the same time."""
    return _digest(*astuple(entry)[:-1], entry.reported_at.astimezone(UTC).isoformat())


def discrepancy_id(one: Discrepancy) -> str:
    """The same as long as the same entries disagree in the same way."""
    said = [(finding.kind, *map(mark, finding.entries), *finding.missing_from) for finding in one.findings]
    return _digest(one.medication, *said, *map(mark, one.entries))


def check_compared(compared: Iterable[str], listed: Iterable[Medication]) -> None:
    """The rule ``what_is_compared_is_current``. ``compared``: the marks of the entries that were, none where there was
    nothing to compare. Raises ``ListChanged``."""
    now = {mark(entry): entry for entry in listed}
    seen = set(compared)
    changed = Counter(entry.source for key, entry in now.items() if key not in seen)
    gone = len(seen - now.keys())
    if changed or gone:
        told = [f"{source} ({count} new or changed)" for source, count in sorted(changed.items())]
        told += [f"{gone} entries that were compared do not stand any more"] if gone else []
        why = "the list changed since it was compared" if seen else "nothing was compared that is on the list"
        raise ListChanged(f"{why}: {', '.join(told)}; read the list, compare, and send the marks of what was compared")


def outcomes(
    before: Iterable[Discrepancy], after: Iterable[Discrepancy], explained: Iterable[str]
) -> tuple[Compared, ...]:
    """What became of each discrepancy that was seen, and of those that the decisions made. ``before`` and ``after`` the
    decisions; ``explained``: ids. Raises ``DiscrepancyUnknown``."""
    known = {discrepancy_id(one): one for one in before}
    if unknown := sorted(set(explained) - known.keys()):
        raise DiscrepancyUnknown(f"no discrepancy of the list has the id {unknown[0]}; read the list again")
    said: Mapping[str, Outcome] = dict.fromkeys(explained, "explained")
    remaining = {_about(one): one for one in after}
    found = [
        _compared(id_, one, said.get(id_, "left") if _about(one) in remaining else "decided")
        for id_, one in known.items()
    ]
    seen = {_about(one) for one in known.values()}
    made = [one for about, one in remaining.items() if about not in seen]
    return (*found, *(_compared(discrepancy_id(one), one, "left") for one in made))


def _compared(id_: str, one: Discrepancy, outcome: Outcome) -> Compared:
    entries = tuple((entry.source, entry.order_id) for entry in one.entries)
    return Compared(id_, one.differs, one.codes, entries, outcome)


def _about(one: Discrepancy) -> tuple[str, tuple[str, ...]]:
    """What it is about, whatever its kinds."""
    return one.medication, one.codes


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]
