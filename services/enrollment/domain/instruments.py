"""Instruments: scores, severity bands, and what change counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enrollment.domain.errors import AnswersOrScore, AnswersOutOfRange, ScoreOutOfRange

ADMISSION, REVIEW, DISCHARGE = "admission", "review", "discharge"
OCCASIONS = (ADMISSION, REVIEW, DISCHARGE)

IMPROVED, WORSENED, UNCHANGED = "improved", "worsened", "no_reliable_change"


@dataclass(frozen=True)
class Instrument:
    """``bands``: the lowest score of each severity band, ascending. ``reliable_change``: points that exceed error."""

    name: str
    items: int
    item_maximum: int
    bands: tuple[tuple[int, str], ...]
    reliable_change: int
    safety_item: int
    source: str

    @property
    def maximum(self) -> int:
        return self.items * self.item_maximum

    def band(self, score: int) -> str:
        """The severity band of a score."""
        return [name for lowest, name in self.bands if score >= lowest][-1]

    def change(self, first: int, last: int) -> str:
        """Improved, worsened or no reliable change; lower scores are better."""
        if first - last >= self.reliable_change:
            return IMPROVED
        if last - first >= self.reliable_change:
            return WORSENED
        return UNCHANGED


PHQ_9 = Instrument(
    name="phq_9",
    items=9,
    item_maximum=3,
    bands=((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe")),
    reliable_change=6,
    safety_item=9,
    source="Kroenke, Spitzer and Williams 2001 (bands); NHS Talking Therapies manual (reliable change)",
)
INSTRUMENTS = {PHQ_9.name: PHQ_9}


@dataclass(frozen=True)
class Result:
    """A score with its band. ``safety_trigger``: the safety item is above 0, as far as it was told."""

    score: int
    band: str
    safety_trigger: bool


def result(
    instrument: Instrument, answers: Sequence[int] | None, score: int | None, safety_answer: int | None = None
) -> Result:
    """Scores the answers, or takes the score (then the safety item's answer may come beside it).

    Raises ``AnswersOrScore``, ``AnswersOutOfRange`` and ``ScoreOutOfRange``.
    """
    if (answers is None) == (score is None):
        raise AnswersOrScore(f"give the {instrument.items} answers or the score, one of the two")
    if answers is not None:
        if len(answers) != instrument.items or not all(0 <= one <= instrument.item_maximum for one in answers):
            raise AnswersOutOfRange(
                f"{instrument.name} has {instrument.items} answers of 0 to {instrument.item_maximum}"
            )
        score, safety_answer = sum(answers), answers[instrument.safety_item - 1]
    assert score is not None  # one of the two was given
    safety = safety_answer or 0
    if not 0 <= safety <= instrument.item_maximum:
        raise AnswersOutOfRange(f"item {instrument.safety_item} is answered 0 to {instrument.item_maximum}")
    if not safety <= score <= instrument.maximum:
        raise ScoreOutOfRange(f"{instrument.name} scores 0 to {instrument.maximum}")
    return Result(score, instrument.band(score), safety > 0)
