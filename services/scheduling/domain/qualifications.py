"""Who may lead which component of an intensive outpatient program."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.scheduling.domain.errors import FacilitatorNotQualified, UnknownQualification

QUALIFICATIONS = frozenset({"therapist", "psychiatrist", "prescriber", "psychoeducator", "nurse", "peer"})
"""What a member of staff may be qualified as."""

PRESCRIBING = frozenset({"psychiatrist", "prescriber"})
"""Qualifications that allow prescribing."""


@dataclass(frozen=True)
class LedBy:
    """A component is led by holders of at least one of these qualifications."""

    component: str
    qualifications: frozenset[str]
    source: str

    def suffices(self, held: Iterable[str]) -> bool:
        return not self.qualifications.isdisjoint(held)

    def check(self, held: Iterable[str]) -> None:
        """Raises ``FacilitatorNotQualified`` where none of the qualifications held suffices.
        By the rule ``led_by_the_qualified``."""
        if not self.suffices(held):
            needed = " or ".join(sorted(self.qualifications))
            raise FacilitatorNotQualified(
                f"{self.component} is led by a {needed}; choose a facilitator with that qualification"
            )


_SOURCE = "program components table (docs: the domain): "

INDIVIDUAL_THERAPY = LedBy(
    "individual_therapy", frozenset({"therapist"}), _SOURCE + "individual therapy is led by a therapist"
)
GROUP_THERAPY = LedBy("group_therapy", frozenset({"therapist"}), _SOURCE + "group therapy is led by therapists")
MEDICATION_MANAGEMENT = LedBy(
    "medication_management", PRESCRIBING, _SOURCE + "a psychiatrist or another qualified prescriber"
)
PSYCHOEDUCATION = LedBy(
    "psychoeducation",
    frozenset({"psychoeducator", "therapist", "nurse", "psychiatrist", "prescriber"}),
    _SOURCE + "psychoeducation is led by qualified staff",
)
SUPPORT_GROUP = LedBy("support_group", frozenset({"peer"}), _SOURCE + "peer-led; a therapist is not required")

WHO_MAY_LEAD = {
    rule.component: rule
    for rule in (INDIVIDUAL_THERAPY, GROUP_THERAPY, MEDICATION_MANAGEMENT, PSYCHOEDUCATION, SUPPORT_GROUP)
}
"""All of these rules, by component."""


def check_known(qualifications: Iterable[str]) -> None:
    """Raises ``UnknownQualification`` naming what is not a qualification."""
    unknown = sorted(set(qualifications) - QUALIFICATIONS)
    if unknown:
        raise UnknownQualification(
            f"unknown qualification {', '.join(unknown)}; known are {', '.join(sorted(QUALIFICATIONS))}"
        )
