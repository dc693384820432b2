"""Level-of-care criteria as named values, and the finding that follows from an assessor's answers.

Two kinds: the criteria for mental health conditions and eating disorders (needs more than outpatient, step-down,
significant distress or impairment; exclusions), and the dimensions of the ASAM Criteria, level 2.1: six in the 3rd
edition (2013); five in the 4th (2023), which folds readiness to change into the others and adds person-centred
considerations. Which edition holds, and which ratings the level can serve, is the packs' to say; the edition is
recorded with each assessment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.enrollment.domain.errors import AssessmentIncomplete, RatingOutOfRange, UnknownCriterion

MENTAL_HEALTH = "mental_health"
EATING_DISORDER = "eating_disorder"
ASAM = "asam"
KINDS = (MENTAL_HEALTH, EATING_DISORDER, ASAM)

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
    speaks_for_at: int | None = None


@dataclass(frozen=True)
class AsamEdition:
    """``considerations``: answered yes or no; they shape where and how care is given, not whether."""

    name: str
    rules: tuple[DimensionRule, ...]
    considerations: tuple[str, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        return (*(rule.dimension for rule in self.rules), *self.considerations)


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
    """The rule ``a_need_and_no_exclusion``: at least one need, no exclusion. An exclusion that is absent counts as met.

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


def asam_finding(ratings: Mapping[str, int], by: AsamEdition) -> Finding:
    """The rule ``within_level_and_needed``: all dimensions within what the level can manage, at least one of those that
    speak for it needing its structure. Person-centred considerations are asked for; they decide nothing.

    Raises ``UnknownCriterion``, ``AssessmentIncomplete`` and ``RatingOutOfRange``.
    """
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
