"""Days on which the program, or one track, is closed: federal holidays, weather, a burst pipe. Days count from 0."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw
from services.cli.simulator.model.visits import weather

HOLIDAY, WEATHER, REPAIR = "holiday", "weather", "building_repair"

AHEAD = -1
"""Told before the first day."""

WINTER = (12, 1, 2, 3)
"""Months."""


@dataclass(frozen=True)
class Closing:
    """From day ``first`` on for ``days``; of one track, or of all where that is None. It is told in the evening of the
    day ``told``; ``lifted``: the day in whose evening it is taken back, None where it holds."""

    first: int
    days: int
    track: int | None
    reason: str
    told: int
    lifted: int | None = None


def closings(seed: int, first_day: date, weeks: int, tracks: int) -> tuple[Closing, ...]:
    """All of them in the order in which they are told."""
    found = [*_holidays(first_day, weeks), *_of_chance(seed, first_day, weeks, tracks)]
    return tuple(sorted(found, key=lambda one: (one.told, one.first)))


def _holidays(first_day: date, weeks: int) -> Iterator[Closing]:
    for number in range(weeks * 7):
        day = first_day + timedelta(days=number)
        if is_holiday(day):
            yield Closing(number, 1, None, HOLIDAY, AHEAD)


def _of_chance(seed: int, first_day: date, weeks: int, tracks: int) -> Iterator[Closing]:
    """Forecasts close the day after tomorrow, or tomorrow; half of the early ones come to nothing."""
    for number in range(2, weeks * 7):
        day = first_day + timedelta(days=number)
        if day.weekday() >= 5:
            continue
        random = draw(seed, "closed", day)
        chance = p.CLOSED_BY_WEATHER if day.month in WINTER else p.CLOSED_BY_WEATHER / p.WINTER_FACTOR
        if random.random() < chance * weather(seed, day - timedelta(days=day.weekday())):
            early = random.random() < p.FORECAST_EARLY
            lifted = number - 1 if early and random.random() < p.FORECAST_WRONG else None
            yield Closing(number, 1, None, WEATHER, number - 2 if early else number - 1, lifted)
        elif random.random() < p.CLOSED_BY_REPAIR:
            yield Closing(number, random.choice((1, 1, 2)), random.randrange(tracks), REPAIR, number - 1)


def is_holiday(day: date) -> bool:
    """Whether a weekday is a legal public holiday of the United States: 5 U.S.C. 6103 (a), observed on the nearest
    weekday (b), which may be in the year before."""
    return any(_observed(one) == day for year in (day.year, day.year + 1) for one in _legal(year))


def _legal(year: int) -> Iterator[date]:
    for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
        yield date(year, month, day)
    for month, number, weekday in ((1, 3, 0), (2, 3, 0), (9, 1, 0), (10, 2, 0), (11, 4, 3)):
        yield _nth(year, month, weekday, number)
    last = date(year, 5, 31)
    yield last - timedelta(days=last.weekday())


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))
