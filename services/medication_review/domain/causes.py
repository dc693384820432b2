"""Why a review falls due: worked out from the facts, so that the order in which they came does not matter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from services.medication_review.domain.doses import asked_for
from services.medication_review.domain.episode_facts import EpisodeFacts, Kind, no_shows_id
from services.medication_review.domain.evidence import Evidence
from services.medication_review.domain.rules import ReviewRules, RuleBook


@dataclass(frozen=True)
class Cause:
    """One thing that asks for a review. ``id`` is the same whenever it is worked out again."""

    id: str
    kind: Kind
    name: str
    due_at: datetime
    urgent: bool = False
    decided_by: tuple[str, ...] = ()
    """``PARAMETER of PACK`` that says within which time."""


@dataclass(frozen=True)
class Asking:
    """What causes are worked out from: the facts of an episode that began, what is known beside them, and
    the rules."""

    facts: EpisodeFacts
    admitted_at: datetime
    evidence: Evidence
    book: RuleBook

    def rules(self, instant: datetime) -> ReviewRules:
        """Those in force on the local day of what asks. Raises ``RuleMissing``."""
        return self.facts.rules(self.book, instant)

    def cause(self, id_: str, kind: Kind, name: str, since: datetime, within: str, *, urgent: bool = False) -> Cause:
        """``within``: which of the rules' times it is due in, from ``since``. Raises ``RuleMissing``."""
        time, decided_by = self.rules(since).within(within)
        return Cause(id_, kind, name, since + time, urgent, decided_by)


def next_cycle(facts: EpisodeFacts, book: RuleBook) -> tuple[datetime, datetime] | None:
    """When the cycle's next review falls due and when it opens; None where none will."""
    if not facts.open or facts.admitted_at is None:
        return None
    since = facts.reviewed_at or facts.admitted_at
    rules = facts.rules(book, since)
    return since + rules.cycle, since + rules.cycle - rules.cycle_notice


def open_causes(facts: EpisodeFacts, evidence: Evidence, book: RuleBook) -> list[Cause]:
    """What asks for a review and no completed one has answered, the earliest first. Raises ``RuleMissing``."""
    if not facts.open or facts.admitted_at is None:
        return []
    asking = Asking(facts, facts.admitted_at, evidence, book)
    found = [cause for ask in CAUSES for cause in ask(asking) if cause.id not in facts.covered]
    return sorted(found, key=lambda cause: (cause.due_at, cause.name, cause.id))


def admission(asking: Asking) -> Iterator[Cause]:
    """The rule ``reconciled_at_admission``."""
    since = asking.admitted_at
    yield asking.cause("admission", "reconciliation", "admission", since, "admission")


def transitions(asking: Asking) -> Iterator[Cause]:
    """The rule ``reconciled_at_transition``: what ends a suspension, and a transfer, step-up or step-down."""
    for suspension_id, suspension in asking.facts.suspensions.items():
        if suspension.until is not None and not suspension.cancelled:
            until = suspension.until
            cause_id = f"transition:{suspension_id}:{until.isoformat()}"
            yield asking.cause(cause_id, "reconciliation", "transition", until, "transition")
    for since in asking.facts.transfers:
        cause_id = f"transfer:{since.isoformat()}"
        yield asking.cause(cause_id, "reconciliation", "transition", since, "transition")


def safety_triggers(asking: Asking) -> Iterator[Cause]:
    """The rule ``safety_trigger_is_urgent``."""
    for scored_at in asking.facts.safety_triggers:
        since = max(scored_at, asking.admitted_at)
        cause_id = f"safety_trigger:{scored_at.isoformat()}"
        yield asking.cause(cause_id, "review", "safety_trigger", since, "urgent", urgent=True)


def adverse_effects(asking: Asking) -> Iterator[Cause]:
    """The rule ``adverse_effect_is_reviewed``."""
    for effect_id, effect in asking.facts.adverse_effects.items():
        since = max(effect.reported_at, asking.admitted_at)
        within = "severe_effect" if effect.severe else "adverse_effect"
        cause_id = f"adverse_effect:{effect_id}"
        yield asking.cause(cause_id, "review", "adverse_effect", since, within, urgent=effect.severe)


def no_shows(asking: Asking) -> Iterator[Cause]:
    """The rule ``repeated_no_shows_are_reviewed``."""
    for count, missed_at in asking.facts.no_shows.items():
        yield asking.cause(no_shows_id(count), "review", "no_shows", missed_at, "no_shows")


def changed_orders(asking: Asking) -> Iterator[Cause]:
    """The rule ``order_change_is_reviewed``."""
    for change in asking.evidence.orders:
        reported_at = change.reported_at
        if reported_at > asking.admitted_at and not asking.facts.suspended_at(reported_at):
            cause_id = f"order_changed:{change.order}:{reported_at.isoformat()}"
            yield asking.cause(cause_id, "review", "order_changed", reported_at, "order_changed")


def pdmp_checks(asking: Asking) -> Iterator[Cause]:
    """The rule ``controlled_substance_unchecked_is_reviewed``."""
    pdmp = asking.evidence.pdmp
    if pdmp.missed is not None:
        cause_id = f"pdmp_check:{pdmp.missed.isoformat()}"
        yield asking.cause(cause_id, "review", "pdmp_check", pdmp.missed, "pdmp")
    for check_id, checked_at in pdmp.inconsistent:
        since = max(checked_at, asking.admitted_at)
        yield asking.cause(f"pdmp_result:{check_id}", "review", "pdmp_result", since, "pdmp")


def missed_doses(asking: Asking) -> Iterator[Cause]:
    """The rule ``missed_doses_are_reviewed_before_the_next``."""
    for run in asking.evidence.missed:
        for asked in asked_for(run, asking.facts, asking.book):
            since = asked.last.ended_at
            yield asking.cause(asked.id, "review", "missed_doses", since, "missed_doses")


def discrepancies(asking: Asking) -> Iterator[Cause]:
    """The rule ``discrepancies_are_reviewed``."""
    for review_id, completed_at in asking.facts.undecided_since.items():
        cause_id = f"discrepancies:{review_id}"
        yield asking.cause(cause_id, "review", "discrepancies", completed_at, "discrepancies")


def interactions(asking: Asking) -> Iterator[Cause]:
    """The rule ``contraindicated_is_urgent``: of those that no prescriber acknowledged."""
    for flag in asking.evidence.flags:
        if flag.severity == "contraindicated":
            since = max(flag.since, asking.admitted_at)
            cause_id = f"interaction:{flag.interaction}:{'+'.join(flag.codes)}:{flag.since.isoformat()}"
            yield asking.cause(cause_id, "review", "interaction", since, "interaction", urgent=True)


def cycle(asking: Asking) -> Iterator[Cause]:
    """The rule ``reviewed_in_cycles``: its review opens when its notice begins."""
    due_at = asking.facts.cycle_reached
    if due_at is not None and due_at == asking.facts.cycle_due_at:
        _, decided_by = asking.rules(asking.facts.reviewed_at or asking.admitted_at).within("cycle")
        yield Cause(f"cycle:{due_at.isoformat()}", "review", "cycle", due_at, decided_by=decided_by)


CAUSES: tuple[Callable[[Asking], Iterator[Cause]], ...] = (
    admission,
    transitions,
    safety_triggers,
    adverse_effects,
    no_shows,
    changed_orders,
    pdmp_checks,
    missed_doses,
    discrepancies,
    interactions,
    cycle,
)
"""All that asks for a review."""
