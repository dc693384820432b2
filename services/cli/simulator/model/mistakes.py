"""What turns out to have been a mistake: two people whom the hospital merged as one."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.lives import Life


@dataclass(frozen=True)
class WrongMerge:
    """On day ``merged`` (with a fraction) the hospital says that the two are one person; in the evening of day
    ``noticed`` the program sees that they are not. Both are numbers of participants."""

    survivor: int
    retired: int
    merged: float
    noticed: int


def wrong_merges(seed: int, lives: tuple[Life, ...]) -> Iterator[WrongMerge]:
    """Of people who are both known by then, each in one at most."""
    taken: set[int] = set()
    for life in lives:
        random = draw(seed, "wrong merge", life.number)
        if random.random() >= p.MERGED_BY_MISTAKE or life.number in taken:
            continue
        day = max(life.referred, 0) + random.randint(3, 25)
        known = [one for one in lives if one.referred < day - 2 and one.number != life.number]
        others = [one for one in known if one.number not in taken and one.referred > day - 60]
        if others:
            other = random.choice(others)
            taken |= {life.number, other.number}
            noticed = _weekday(day + random.randint(*p.MISTAKE_NOTICED_DAYS))
            yield WrongMerge(life.number, other.number, day + random.uniform(0.1, 0.3), noticed)


def _weekday(number: int) -> int:
    return number + (7 - number % 7 if number % 7 >= 5 else 0)
