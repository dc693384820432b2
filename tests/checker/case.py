"""All that checks share, worked out once."""

from collections import defaultdict
from datetime import date
from functools import cached_property
from itertools import pairwise

from tests.checker import episodes, outcomes, timetable
from tests.checker.episodes import DAY, Episode
from tests.checker.outcomes import Outcome
from tests.checker.packs import Packs
from tests.checker.reading import Event, Told
from tests.checker.timetable import Booking, Timetable


class Case:
    """What was told and the packs, and what is worked out from them."""

    def __init__(self, told: Told, packs: Packs) -> None:
        self.told, self.packs = told, packs

    @cached_property
    def episodes(self) -> dict[str, Episode]:
        return episodes.episodes(self.told)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """By booking; none where its session was moved since to a time for which nothing was told yet."""
        bookings, told = self.timetable.bookings, outcomes.outcomes(self.told)
        return {
            id_: one for id_, one in told.items() if id_ not in bookings or bookings[id_].starts_at == one.starts_at
        }

    @cached_property
    def told_of_week(self) -> dict[tuple[str, date], list[Event]]:
        return outcomes.told_of_week(self.told)

    @cached_property
    def by_day(self) -> dict[tuple[str, date], list[Outcome]]:
        return outcomes.by_day(self.outcomes.values())

    @cached_property
    def timetable(self) -> Timetable:
        return timetable.timetable(self.told)

    @cached_property
    def outcomes_of(self) -> dict[str, list[Outcome]]:
        """Episode → what came of its bookings."""
        grouped: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in self.outcomes.values():
            grouped[outcome.episode_id].append(outcome)
        return grouped

    @cached_property
    def bookings_of(self) -> dict[str, list[Booking]]:
        """Episode → its bookings, those given back among them."""
        grouped: dict[str, list[Booking]] = defaultdict(list)
        for booking in self.timetable.bookings.values():
            grouped[booking.episode_id].append(booking)
        return grouped

    @cached_property
    def bookings_by_day(self) -> dict[tuple[str, date], list[Booking]]:
        """(Episode, local day) → its bookings, those given back among them."""
        grouped: dict[tuple[str, date], list[Booking]] = defaultdict(list)
        for booking in self.timetable.bookings.values():
            grouped[booking.episode_id, self.timetable.sessions[booking.session_id].day].append(booking)
        return grouped

    @cached_property
    def aliases(self) -> dict[str, str]:
        return episodes.aliases(self.told)

    @cached_property
    def episodes_of(self) -> dict[str, list[Episode]]:
        """Participant id that stands for a person → the episodes under all their ids, in order of admission."""
        grouped: dict[str, list[Episode]] = defaultdict(list)
        for episode in sorted(self.episodes.values(), key=lambda one: (one.admitted_at, one.id)):
            grouped[episodes.root(episode.participant_id, self.aliases)].append(episode)
        return grouped

    def others_before(self, episode: Episode) -> list[Episode]:
        """The person's episodes that were admitted before this one."""
        same = self.episodes_of[episodes.root(episode.participant_id, self.aliases)]
        return same[: same.index(episode)]

    def is_settled(self, episode_id: str, day: date) -> bool:
        """Whether every booking of the day has its outcome."""
        return all(one.id in self.outcomes for one in self.bookings_by_day.get((episode_id, day), ()))

    def is_served(self, episode: Episode, day: date) -> bool:
        """Whether there was service on a local day: a minute that counts towards a day, by the packs in force on it."""
        rules = episode.rules_on(day, self.packs)
        return any(one.counts(rules, "day.counted_components") for one in self.by_day.get((episode.id, day), ()))

    def gap_before(self, episode: Episode, day: date) -> int:
        """Consecutive days of the episode without service before ``day``, from the last of service or the admission."""
        gap = 0
        for one in reversed(self._days(episode, day - DAY)):
            if self.is_served(episode, one):
                break
            gap += 1
        return gap

    def _days(self, episode: Episode, last: date) -> list[date]:
        """Those that belong to the episode, and those on which somebody suspended was served all the same."""
        span = (episode.first_day + number * DAY for number in range((last - episode.first_day).days + 1))
        return [day for day in span if episode.contains(day) or self.is_served(episode, day)]

    def longest_gap(self, episode: Episode, monday: date) -> int:
        """The longest run of days of the episode without service that reaches into the week."""
        days = self._days(episode, monday + 6 * DAY)
        served = [-1, *(number for number, day in enumerate(days) if self.is_served(episode, day)), len(days)]
        runs = [(after - before - 1, after - 1) for before, after in pairwise(served)]
        return max((length for length, last in runs if length and days[last] >= monday), default=0)
