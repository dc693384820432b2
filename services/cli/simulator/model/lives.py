"""How it goes with each participant, whatever the program does: when they come, how long they stay, what happens."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw, weeks_until, within
from services.cli.simulator.model.medications import AT_REFERRAL, Medication
from services.cli.simulator.model.size import Size
from services.cli.simulator.model.timetable import KINDS
from services.cli.simulator.people import Person, people

OPENING_DAY = -4
"""Thursday before the first Monday: those who are there from the beginning are referred."""


@dataclass(frozen=True)
class HospitalStay:
    """From ``begins`` on for ``days`` (days count from the first Monday, with fractions). ``cancelled``: it never was
    (A11 a day later). ``again``: its end is cancelled (A13), and it ends so many days later."""

    begins: float
    days: float
    cancelled: bool
    again: float | None


@dataclass(frozen=True)
class Life:
    """A participant. ``number`` counts from 0; ``referred`` is a day from the first Monday; weeks count from admission.

    ``drops_out``, ``transfers``: after so many weeks; infinite where it does not happen. ``returns``: weeks after the
    discharge; None where they do not come back. ``gives_up``: weeks of waiting after which they wait no more.
    """

    number: int
    person: Person
    track: int
    referred: int
    way: str
    urgent: bool
    problem: tuple[str, str]
    medications: tuple[Medication, ...]
    stay_weeks: float
    drops_out: float
    says_goodbye: bool
    transfers: float
    returns: float | None
    gives_up: float
    absence: float
    course: str
    stays: tuple[HospitalStay, ...]


def lives(seed: int, size: Size) -> tuple[Life, ...]:
    """All of them in the order of their referral."""
    persons = people(draw(seed, "people"), size.participants)
    days = [OPENING_DAY] * size.opening + _arrivals(draw(seed, "arrivals"), size)
    return tuple(_life(seed, size, number, *one) for number, one in enumerate(zip(persons, days, strict=True)))


def _arrivals(random: Random, size: Size) -> list[int]:
    """Weekdays, evenly at random: what a Poisson process gives once the number of its events is known."""
    weekdays = [week * 7 + day for week in range(size.weeks) for day in range(5)]
    return sorted(random.choice(weekdays) for _ in range(size.participants - size.opening))


def _life(seed: int, size: Size, number: int, person: Person, referred: int) -> Life:
    random = draw(seed, "life", number)
    shares = {index: KINDS[track.kind].share for index, track in enumerate(size.tracks)}
    track = chosen(random, shares)
    kind = KINDS[size.tracks[track].kind]
    stay = max(p.SHORTEST_STAY_WEEKS, random.gauss(kind.stay_weeks, kind.stay_weeks * p.STAY_SPREAD))
    if referred == OPENING_DAY:
        # They are somewhere in their course when the simulation begins.
        stay *= random.uniform(0.1, 1.0)
    early = weeks_until(random, p.DROP_OUT_EARLY)
    later = p.EARLY_WEEKS + weeks_until(random, p.DROP_OUT_LATER)
    return Life(
        number=number,
        person=person,
        track=track,
        referred=referred,
        way=chosen(random, p.WAYS_OF_REFERRAL),
        urgent=random.random() < p.URGENT_REFERRALS,
        problem=random.choice(kind.problems),
        medications=random.choice(AT_REFERRAL),
        stay_weeks=stay,
        drops_out=early if early < p.EARLY_WEEKS else later,
        says_goodbye=random.random() < p.SAYS_GOODBYE,
        transfers=weeks_until(random, p.TRANSFERS) if len(size.tracks) > 1 else math.inf,
        returns=random.uniform(*p.RETURNS_AFTER_WEEKS) if random.random() < p.RETURNS else None,
        gives_up=weeks_until(random, p.GIVES_UP_WAITING),
        absence=within(p.ABSENCE * math.exp(random.gauss(0, p.ABSENCE_SPREAD)), 0.01, 0.5),
        course=chosen(random, p.COURSES),
        stays=tuple(_stays(draw(seed, "stays", number), referred)),
    )


def _stays(random: Random, referred: int) -> Iterator[HospitalStay]:
    """One after the other, while somebody watches."""
    at, through = float(max(referred, 0)), referred + 7 * p.WATCHED_WEEKS
    while (at := at + 7 * weeks_until(random, p.HOSPITALIZED)) < through:
        days = random.uniform(*p.STAY_IN_HOSPITAL_DAYS)
        cancelled = random.random() < p.ADMISSION_CANCELLED
        again = random.uniform(1.5, 4.0) if not cancelled and random.random() < p.DISCHARGE_CANCELLED else None
        yield HospitalStay(at, days, cancelled, again)
        at += days + (again or 0.0)
