"""Who may complete a review: the rule ``decided_by_a_prescriber``, and the roles that the packs name."""

from services.medication_review.domain.errors import NotQualifiedToReconcile, PrescriberOnly
from services.medication_review.domain.rules import ReviewRules

PRESCRIBER = "prescriber"


def check_prescriber(roles: frozenset[str]) -> None:
    """The rule ``decided_by_a_prescriber``. Raises ``PrescriberOnly``."""
    if PRESCRIBER not in roles:
        raise PrescriberOnly("medication is decided on by a prescriber; ask one to complete this review")


def check_qualified(roles: frozenset[str], rules: ReviewRules) -> None:
    """A prescriber always may reconcile; others as the packs say. Raises ``NotQualifiedToReconcile``."""
    if not roles & (rules.reconciled_by | {PRESCRIBER}):
        allowed = ", ".join(sorted(rules.reconciled_by))
        raise NotQualifiedToReconcile(f"a reconciliation is completed by: {allowed}")
