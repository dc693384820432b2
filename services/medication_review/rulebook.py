"""The rule packs in force, as medication review's domain needs them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from services.medication_review.domain.errors import RuleMissing
from services.medication_review.domain.rules import DoseRules, PdmpRules, ReviewRules
from services.platform.packs import Packs, Rule

COMMON_PRACTICE = "program_default"
"""The shipped pack that speaks where none of the episode's own does."""

WITHIN_HOURS = {
    "admission": "medication.reconciliation_hours",
    "transition": "medication.transition_hours",
    "order_changed": "medication.order_changed_hours",
    "adverse_effect": "medication.adverse_effect_hours",
    "severe_effect": "medication.severe_effect_hours",
    "missed_doses": "medication.missed_doses_review_hours",
    "pdmp": "medication.pdmp_review_hours",
    "no_shows": "medication.no_shows_hours",
    "discrepancies": "medication.discrepancies_hours",
    "interaction": "medication.interaction_hours",
    "urgent": "medication.urgent_review_hours",
}
"""Time of ``ReviewRules`` → the rule packs' parameter that says it."""


class PackRules:
    """The numbers of the episode's packs; where they are silent, common practice."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def reviews(self, packs: Iterable[str], on: date) -> ReviewRules:
        """What holds for a cause that arises on this local day. Raises ``RuleMissing``."""
        said, cited = self._said(packs, on), self._cited(packs, on)
        return ReviewRules(
            **{name: _hours(said(key)) for name, key in WITHIN_HOURS.items()},
            cycle=timedelta(days=said("medication.review_cycle_days")),
            cycle_notice=timedelta(days=said("medication.cycle_notice_days")),
            escalation=(
                ("coordinator", _hours(said("medication.escalation_hours_coordinator"))),
                ("auditor", _hours(said("medication.escalation_hours_auditor"))),
            ),
            reconciled_by=said("medication.reconciled_by"),
            cited={
                name: cited(key) for name, key in (*WITHIN_HOURS.items(), ("cycle", "medication.review_cycle_days"))
            },
        )

    def pdmp(self, packs: Iterable[str], on: date) -> PdmpRules:
        """What holds for a substance that is started, or a check that is made, on this local day. Raises
        ``RuleMissing``."""
        said = self._said(packs, on)
        return PdmpRules(
            schedules=said("medication.pdmp_schedules"),
            at_start=_hours(said("medication.pdmp_start_hours")),
            valid=timedelta(days=said("medication.pdmp_valid_days")),
            checked_by=said("medication.pdmp_checked_by"),
        )

    def doses(self, packs: Iterable[str], on: date) -> DoseRules:
        """What holds for a dose of this local day. Raises ``RuleMissing``."""
        said = self._said(packs, on)
        missed = {
            "methadone": said("medication.missed_doses_methadone"),
            "buprenorphine": said("medication.missed_doses_buprenorphine"),
            "naltrexone": said("medication.missed_doses_naltrexone"),
        }
        return DoseRules(missed, said("medication.doses_observed_by"))

    def sources(self, cited: Iterable[str]) -> Mapping[str, str]:
        """The sources of parameters and packs that reviews cite."""
        return self._packs.sources(cited)

    def _said(self, packs: Iterable[str], on: date) -> Callable[[str], Any]:
        """Parameter → its value."""
        rule = self._rule(packs, on)
        return lambda key: rule(key).value

    def _cited(self, packs: Iterable[str], on: date) -> Callable[[str], str]:
        """Parameter → itself with the pack that says it."""
        rule = self._rule(packs, on)
        return lambda key: rule(key).cited

    def _rule(self, packs: Iterable[str], on: date) -> Callable[[str], Rule]:
        own = self._packs.in_force(packs, on)
        common = self._packs.in_force((COMMON_PRACTICE,), on)

        def found(key: str) -> Rule:
            rule = own.rule(key) or common.rule(key)
            if rule is None:
                raise RuleMissing(f"no rule pack in force on {on} sets {key}; add a pack that does")
            return rule

        return found


def _hours(number: Any) -> timedelta:
    return timedelta(hours=float(number))
