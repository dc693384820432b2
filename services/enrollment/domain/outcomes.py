"""How a program's participants fare from admission to discharge, by instrument and scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from services.enrollment.domain.instruments import IMPROVED, UNCHANGED, WORSENED, Number, Scale

DIAGNOSIS_GROUPS = (
    ("F10", "F19", "substance_use"),
    ("F20", "F29", "psychotic"),
    ("F30", "F39", "mood"),
    ("F40", "F48", "anxiety_and_stress"),
    ("F50", "F50", "eating"),
    ("F60", "F69", "personality"),
)
"""First and last category and name of each group: blocks of chapter 5 of ICD-10-CM (F50 alone of its block)."""
OTHER, UNKNOWN = "other", "unknown"

EFFECT_SIZE = (
    "Cohen's d_av: (mean at discharge - mean at admission) / ((SD at admission + SD at discharge) / 2), turned so that "
    "above 0 is better; over those with both scores, sample SDs, no small-sample correction (Lakens 2013, formula 10)"
)

SMALL_CELL = 11
"""Fewer episodes than this may point to persons: CMS cell size suppression policy."""


@dataclass(frozen=True)
class Course:
    """One episode's scores on a scale: the first at admission and the last at discharge; none where not measured.

    As judged when they were scored: ``first_case`` and ``last_case``, none where no source has a cut-off;
    ``reliable_change``: points that exceed error, none where no source states any.
    """

    first: Number | None
    last: Number | None
    first_case: bool | None = None
    last_case: bool | None = None
    reliable_change: Number | None = None


@dataclass(frozen=True)
class Outcome:
    """``episodes`` = ``pairs`` + ``no_second_score`` + ``no_first_score``. Means, SDs, effect size and cases are of the
    pairs; none where too few, or where the scale has no caseness. ``improved``, ``unchanged`` and ``worsened`` are by
    reliable change: none where no source states one."""

    episodes: int
    pairs: int
    no_second_score: int
    no_first_score: int
    mean_at_admission: float | None
    mean_at_discharge: float | None
    sd_at_admission: float | None
    sd_at_discharge: float | None
    effect_size: float | None
    improved: int | None
    unchanged: int | None
    worsened: int | None
    cases_at_admission: int | None
    cases_at_discharge: int | None
    small_cell: bool


def diagnosis_group(codes: Sequence[str]) -> str:
    """Of the principal diagnosis, which is the first; ``unknown`` where there is none."""
    if not codes:
        return UNKNOWN
    category = codes[0].strip().upper()[:3]
    return next((name for first, last, name in DIAGNOSIS_GROUPS if first <= category <= last), OTHER)


def outcome(scale: Scale, courses: Iterable[Course]) -> Outcome:
    """The figures of the episodes in which the scale was measured at admission, at discharge or both."""
    measured = [one for one in courses if one.first is not None or one.last is not None]
    pairs = [(one.first, one.last, one) for one in measured if one.first is not None and one.last is not None]
    first, last = [one for one, _, _ in pairs], [one for _, one, _ in pairs]
    verdicts = [scale.change_by(one.reliable_change, earlier, later) for earlier, later, one in pairs]
    reliable = any(one.reliable_change is not None for one in measured)
    cut_off = any(case is not None for one in measured for case in (one.first_case, one.last_case))

    def judged(verdict: str) -> int | None:
        return verdicts.count(verdict) if reliable else None

    def cases(found: Iterable[bool | None]) -> int | None:
        return sum(map(bool, found)) if cut_off else None

    return Outcome(
        episodes=len(measured),
        pairs=len(pairs),
        no_second_score=sum(one.last is None for one in measured),
        no_first_score=sum(one.first is None for one in measured),
        mean_at_admission=_rounded(fmean(first)) if pairs else None,
        mean_at_discharge=_rounded(fmean(last)) if pairs else None,
        sd_at_admission=_rounded(stdev(first)) if len(pairs) > 1 else None,
        sd_at_discharge=_rounded(stdev(last)) if len(pairs) > 1 else None,
        effect_size=_effect_size(scale, first, last),
        improved=judged(IMPROVED),
        unchanged=judged(UNCHANGED),
        worsened=judged(WORSENED),
        cases_at_admission=cases(one.first_case for _, _, one in pairs),
        cases_at_discharge=cases(one.last_case for _, _, one in pairs),
        small_cell=len(measured) < SMALL_CELL,
    )


def _effect_size(scale: Scale, first: Sequence[Number], last: Sequence[Number]) -> float | None:
    """As ``EFFECT_SIZE`` says; none of fewer than two pairs, or where nobody differs from anybody."""
    if len(first) < 2 or (spread := (stdev(first) + stdev(last)) / 2) == 0:
        return None
    gain = fmean(last) - fmean(first)
    return _rounded((gain if scale.higher_is_better else -gain) / spread)


def _rounded(figure: float) -> float:
    return round(figure, 2) + 0.0  # no -0.0
