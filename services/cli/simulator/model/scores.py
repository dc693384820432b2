"""What instruments show: how somebody does at admission, and how that changes while they are treated."""

import math
from random import Random

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw, within

ITEMS = {"phq_9": (8, p.PHQ_9_AT_ADMISSION), "gad_7": (7, p.GAD_7_AT_ADMISSION)}
"""Items of 0 to 3 whose sum follows the course, with its mean and spread at admission; PHQ-9's item 9 comes beside."""


def share_left(seed: int, number: int, course: str, weeks: float) -> float:
    """What is left of the symptoms at admission after so many weeks of treatment; above 1 where it got worse."""
    end = draw(seed, "course", number).uniform(*p.SHARE_LEFT[course])
    return 1 + (end - 1) * (1 - math.exp(-weeks / p.WEEKS_TO_CHANGE))


def answers(seed: int, number: int, course: str, instrument: str, weeks: float) -> list[int]:
    """The answers of participant ``number`` after so many weeks, item by item."""
    left = share_left(seed, number, course, weeks)
    random = draw(seed, "score", number, instrument, round(weeks, 2))
    if instrument == "bam_iop":
        return _bam(random, draw(seed, "baseline", number, instrument), left)
    if instrument == "ede_q":
        return _ede_q(random, draw(seed, "baseline", number, instrument), left)
    items, (mean, spread) = ITEMS[instrument]
    at_admission = within(draw(seed, "baseline", number, instrument).gauss(mean, spread), 3, items * 3)
    total = round(within(at_admission * left + random.gauss(0, p.SCORE_NOISE), 0, items * 3))
    given = _spread(random, items, total, 3)
    if instrument == "phq_9":
        thinks_of_it = random.random() < p.SUICIDAL_IDEATION * total / 2
        given.append(random.choice((1, 1, 2)) if thinks_of_it else 0)
    return given


def _spread(random: Random, items: int, total: int, most: int) -> list[int]:
    """A total over items of 0 to ``most``."""
    given = [0] * items
    for _ in range(total):
        given[random.choice([index for index, value in enumerate(given) if value < most])] += 1
    return given


def _bam(random: Random, baseline: Random, left: float) -> list[int]:
    """17 answers of 0 to 4 about the last 7 days: use (4 to 6) and risk shrink, what protects grows."""
    use, risk = baseline.uniform(0.8, 2.2) * left, baseline.uniform(1.2, 2.8) * left
    protects = 4 - baseline.uniform(1.5, 2.8) * left
    means = [
        risk,
        risk,
        risk,
        use,
        use,
        use,
        use,
        risk,
        *[protects, protects],
        risk,
        *[protects] * 3,
        risk,
        protects,
        1,
    ]
    return [round(within(random.gauss(mean, 0.6), 0, 4)) for mean in means]


def _ede_q(random: Random, baseline: Random, left: float) -> list[int]:
    """28 answers: 13 to 18 are counts of occasions or days, the others 0 to 6."""
    level, episodes = baseline.uniform(2.4, 4.8) * left, baseline.uniform(2, 14) * left
    ratings = [round(within(random.gauss(level, 0.9), 0, 6)) for _ in range(28)]
    return [round(within(random.gauss(episodes, 2), 0, 28)) if 12 <= at < 18 else r for at, r in enumerate(ratings)]
