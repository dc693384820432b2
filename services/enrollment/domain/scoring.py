"""From answers, or from scores that were told, to every scale's score with its band and caseness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from services.enrollment.domain.errors import (
    AnswersNotTaken,
    AnswersOrScore,
    AnswersOutOfRange,
    NoValidTotal,
    ScalesIncomplete,
    ScoreOutOfRange,
)
from services.enrollment.domain.instruments import INSTRUMENTS, Instrument, Number, Scale

_HUNDREDTH, _WHOLE = Decimal("0.01"), Decimal(1)


@dataclass(frozen=True)
class ScaleScore:
    """``band`` and ``case``: none where no source states them."""

    scale: str
    score: Number
    band: str | None
    case: bool | None
    reliable_change: Number | None = None
    """Points that exceed error, as the packs in force say."""


@dataclass(frozen=True)
class Result:
    """``scales``: the leading one first. ``safety_trigger``: the safety item is above 0, as far as it is known;
    ``safety_item_known``: none where the instrument has no such item."""

    scales: tuple[ScaleScore, ...]
    safety_trigger: bool
    safety_item_known: bool | None = None

    @property
    def score(self) -> int:
        """The leading scale's, in whole points, halves up."""
        return int(Decimal(str(self.scales[0].score)).quantize(_WHOLE, ROUND_HALF_UP))

    @property
    def band(self) -> str:
        return str(self.scales[0].band)


def result(
    instrument: Instrument,
    answers: Sequence[int | None] | None = None,
    score: Number | None = None,
    safety_answer: int | None = None,
    scores: Mapping[str, Number] | None = None,
) -> Result:
    """Scores the answers; or takes the total, or each subscale's score, with the safety item's answer beside it.

    Raises ``AnswersOrScore``, ``AnswersNotTaken``, ``AnswersOutOfRange``, ``NoValidTotal``, ``ScalesIncomplete`` and
    ``ScoreOutOfRange``.
    """
    if [answers, score, scores].count(None) != 2:
        raise AnswersOrScore("give the answers, the score or the scores, one of the three")
    if answers is not None:
        exact = _of_answers(instrument, answers)
        safety = answers[instrument.safety_item - 1] if instrument.safety_item else None
    else:
        told = scores if scores is not None else _of_total(instrument, score)
        exact = _of_scores(instrument, told)
        safety = _safety(instrument, safety_answer, exact)
    known = [scale for scale in instrument.scales if scale.name in exact]
    return Result(
        tuple(_scored(scale, _number(exact[scale.name])) for scale in known),
        safety_trigger=bool(safety),
        safety_item_known=safety is not None if instrument.safety_item else None,
    )


def of_total(instrument: str, score: Number, band: str) -> dict[str, Any]:
    """The one scale of a score that was stored before scales were, with what was stored of it."""
    return {"scale": INSTRUMENTS[instrument].lead.name, "score": score, "band": band, "case": None}


def _of_answers(instrument: Instrument, answers: Sequence[int | None]) -> dict[str, Fraction]:
    if not instrument.items:
        raise AnswersNotTaken(f"{instrument.name} is taken as a score only: its items need their owner's permission")
    if len(answers) != instrument.items:
        raise AnswersOutOfRange(f"{instrument.name} has {instrument.items} answers")
    for item, answer in enumerate(answers, 1):
        if answer is None and not instrument.may_be_missing:
            raise AnswersOutOfRange(f"item {item} was left out; {instrument.name} is scored from all its answers")
        if answer is not None and not 0 <= answer <= instrument.answer_maximum(item):
            raise AnswersOutOfRange(f"item {item} is answered 0 to {instrument.answer_maximum(item)}")
    return _with_means(instrument, {scale.name: _of_items(scale, answers) for scale in instrument.basic})


def _of_items(scale: Scale, answers: Sequence[int | None]) -> Fraction:
    """The sum of the items, or their mean; where items were left out by the rule ``items_left_out``."""
    rated = [answer for item in scale.items if (answer := answers[item - 1]) is not None]
    if len(rated) * 2 <= len(scale.items):
        raise AnswersOutOfRange(f"more than half of the {len(scale.items)} items of {scale.name} have to be answered")
    return Fraction(sum(rated), len(rated) if scale.fractional else 1)


def _of_total(instrument: Instrument, score: Number | None) -> dict[str, Number]:
    """None of instruments without one (the rule ``no_valid_total``)."""
    if not instrument.total:
        raise NoValidTotal(f"{instrument.name} has no valid total; give scores of {_names(instrument.basic)}")
    assert score is not None  # the caller saw that it was given
    return {instrument.lead.name: score}


def _of_scores(instrument: Instrument, told: Mapping[str, Number]) -> dict[str, Fraction]:
    names = {scale.name for scale in instrument.basic}
    if set(told) != names and not (instrument.total and set(told) == {instrument.lead.name}):
        raise ScalesIncomplete(f"{instrument.name} needs scores of {_names(instrument.basic)}, all and no other")
    exact = {}
    for name, score in told.items():
        scale = instrument.scale(name)
        whole = "" if scale.fractional else "whole "
        if not 0 <= score <= scale.maximum or (whole and score != int(score)):
            raise ScoreOutOfRange(f"{instrument.name} scores {whole}points of 0 to {scale.maximum} on {name}")
        exact[name] = Fraction(str(score))
    return _with_means(instrument, exact)


def _with_means(instrument: Instrument, exact: dict[str, Fraction]) -> dict[str, Fraction]:
    """Adds the scales that are means of others, as far as these are known."""
    for scale in instrument.scales:
        if scale.parts and all(part in exact for part in scale.parts):
            exact[scale.name] = sum((exact[part] for part in scale.parts), Fraction()) / len(scale.parts)
    return exact


def _safety(instrument: Instrument, answer: int | None, exact: Mapping[str, Fraction]) -> int | None:
    """The safety item's answer beside a score that was told (the rule ``safety_item``). Where it was not, the least
    that it must have been, of a total that the other items cannot make up; None where they can."""
    if instrument.safety_item is None:
        if answer is not None:
            raise AnswersOutOfRange(f"{instrument.name} has no safety item; leave safety_answer out")
        return None
    total = int(exact[instrument.lead.name])
    least = max(0, total - (instrument.items - 1) * instrument.item_maximum)
    if answer is None:
        return least or None
    if not 0 <= answer <= instrument.item_maximum:
        raise AnswersOutOfRange(f"item {instrument.safety_item} is answered 0 to {instrument.item_maximum}")
    if not least <= answer <= total:
        raise ScoreOutOfRange(
            f"{instrument.name} scores {total} only where item {instrument.safety_item} is answered "
            f"{least} to {min(total, instrument.item_maximum)}"
        )
    return answer


def _scored(scale: Scale, score: Number) -> ScaleScore:
    return ScaleScore(scale.name, score, scale.band(score), scale.case(score), scale.reliable_change)


def _number(exact: Fraction) -> Number:
    """Two decimals, halves up; whole numbers as such."""
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_HUNDREDTH, ROUND_HALF_UP)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _names(scales: Sequence[Scale]) -> str:
    return ", ".join(scale.name for scale in scales)
