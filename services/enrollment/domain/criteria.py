"""Level-of-care criteria as named values, and the finding that follows from an assessor's answers.

Two kinds: the criteria for mental health conditions and eating disorders (needs more than outpatient, step-down,
significant distress or impairment; exclusions), and the six dimensions of the ASAM Criteria, 3rd edition (2013), level
2.1. Local practice may be stricter; the edition is recorded with each assessment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.enrollment.domain.errors import AssessmentIncomplete, RatingOutOfRange, UnknownCriterion

MENTAL_HEALTH = "mental_health"
EATING_DISORDER = "eating_disorder"
ASAM = "asam"
KINDS = (MENTAL_HEALTH, EATING_DISORDER, ASAM)

ASAM_3RD_EDITION = "asam_3rd"
CLINICAL_EDITION = "daybook_1"
"""The wording of the mental health and eating disorder criteria below."""


@dataclass(frozen=True)
class Criterion:
    """A need that speaks for intensive outpatient care; one of them suffices."""

    name: str
    text: str
    source: str


@dataclass(frozen=True)
class Exclusion:
    """What intensive outpatient care is not safe for; one of them forbids it."""

    name: str
    text: str
    source: str


_CLINICAL = "42 CFR 410.44, 424.24(d); CMS-1786-FC; program practice"

NEEDS = (
    Criterion("needs_more_than_outpatient", "Outpatient visits have not been or would not be enough", _CLINICAL),
    Criterion("step_down", "Steps down from a higher level of care", _CLINICAL),
    Criterion("significant_distress_or_impairment", "Is in significant distress or impaired in daily life", _CLINICAL),
)
EXCLUSIONS = (
    Exclusion("needs_24_hour_care", "Needs care or supervision around the clock", _CLINICAL),
    Exclusion("acute_withdrawal", "Is in, or at risk of, severe withdrawal", _CLINICAL),
    Exclusion("imminent_risk", "Is in imminent danger of harming self or others", _CLINICAL),
)
CLINICAL_ANSWERS = tuple(one.name for one in (*NEEDS, *EXCLUSIONS))


@dataclass(frozen=True)
class DimensionRule:
    """The ratings (0 none to 4 severe) of one ASAM dimension that level 2.1 can serve, and those that speak for it."""

    dimension: str
    name: str
    at_most: int
    speaks_for_at: int | None
    source: str = "ASAM Criteria, 3rd ed., level 2.1 dimensional admission criteria"


ASAM_LEVEL_2_1 = (
    DimensionRule("withdrawal_potential", "withdrawal_manageable_outpatient", at_most=1, speaks_for_at=None),
    DimensionRule("biomedical", "biomedical_needs_manageable_outpatient", at_most=1, speaks_for_at=None),
    DimensionRule("emotional_behavioural_cognitive", "emotional_needs_manageable_outpatient", 2, speaks_for_at=None),
    DimensionRule("readiness_to_change", "readiness_needs_structure", at_most=3, speaks_for_at=2),
    DimensionRule("relapse_potential", "relapse_risk_needs_monitoring", at_most=3, speaks_for_at=2),
    DimensionRule("recovery_environment", "environment_needs_structure", at_most=3, speaks_for_at=2),
)
DIMENSIONS = tuple(rule.dimension for rule in ASAM_LEVEL_2_1)
WITHIN_LEVEL = "_within_level"


@dataclass(frozen=True)
class Finding:
    """Which criteria are met, which are not, and whether they support intensive outpatient care."""

    met: tuple[str, ...]
    not_met: tuple[str, ...]
    supports_admission: bool
    level_of_care: str
    edition: str


def clinical_finding(kind: str, answers: Mapping[str, int]) -> Finding:
    """Mental health and eating disorders: at least one need, no exclusion. An exclusion that is absent counts as met.

    Raises ``UnknownCriterion``, ``AssessmentIncomplete`` and ``RatingOutOfRange``.
    """
    _check_named(answers, CLINICAL_ANSWERS)
    for name, answer in answers.items():
        if answer not in (0, 1):
            raise RatingOutOfRange(f"{name} is answered {answer}; the criteria are answered true or false")
    needs = {one.name: bool(answers[one.name]) for one in NEEDS}
    absent = {f"no_{one.name}": not answers[one.name] for one in EXCLUSIONS}
    return _finding(
        {**needs, **absent},
        supports=any(needs.values()) and all(absent.values()),
        level_of_care=f"{kind}_iop",
        edition=CLINICAL_EDITION,
    )


def asam_finding(ratings: Mapping[str, int]) -> Finding:
    """ASAM level 2.1: all dimensions within what it can manage, at least one of 4 to 6 needing its structure.

    Raises ``UnknownCriterion``, ``AssessmentIncomplete`` and ``RatingOutOfRange``.
    """
    _check_named(ratings, DIMENSIONS)
    for dimension, rating in ratings.items():
        if not 0 <= rating <= 4:
            raise RatingOutOfRange(f"{dimension} is rated {rating}; the dimensions are rated 0 to 4")
    within = {
        (rule.name if rule.speaks_for_at is None else rule.dimension + WITHIN_LEVEL): ratings[rule.dimension]
        <= rule.at_most
        for rule in ASAM_LEVEL_2_1
    }
    needed = {
        rule.name: ratings[rule.dimension] >= rule.speaks_for_at
        for rule in ASAM_LEVEL_2_1
        if rule.speaks_for_at is not None
    }
    return _finding(
        {**within, **needed},
        supports=all(within.values()) and any(needed.values()),
        level_of_care="asam_2.1",
        edition=ASAM_3RD_EDITION,
    )


def _finding(criteria: Mapping[str, bool], *, supports: bool, level_of_care: str, edition: str) -> Finding:
    return Finding(
        met=tuple(name for name, holds in criteria.items() if holds),
        not_met=tuple(name for name, holds in criteria.items() if not holds),
        supports_admission=supports,
        level_of_care=level_of_care,
        edition=edition,
    )


def _check_named(given: Mapping[str, object], expected: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(expected))
    if unknown:
        raise UnknownCriterion(f"{', '.join(unknown)}: not of this edition; it asks for {', '.join(expected)}")
    missing = [name for name in expected if name not in given]
    if missing:
        raise AssessmentIncomplete(f"{', '.join(missing)}: answer each, whatever the answer")
