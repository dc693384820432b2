"""Instruments as named values: which items make up which scale, and how. What a score means (severity bands, caseness,
what change counts) is the rule packs' to say: ``services.enrollment.standards`` fills it in.

No item texts are shipped. EDE-Q's and the BAM's forms are their authors'; WHODAS 2.0 is taken as a score only, since
its items need WHO's permission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Number = int | float
"""Whole where the scale counts points; at most two decimals where it is a mean or a percentage."""

ADMISSION, REVIEW, DISCHARGE = "admission", "review", "discharge"
OCCASIONS = (ADMISSION, REVIEW, DISCHARGE)

IMPROVED, WORSENED, UNCHANGED = "improved", "worsened", "no_reliable_change"

COUNT_MAXIMUM = 999
"""The most that an item takes which counts occasions or days and is not scored."""


@dataclass(frozen=True)
class Scale:
    """``items``: numbers of the items that make it up, from 1; ``parts``: the scales whose mean it is instead.

    Of the rule packs: ``bands``: the lowest score of each band, ascending. ``caseness``: a case from this score on (up
    to it, where higher is better). ``reliable_change``: points that exceed error. None where no source states one.
    ``fractional``: a mean of its items, or a percentage; else their sum.
    """

    name: str
    maximum: int
    items: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()
    bands: tuple[tuple[Number, str], ...] = ()
    caseness: Number | None = None
    reliable_change: Number | None = None
    higher_is_better: bool = False
    fractional: bool = False

    def band(self, score: Number) -> str | None:
        """The band of a score."""
        return next((name for lowest, name in reversed(self.bands) if score >= lowest), None)

    def case(self, score: Number) -> bool | None:
        """Whether the score is a case's."""
        if self.caseness is None:
            return None
        return score <= self.caseness if self.higher_is_better else score >= self.caseness

    def points(self, first: Number, last: Number) -> Number:
        """From the first score to the last, as they read; two decimals."""
        return round(last - first, 2)

    def gain(self, first: Number, last: Number) -> Number:
        """The points by which it got better; below 0 where it got worse."""
        return self.points(first, last) if self.higher_is_better else self.points(last, first)

    def change(self, first: Number, last: Number) -> str | None:
        """Improved, worsened or no reliable change; none where no source says what change is reliable."""
        return self.change_by(self.reliable_change, first, last)

    def change_by(self, reliable_change: Number | None, first: Number, last: Number) -> str | None:
        """As ``change``, by the points that held when it was scored (the rule ``reliable_change``)."""
        if reliable_change is None:
            return None
        gain = self.gain(first, last)
        if gain >= reliable_change:
            return IMPROVED
        return WORSENED if -gain >= reliable_change else UNCHANGED


@dataclass(frozen=True)
class Instrument:
    """``scales``: the leading one first, whose whole points and band stand for the whole where one value has to.

    ``items``: how many, 0 where only scores are taken, each answered 0 to ``item_maximum``; ``counted``: those that
    count occasions instead and are not scored. ``total``: the leading scale says it all, so it may be told alone.
    """

    name: str
    scales: tuple[Scale, ...]
    source: str
    items: int = 0
    item_maximum: int = 0
    counted: tuple[int, ...] = ()
    total: bool = True
    safety_item: int | None = None
    may_be_missing: bool = False
    """Scored although items were left out, by the rule ``items_left_out``; else from all its answers or not at all."""

    @property
    def lead(self) -> Scale:
        return self.scales[0]

    @property
    def basic(self) -> tuple[Scale, ...]:
        """The scales that are told where there are no answers; the others follow from them."""
        return tuple(scale for scale in self.scales if not scale.parts)

    def scale(self, name: str) -> Scale:
        """Raises ``KeyError``."""
        return {scale.name: scale for scale in self.scales}[name]

    def answer_maximum(self, item: int) -> int:
        return COUNT_MAXIMUM if item in self.counted else self.item_maximum


def _all(items: int) -> tuple[int, ...]:
    return tuple(range(1, items + 1))


PHQ_9 = Instrument(
    name="phq_9",
    scales=(Scale("total", maximum=27, items=_all(9)),),
    items=9,
    item_maximum=3,
    safety_item=9,
    source="Kroenke, Spitzer and Williams 2001",
)
GAD_7 = Instrument(
    name="gad_7",
    scales=(Scale("total", maximum=21, items=_all(7)),),
    items=7,
    item_maximum=3,
    source="Spitzer, Kroenke, Williams and Loewe 2006",
)

BAM_SCALES = (
    Scale("use", maximum=12, items=(4, 5, 6)),
    Scale("risk", maximum=24, items=(1, 2, 3, 8, 11, 15)),
    Scale("protective", maximum=24, items=(9, 10, 12, 13, 14, 16), higher_is_better=True),
)
"""Items rated 0 to 4."""
_BAM_SOURCE = "Cacciola et al. 2013; VA CESATE, BAM scoring and clinical guidelines (subscales; no valid total)"
BAM = Instrument("bam", BAM_SCALES, _BAM_SOURCE, items=17, item_maximum=4, total=False)
BAM_IOP = Instrument("bam_iop", BAM_SCALES, _BAM_SOURCE, items=17, item_maximum=4, total=False)
"""The BAM about the past 7 days instead of 30. Item 7 stands for its parts (7A to 7G); it and 17 are not scored."""

EDE_Q = Instrument(
    name="ede_q",
    scales=(
        Scale(
            "global",
            maximum=6,
            parts=("restraint", "eating_concern", "shape_concern", "weight_concern"),
            fractional=True,
        ),
        Scale("restraint", maximum=6, items=(1, 2, 3, 4, 5), fractional=True),
        Scale("eating_concern", maximum=6, items=(7, 9, 19, 20, 21), fractional=True),
        Scale("shape_concern", maximum=6, items=(6, 8, 10, 11, 23, 26, 27, 28), fractional=True),
        Scale("weight_concern", maximum=6, items=(8, 12, 22, 24, 25), fractional=True),
    ),
    items=28,
    item_maximum=6,
    counted=(13, 14, 15, 16, 17, 18),
    may_be_missing=True,
    source="Fairburn and Beglin 2008, EDE-Q 6.0 (subscales, items left out)",
)
WHODAS_12 = Instrument(
    name="whodas_12",
    scales=(Scale("percent", maximum=100, fractional=True),),
    source="WHO 2010, Measuring health and disability (0 to 100)",
)

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {one.name: one for one in (PHQ_9, GAD_7, BAM, BAM_IOP, EDE_Q, WHODAS_12)}
)
