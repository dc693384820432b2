"""Who may complete a review: the rule ``decided_by_a_prescriber``, and the roles that the packs name."""

from services.medication_review.domain.errors import (
    NotQualifiedToCheck,
    NotQualifiedToObserve,
    NotQualifiedToReconcile,
    PrescriberOnly,
)
from services.medication_review.domain.rules import DoseRules, PdmpRules, ReviewRules

PRESCRIBER = "prescriber"


def check_prescriber(roles: frozenset[str]) -> None:
    """The rule ``decided_by_a_prescriber``. Raises ``PrescriberOnly``."""
    if PRESCRIBER not in roles:
        raise PrescriberOnly("medication is decided on by a prescriber; ask one to do this")


def check_qualified(roles: frozenset[str], rules: ReviewRules) -> None:
    """A prescriber always may reconcile; others as the packs say. Raises ``NotQualifiedToReconcile``."""
    if not roles & (rules.reconciled_by | {PRESCRIBER}):
        allowed = ", ".join(sorted(rules.reconciled_by))
        raise NotQualifiedToReconcile(f"a reconciliation is completed by: {allowed}")


def check_delegate(roles: frozenset[str], rules: PdmpRules) -> None:
    """A prescriber always may ask the monitoring program; others as the packs say. Raises ``NotQualifiedToCheck``."""
    if not roles & (rules.checked_by | {PRESCRIBER}):
        allowed = ", ".join(sorted(rules.checked_by))
        raise NotQualifiedToCheck(f"the prescription drug monitoring program is asked by: {allowed}")


def check_observer(roles: frozenset[str], rules: DoseRules) -> None:
    """A prescriber always may observe a dose; others as the packs say. Raises ``NotQualifiedToObserve``."""
    if not roles & (rules.observed_by | {PRESCRIBER}):
        allowed = ", ".join(sorted(rules.observed_by))
        raise NotQualifiedToObserve(f"an observed dose is given and recorded by: {allowed}")
