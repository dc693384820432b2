"""When the prescription drug monitoring program (PDMP) of the state has to be asked about a participant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.medication_review.domain.episode_facts import EpisodeFacts
from services.medication_review.domain.rules import PdmpRules, RuleBook

CONSISTENT, INCONSISTENT, UNAVAILABLE = "consistent", "inconsistent", "unavailable"
RESULTS = (CONSISTENT, INCONSISTENT, UNAVAILABLE)
"""What it shows agrees with what is known, does not (other prescribers, other substances), or it did not answer."""


@dataclass(frozen=True)
class Controlled:
    """A controlled substance that is taken. ``schedule``: of the Controlled Substances Act, II to V."""

    name: str
    schedule: str
    since: datetime


@dataclass(frozen=True)
class PdmpCheck:
    """It was asked. Where it did not answer, that is no check."""

    checked_at: datetime
    result: str

    @property
    def valid(self) -> bool:
        return self.result != UNAVAILABLE


@dataclass(frozen=True)
class PdmpStanding:
    """What of it asks for a prescriber's review: a check not made by then, and inconsistent results by id and time."""

    missed: datetime | None = None
    inconsistent: tuple[tuple[str, datetime], ...] = ()


def next_check(
    facts: EpisodeFacts, controlled: Iterable[Controlled], checks: Iterable[PdmpCheck], book: RuleBook
) -> datetime | None:
    """The rule ``pdmp_is_checked``: by when the next check has to be made; None where none is asked for. Raises
    ``RuleMissing``."""
    if not facts.open or facts.admitted_at is None:
        return None
    made = [check.checked_at for check in checks if check.valid]
    asked = False
    unmet = []
    for substance in controlled:
        since = max(substance.since, facts.admitted_at)
        rules = _rules(facts, book, since)
        if substance.schedule in rules.schedules:
            asked = True
            if not any(checked_at >= since - rules.at_start for checked_at in made):
                unmet.append(since + rules.at_start)
    if not asked:
        return None
    return min(unmet) if unmet else valid_until(facts, max(made), book)


def valid_until(facts: EpisodeFacts, checked_at: datetime, book: RuleBook) -> datetime:
    """How long a check is good for. Raises ``RuleMissing``."""
    return checked_at + _rules(facts, book, checked_at).valid


def _rules(facts: EpisodeFacts, book: RuleBook, instant: datetime) -> PdmpRules:
    return book.pdmp(*facts.judged_by(instant))
