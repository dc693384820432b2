"""All that checks share, worked out once."""

from functools import cached_property
from itertools import pairwise

from tests.checker import episodes, outcomes, timetable
from tests.checker.episodes import DAY, Episode
from tests.checker.outcomes import Outcome
from tests.checker.packs import Packs
from tests.checker.reading import Told
from tests.checker.timetable import Timetable


class Case:
    """What was told and the packs, and what is worked out from them."""

    def __init__(self, told: Told, packs: Packs) -> None:
        self.told, self.packs = told, packs

    @cached_property
    def episodes(self) -> dict[str, Episode]:
        return episodes.episodes(self.told)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        return outcomes.outcomes(self.told)

    @cached_property
    def by_day(self) -> "dict[tuple[str, episodes.date], list[Outcome]]":
        return outcomes.by_day(self.outcomes.values())

    @cached_property
    def timetable(self) -> Timetable:
        return timetable.timetable(self.told)

    def is_served(self, episode: Episode, day: "episodes.date") -> bool:
        """Whether there was service on a local day: a minute that counts towards a day, by the packs in force on it."""
        rules = episode.rules_on(day, self.packs)
        return any(one.counts(rules, "day.counted_components") for one in self.by_day.get((episode.id, day), ()))

    def gap_before(self, episode: Episode, day: "episodes.date") -> int:
        """Consecutive days of the episode without service before ``day``, from the last of service or the admission."""
        gap = 0
        for one in reversed(episode.days(episode.first_day, day - DAY)):
            if self.is_served(episode, one):
                break
            gap += 1
        return gap

    def longest_gap(self, episode: Episode, monday: "episodes.date") -> int:
        """The longest run of days of the episode without service that reaches into the week."""
        days = episode.days(episode.first_day, monday + 6 * DAY)
        served = [-1, *(number for number, day in enumerate(days) if self.is_served(episode, day)), len(days)]
        runs = [(after - before - 1, after - 1) for before, after in pairwise(served)]
        return max((length for length, last in runs if length and days[last] >= monday), default=0)
