"""Level-of-care criteria as named values, and the finding that follows from an assessor's answers.

Two kinds: the criteria for mental health conditions and eating disorders (needs more than outpatient, step-down,
significant distress or impairment; exclusions), and the dimensions of the ASAM Criteria, level 2.1: six in the 3rd
edition (2013); five in the 4th (2023), which folds readiness to change into the others and adds person-centred
considerations. Which edition holds is the packs' to say; it is recorded with each assessment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.enrollment.domain.errors import AssessmentIncomplete, RatingOutOfRange, UnknownCriterion

MENTAL_HEALTH = "mental_health"
EATING_DISORDER = "eating_disorder"
ASAM = "asam"
KINDS = (MENTAL_HEALTH, EATING_DISORDER, ASAM)

ASAM_3RD_EDITION = "asam_3rd"
ASAM_4TH_EDITION = "asam_4th"
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

_4TH = "ASAM Criteria, 4th ed., level 2.1 dimensional admission criteria; ratings to be verified by the program"

ASAM_LEVEL_2_1_4TH = (
    DimensionRule("intoxication_withdrawal_medications", "withdrawal_manageable_outpatient", 1, None, _4TH),
    DimensionRule("biomedical", "biomedical_needs_manageable_outpatient", 1, None, _4TH),
    DimensionRule("psychiatric_cognitive", "psychiatric_needs_manageable_outpatient", 2, None, _4TH),
    DimensionRule("substance_use_risks", "use_risks_need_monitoring", at_most=3, speaks_for_at=2, source=_4TH),
    DimensionRule("recovery_environment", "environment_needs_structure", at_most=3, speaks_for_at=2, source=_4TH),
)
PERSON_CENTRED = ("barriers_to_care", "preferences_for_care", "needs_motivational_enhancement")
"""Dimension 6 of the 4th edition, answered yes or no: it shapes where and how care is given, not whether."""


@dataclass(frozen=True)
class AsamEdition:
    name: str
    rules: tuple[DimensionRule, ...]
    considerations: tuple[str, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        return (*(rule.dimension for rule in self.rules), *self.considerations)


ASAM_EDITIONS = {
    3: AsamEdition(ASAM_3RD_EDITION, ASAM_LEVEL_2_1, ()),
    4: AsamEdition(ASAM_4TH_EDITION, ASAM_LEVEL_2_1_4TH, PERSON_CENTRED),
}
"""By the number in the packs' ``assessment.asam_edition``."""
ASAM_EDITION_UNSAID = 3
"""Where no pack says by which edition to assess."""

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


def asam_finding(ratings: Mapping[str, int], edition: int = ASAM_EDITION_UNSAID) -> Finding:
    """ASAM level 2.1: all dimensions within what it can manage, at least one of those that speak for it needing its
    structure. Person-centred considerations are asked for and named where they apply; they decide nothing.

    Raises ``UnknownCriterion``, ``AssessmentIncomplete`` and ``RatingOutOfRange``.
    """
    by = ASAM_EDITIONS[edition]
    _check_named(ratings, by.asked)
    for name, rating in ratings.items():
        most = 1 if name in by.considerations else 4
        if not 0 <= rating <= most:
            raise RatingOutOfRange(f"{name} is rated {rating}; it is rated 0 to {most}")
    within = {
        (rule.name if rule.speaks_for_at is None else rule.dimension + WITHIN_LEVEL): ratings[rule.dimension]
        <= rule.at_most
        for rule in by.rules
    }
    needed = {
        rule.name: ratings[rule.dimension] >= rule.speaks_for_at for rule in by.rules if rule.speaks_for_at is not None
    }
    return _finding(
        {**within, **needed},
        supports=all(within.values()) and any(needed.values()),
        level_of_care="asam_2.1",
        edition=by.name,
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
