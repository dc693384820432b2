"""Where the sources of a medication list disagree: per medication, and of which kind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.medication_review.domain.formulary import Formulary
from services.medication_review.domain.medications import PROGRAM, Medication, normal_dose
from services.medication_review.domain.same_medication import SameMedication, same_medications

Difference = Literal["omitted", "dose", "frequency", "route", "status", "duplicate", "same_class"]
"""omitted: a list that is complete, and not older, does not have it · dose, frequency, route: stated differently ·
status: active under one source, stopped under another · duplicate: twice under one source · same_class: taken together
with another of its class."""

COMPLETE = ("discharge_list", "fhir_list")
"""How the sources begin that claim to list all that is taken."""


@dataclass(frozen=True)
class Finding:
    """One way in which sources disagree. ``entries``: those that do; ``missing_from``: complete lists without it."""

    kind: Difference
    entries: tuple[Medication, ...]
    missing_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Discrepancy:
    """Sources that disagree about one medication, or one class of medications. ``codes``: RxNorm codes of its
    ingredients; ``entries``: each source's word about it."""

    medication: str
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]
    entries: tuple[Medication, ...]

    @property
    def differs(self) -> tuple[Difference, ...]:
        return tuple(finding.kind for finding in self.findings)


def discrepancies(
    medications: Iterable[Medication], formulary: Formulary, stated: Mapping[str, datetime] | None = None
) -> list[Discrepancy]:
    """Every discrepancy, by medication, classes last. What the program decided after all others had reported is
    settled. ``stated``: by source, when it last said anything; without it, what the entries say."""
    entries = list(medications)
    lists = {source: at for source, at in (stated or _stated(entries)).items() if source.startswith(COMPLETE)}
    groups = same_medications(entries, formulary)
    found = []
    for group in groups:
        findings = () if group.settled else tuple(_findings(group, lists, formulary))
        if findings:
            words = tuple(group.words.values())
            found.append(Discrepancy(group.name, tuple(one.code for one in group.ingredients), findings, words))
    return found + list(_same_class(groups, formulary))


def _findings(group: SameMedication, lists: Mapping[str, datetime], formulary: Formulary) -> Iterator[Finding]:
    """By kind; what is missing from ``lists``, each with when it was stated, by the rule ``a_complete_list_omits``."""
    active = tuple(word for word in group.words.values() if word.active)
    missing = tuple(
        source
        for source, at in sorted(lists.items())
        if source not in group.words and any(word.reported_at <= at for word in active)
    )
    if missing:
        yield Finding("omitted", active, missing)
    written: tuple[tuple[Difference, dict[Medication, str]], ...] = (
        ("dose", {word: normal_dose(word.dose) for word in active}),
        ("frequency", {word: formulary.frequency(word.frequency) for word in active}),
        ("route", {word: formulary.route(word.route) for word in active}),
    )
    for kind, said in written:
        stating = {word: meant for word, meant in said.items() if meant}
        if len(set(stating.values())) > 1:
            yield Finding(kind, tuple(stating))
    if active and len(active) < len(group.words):
        yield Finding("status", tuple(group.words.values()))
    twice = tuple(
        entry
        for entry in group.entries
        if entry.active
        and entry.source != PROGRAM
        and sum(other.active and other.source == entry.source for other in group.entries) > 1
    )
    if twice:
        yield Finding("duplicate", twice)


def _same_class(groups: Iterable[SameMedication], formulary: Formulary) -> Iterator[Discrepancy]:
    """Different medications of one class that are taken together, unless the program decided so about each."""
    taken = [group for group in groups if group.active]
    for class_ in sorted(formulary.doubled):
        of_class = [group for group in taken if any(class_ in one.classes for one in group.ingredients)]
        members = {one for group in of_class for one in group.ingredients if class_ in one.classes}
        if len(of_class) > 1 and len(members) > 1 and not all(group.settled for group in of_class):
            entries = tuple(word for group in of_class for word in group.active)
            codes = tuple(one.code for one in sorted(members))
            yield Discrepancy(formulary.classes[class_], codes, (Finding("same_class", entries),), entries)


def _stated(entries: Iterable[Medication]) -> dict[str, datetime]:
    latest: dict[str, datetime] = {}
    for entry in entries:
        latest[entry.source] = max(latest.get(entry.source, entry.reported_at), entry.reported_at)
    return latest
