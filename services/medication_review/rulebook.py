"""The rule packs in force, as medication review's domain needs them."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from services.medication_review.domain.errors import RuleMissing
from services.medication_review.domain.rules import DoseRules, PdmpRules, ReviewRules
from services.platform.packs import Packs

COMMON_PRACTICE = "program_default"
"""The shipped pack that speaks where none of the episode's own does."""


class PackRules:
    """The numbers of the episode's packs; where they are silent, common practice."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def reviews(self, packs: Iterable[str], on: date) -> ReviewRules:
        """What holds for a cause that arises on this local day. Raises ``RuleMissing``."""
        said = self._said(packs, on)
        return ReviewRules(
            admission=_hours(said("medication.reconciliation_hours")),
            transition=_hours(said("medication.transition_hours")),
            order_changed=_hours(said("medication.order_changed_hours")),
            adverse_effect=_hours(said("medication.adverse_effect_hours")),
            severe_effect=_hours(said("medication.severe_effect_hours")),
            missed_doses=_hours(said("medication.missed_doses_review_hours")),
            pdmp=_hours(said("medication.pdmp_review_hours")),
            no_shows=_hours(said("medication.no_shows_hours")),
            discrepancies=_hours(said("medication.discrepancies_hours")),
            interaction=_hours(said("medication.interaction_hours")),
            urgent=_hours(said("medication.urgent_review_hours")),
            cycle=timedelta(days=said("medication.review_cycle_days")),
            cycle_notice=timedelta(days=said("medication.cycle_notice_days")),
            escalation=(
                ("coordinator", _hours(said("medication.escalation_hours_coordinator"))),
                ("auditor", _hours(said("medication.escalation_hours_auditor"))),
            ),
            reconciled_by=said("medication.reconciled_by"),
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

    def _said(self, packs: Iterable[str], on: date) -> Callable[[str], Any]:
        """Parameter → its value."""
        own = self._packs.in_force(packs, on)
        common = self._packs.in_force((COMMON_PRACTICE,), on)

        def said(key: str) -> Any:
            rule = own.rule(key) or common.rule(key)
            if rule is None:
                raise RuleMissing(f"no rule pack in force on {on} sets {key}; add a pack that does")
            return rule.value

        return said


def _hours(number: Any) -> timedelta:
    return timedelta(hours=float(number))
