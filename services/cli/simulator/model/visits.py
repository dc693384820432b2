"""Whether somebody comes to a session, when they come and when they go."""

import math
from dataclasses import dataclass
from datetime import date
from random import Random

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import draw, within


@dataclass(frozen=True)
class Visit:
    """Minutes from the beginning (may be below 0) and before the end. ``out``: minutes between which they stepped out,
    counted from the beginning; None where they did not. ``by_call``: they join from home although others are in the
    room. ``breaks``: in a call, the minutes at which the connection is lost and another device is there, maybe before.
    ``left_unseen``: they had gone so many minutes before the end, which is found out so many days later."""

    late: int
    early: int
    out: tuple[int, int] | None
    kiosk: bool = False
    by_call: bool = False
    breaks: tuple[int, int] | None = None
    left_unseen: tuple[int, int] | None = None


@dataclass(frozen=True)
class Absence:
    """``called_off``: days of notice, 0 without. ``excused``, ``corrected``: after so many days; None where never."""

    called_off: int
    excused: int | None
    corrected: int | None


def weather(seed: int, monday: date) -> float:
    """By how much more, or less, is missed in this week than in others."""
    return math.exp(draw(seed, "weather", monday).gauss(0, p.WEATHER_SPREAD))


def chance_of_absence(own: float, day: date, weather: float) -> float:
    """The probability that somebody misses a session of this day; ``own``: their probability on an ordinary day."""
    return within(own * p.WEEKDAY_FACTORS[day.weekday()] * weather, 0.0, p.HIGHEST_ABSENCE)


def visit(seed: int, number: int, own: float, day: date, minutes: int, session: object) -> Visit | Absence:
    """What participant ``number`` does about a session of so many ``minutes``; ``session`` tells those of a day apart.

    Who misses one session of a day mostly misses all of them."""
    monday = date.fromordinal(day.toordinal() - day.weekday())
    whole_day, this = draw(seed, "day", number, day), draw(seed, "session", number, day, session)
    if whole_day.random() >= chance_of_absence(own, day, weather(seed, monday)):
        kiosk = draw(seed, "kiosk", number).random() < p.USES_KIOSK
        return _visit(this, minutes, kiosk)
    if whole_day.random() < p.CALLS_OFF:
        return Absence(whole_day.randint(1, 4), None, None)
    fate = whole_day.random()
    after = _days_later(whole_day)
    excused = after if fate < p.EXCUSED_LATER else None
    corrected = after if p.EXCUSED_LATER <= fate < p.EXCUSED_LATER + p.CORRECTED_LATER else None
    return Absence(0, excused, corrected)


def _days_later(random: Random) -> int:
    """Mostly soon."""
    return random.randint(*(p.LATE_PAPERS_DAYS if random.random() < p.LATE_PAPERS else p.LATER_DAYS))


def _visit(random: Random, minutes: int, kiosk: bool) -> Visit:
    late = random.randint(*p.LATE_MINUTES) if random.random() < p.LATE else random.randint(-8, 3)
    early = random.randint(*p.EARLY_MINUTES) if random.random() < p.LEAVES_EARLY else random.randint(-5, 0)
    late, early = min(late, minutes // 2), min(early, minutes // 3)
    out = _stepped_out(random, max(late, 0) + 5, minutes - early - 20)
    in_time = out is None and late <= 0 and early <= 0
    by_call = in_time and random.random() < p.COMES_BY_CALL
    lost = random.randint(5, max(5, minutes - 15))
    breaks = (lost, lost + random.randint(-1, 4)) if random.random() < p.CALL_BREAKS and in_time else None
    unseen = None
    if in_time and not by_call and random.random() < p.LEFT_UNSEEN:
        unseen = min(60, minutes // 2), _days_later(random)
    # The kiosk takes the time at which it is used: who is late or leaves early is written down by the desk.
    return Visit(late, early, out, kiosk and in_time and not by_call, by_call, breaks, unseen)


def _stepped_out(random: Random, least: int, most: int) -> tuple[int, int] | None:
    if random.random() >= p.STEPS_OUT or most < least:
        return None
    left = random.randint(least, most)
    return left, left + random.randint(5, 15)
