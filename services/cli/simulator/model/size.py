"""How large a program must be for so many participants in so many weeks: rate of referrals, places, tracks, groups."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.timetable import KINDS


@dataclass(frozen=True)
class Track:
    """A track of a kind (an index of ``KINDS``); ``groups``: the places of each of its groups."""

    kind: int
    groups: tuple[int, ...]

    @property
    def places(self) -> int:
        """The census limit."""
        return sum(self.groups)


@dataclass(frozen=True)
class Size:
    """``opening``: those referred before the first week; the others arrive over the weeks."""

    participants: int
    weeks: int
    opening: int
    tracks: tuple[Track, ...]

    @property
    def places(self) -> int:
        """Places on all tracks."""
        return sum(track.places for track in self.tracks)


def size_of(participants: int, weeks: int) -> Size:
    """A program in which ``participants`` people are referred in all, and which runs evenly from the first week on:
    whoever would be in treatment already is referred before it.

    By Little's law a rate of r referrals a week at a mean stay of s weeks keeps r·s people in treatment, so that
    participants = r·s + r·weeks.
    """
    stay = sum(kind.share * kind.stay_weeks for kind in KINDS)
    rate = participants / (stay + weeks)
    demand = rate * stay
    places = max(1, round(demand * p.PLACES_PER_DEMAND))
    return Size(participants, weeks, max(1, round(demand)), tuple(_tracks(places)))


def _tracks(places: int) -> Iterator[Track]:
    """The places over the kinds by their shares: as many kinds as there are places for."""
    count = min(len(KINDS), max(1, places // p.LEAST_PLACES_PER_TRACK))
    shares = [kind.share for kind in KINDS[:count]]
    given = 0
    for number, upto in enumerate(_running(shares)):
        mine = round(places * upto / sum(shares)) - given
        given += mine
        groups = math.ceil(mine / p.GROUP_SEATS)
        yield Track(number, tuple(mine // groups + (one < mine % groups) for one in range(groups)))


def _running(shares: list[float]) -> Iterator[float]:
    total = 0.0
    for share in shares:
        total += share
        yield total
