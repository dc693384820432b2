"""Published standards as data of rule packs: what an instrument's scores mean, which ASAM ratings can be served."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from services.platform.parameter_values import BadValue

Number = int | float

ASAM_DIMENSIONS = (
    "withdrawal_potential",
    "biomedical",
    "emotional_behavioural_cognitive",
    "readiness_to_change",
    "relapse_potential",
    "recovery_environment",
    "intoxication_withdrawal_medications",
    "psychiatric_cognitive",
    "substance_use_risks",
)
"""Of the 3rd edition of the ASAM Criteria, then those that the 4th has besides."""


@dataclass(frozen=True)
class ScaleStandard:
    """``bands``: name and lowest score of each, ascending from 0. ``caseness``: a case from this score on (up to it, on
    a scale where higher is better). ``reliable_change``: points that exceed error. None where no source states one."""

    scale: str
    bands: tuple[tuple[str, Number], ...] = ()
    caseness: Number | None = None
    reliable_change: Number | None = None

    def __str__(self) -> str:
        said = [f"{name} from {lowest}" for name, lowest in self.bands]
        said += [] if self.caseness is None else [f"case at {self.caseness}"]
        said += [] if self.reliable_change is None else [f"reliable change {self.reliable_change}"]
        return f"{self.scale}: {', '.join(said)}"


@dataclass(frozen=True)
class AsamDimension:
    """``criterion``: the name of what is met. ``at_most``: the highest rating that the level can serve.
    ``speaks_for_at``: from this rating on it speaks for the level; None where it never does."""

    dimension: str
    criterion: str
    at_most: int
    speaks_for_at: int | None = None

    def __str__(self) -> str:
        speaks = "" if self.speaks_for_at is None else f", speaks for it from {self.speaks_for_at}"
        return f"{self.dimension}: at most {self.at_most}{speaks}"


def read_scales(names: tuple[str, ...], value: Any) -> tuple[ScaleStandard, ...]:
    """A list of scales of an instrument whose scales are ``names``, the leading one first. Raises ``BadValue``."""
    found = tuple(_scale(raw) for raw in _listed(value, "scale"))
    unknown = [one.scale for one in found if one.scale not in names]
    if unknown:
        raise BadValue(f"has a scale {unknown[0]}; known are {', '.join(names)}")
    if not any(one.scale == names[0] and one.bands for one in found):
        raise BadValue(f"has no bands of {names[0]}, which stands for the whole")
    return found


def read_dimensions(value: Any) -> tuple[AsamDimension, ...]:
    """A list of dimensions, in the order in which they are told. Raises ``BadValue``."""
    return tuple(_dimension(raw) for raw in _listed(value, "dimension"))


def strictest_dimensions(values: Sequence[tuple[AsamDimension, ...]]) -> tuple[AsamDimension, ...]:
    """Of each dimension the lowest rating that can be served, and the highest that speaks for the level."""
    found: dict[str, AsamDimension] = {}
    for one in (one for dimensions in values for one in dimensions):
        held = found.setdefault(one.dimension, one)
        silent = held.speaks_for_at is None or one.speaks_for_at is None
        speaks = None if silent else max(held.speaks_for_at or 0, one.speaks_for_at or 0)
        found[one.dimension] = AsamDimension(one.dimension, held.criterion, min(held.at_most, one.at_most), speaks)
    return tuple(found.values())


def _scale(raw: dict[str, Any]) -> ScaleStandard:
    name = raw["scale"]
    _known(raw, {"scale", "bands", "caseness", "reliable_change"}, name)
    bands = raw.get("bands", {})
    if not isinstance(bands, dict) or not all(isinstance(band, str) for band in bands):
        raise BadValue(f"has bands of {name} that are no mapping of names to lowest scores")
    lowest = [_number(score, f"band {band} of {name}") for band, score in bands.items()]
    if lowest and (lowest[0] != 0 or any(later <= earlier for earlier, later in pairwise(lowest))):
        raise BadValue(f"has bands of {name} that do not ascend from 0")
    numbers = {key: _number(raw[key], f"{key} of {name}") for key in ("caseness", "reliable_change") if key in raw}
    if numbers.get("reliable_change") == 0:
        raise BadValue(f"has reliable_change of {name} that is 0: every score would be a change")
    return ScaleStandard(name, tuple(zip(bands, lowest, strict=True)), **numbers)


def _dimension(raw: dict[str, Any]) -> AsamDimension:
    name = raw["dimension"]
    if name not in ASAM_DIMENSIONS:
        raise BadValue(f"has a dimension {name}; known are {', '.join(ASAM_DIMENSIONS)}")
    _known(raw, {"dimension", "criterion", "at_most", "speaks_for_at"}, name)
    if not isinstance(raw.get("criterion"), str) or "at_most" not in raw:
        raise BadValue(f"has {name} without criterion or at_most")
    ratings = {key: raw[key] for key in ("at_most", "speaks_for_at") if key in raw}
    if not all(type(rating) is int and 0 <= rating <= 4 for rating in ratings.values()):
        raise BadValue(f"has {name} with ratings that are not 0 to 4")
    return AsamDimension(name, raw["criterion"], **ratings)


def _listed(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(raw, dict) for raw in value):
        raise BadValue(f"is not a list of at least one {name}")
    names = [raw.get(name) for raw in value]
    if not all(isinstance(one, str) and one for one in names) or len(set(names)) < len(names):
        raise BadValue(f"has a {name} without a name of its own")
    return value


def _known(raw: dict[str, Any], allowed: set[str], name: str) -> None:
    unknown = sorted(set(map(str, raw)) - allowed)
    if unknown:
        raise BadValue(f"has {unknown[0]} of {name}; known are {', '.join(sorted(allowed))}")


def _number(value: Any, what: str) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:  # nor .nan
        raise BadValue(f"has {what} that is no number from 0 up")
    return value
