"""Chance by name: what is drawn for one thing depends on the seed and on its name, never on what was drawn before."""

import math
from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw(seed: int, *names: object) -> Random:
    """The random numbers of the thing so named; the same in every run, in whichever order things are asked for."""
    return Random("/".join(map(str, (seed, *names))))


def chosen(random: Random, weights: Mapping[T, float]) -> T:
    """One of them, by weight."""
    return random.choices(list(weights), list(weights.values()))[0]


def within(value: float, least: float, most: float) -> float:
    """The value, or the bound that it is beyond."""
    return max(least, min(most, value))


def weeks_until(random: Random, hazard: float) -> float:
    """When something happens that in each week happens with this probability, in weeks from now."""
    return math.inf if hazard <= 0 else random.expovariate(-math.log1p(-hazard))
