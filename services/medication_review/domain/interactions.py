"""Medications that should not be taken together, or not without thought: the pairs that the shipped table names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, product
from typing import Literal

from services.medication_review.domain.same_medication import SameMedication

Severity = Literal["contraindicated", "serious", "monitor"]
SEVERITIES: tuple[Severity, ...] = ("contraindicated", "serious", "monitor")
"""contraindicated: the label forbids the pair · serious: the label warns · monitor: watch for it."""

REASONS = ("benefit_outweighs_risk", "dose_adjusted", "monitored", "short_overlap", "not_taken", "tolerated_before")
"""Why a prescriber leaves a flagged pair as it is."""

Pair = tuple[str, str]
"""RxNorm codes of two ingredients, sorted."""


@dataclass(frozen=True)
class Interaction:
    """One line of the table. ``one`` and ``other``: RxNorm codes of ingredients; a pair has one of each. Both days are
    included; ``effective_to`` is None while it goes on."""

    key: str
    severity: Severity
    one: frozenset[str]
    other: frozenset[str]
    says: str
    source: str
    effective_from: date
    effective_to: date | None = None
    washout: Mapping[str, int] = field(default_factory=dict)
    """By code: for how many days a medication still acts after it was stopped; none for those that are not named."""

    def acts_until(self, code: str, stopped: datetime) -> date:
        """The first day on which a medication that was stopped then does not act any more (days are UTC's)."""
        return stopped.astimezone(UTC).date() + timedelta(days=self.washout.get(code, 0))

    def holds_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def concerns(self, pair: Pair) -> bool:
        first, second = pair
        return (first in self.one and second in self.other) or (second in self.one and first in self.other)


@dataclass(frozen=True)
class InteractionTable:
    """All interactions known as of ``edition``."""

    edition: date
    source: str
    verify: bool
    interactions: tuple[Interaction, ...]

    def find(self, key: str) -> Interaction | None:
        """The line of this key; None where a table of another time had it."""
        return next((one for one in self.interactions if one.key == key), None)


@dataclass(frozen=True)
class Stopped:
    """When the first and when the last of the sources says that a medication was stopped. What was started since the
    first is a start, though another source confirms the stop later; it acts as long as the last leaves open."""

    first: datetime
    last: datetime


@dataclass(frozen=True, order=True)
class Flag:
    """Two ingredients that interact: both are taken, or one was started while the other, stopped before, still acts.
    ``since``: since when both are, by what their sources say. ``until``: the day on which the one that was stopped acts
    no more; None while both are taken."""

    interaction: str
    codes: Pair
    severity: Severity
    since: datetime
    until: date | None = None

    @property
    def key(self) -> tuple[str, Pair]:
        """What it is about, whenever it began."""
        return self.interaction, self.codes


def flags(groups: Iterable[SameMedication], table: InteractionTable, on: date) -> tuple[Flag, ...]:
    """The rules ``interactions_are_flagged`` and ``washout_is_flagged``: what holds for the medications that are taken,
    beside one another and beside those that still act, by the lines in force on the day."""
    known = list(groups)
    since = taken_since(known)
    return tuple(sorted((*_flags(since, table, on), *_within_washout(since, stopped_at(known), table, on))))


def taken_since(groups: Iterable[SameMedication]) -> dict[str, datetime]:
    """The ingredients that are taken, by code, with since when: the first of the entries by which they are."""
    since: dict[str, datetime] = {}
    for group in groups:
        for ingredient in group.ingredients if group.active else ():
            first = min(word.reported_at for word in group.active)
            since[ingredient.code] = min(since.get(ingredient.code, first), first)
    return since


def stopped_at(groups: Iterable[SameMedication]) -> dict[str, Stopped]:
    """The ingredients that were taken and are no longer, by code, with when sources say that they were stopped."""
    known = list(groups)
    taken, said = taken_since(known), defaultdict[str, list[datetime]](list)
    for group in known:
        for ingredient in group.ingredients:
            if ingredient.code not in taken:
                said[ingredient.code] += [word.reported_at for word in group.words.values() if not word.active]
    return {code: Stopped(min(times), max(times)) for code, times in said.items() if times}


def _within_washout(
    since: Mapping[str, datetime], stopped: Mapping[str, Stopped], table: InteractionTable, on: date
) -> Iterator[Flag]:
    for (begun, started), (ended, when) in product(since.items(), stopped.items()):
        first, second = sorted((begun, ended))
        for interaction in table.interactions:
            until = interaction.acts_until(ended, when.last)
            acts = when.first <= started and on < until
            if acts and interaction.holds_on(on) and interaction.concerns((first, second)):
                yield Flag(interaction.key, (first, second), interaction.severity, started, until)


def _flags(since: dict[str, datetime], table: InteractionTable, on: date) -> Iterator[Flag]:
    for first, second in combinations(sorted(since), 2):
        for interaction in table.interactions:
            if interaction.holds_on(on) and interaction.concerns((first, second)):
                begun = datetime.combine(interaction.effective_from, time(), UTC)
                both = max(since[first], since[second], begun)
                yield Flag(interaction.key, (first, second), interaction.severity, both)
