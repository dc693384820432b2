"""Authorization units: which billable day consumes a unit of which authorization, and who is warned before the last.

Source: payer practice (domain.md): number, dates, units, frequency, level of care, status; each billable day consumes a
unit; warn before the last. Days are served in order of date, each by the authorization that ends first
(enrollment's README, "Units").
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.checker.case import Case
from tests.checker.episodes import Episode, monday_of
from tests.checker.finding import Finding
from tests.checker.reading import Event

WARNED, EXHAUSTED = "enrollment.authorization_running_low.v1", "enrollment.authorization_exhausted.v1"


@dataclass(frozen=True)
class Authorization:
    """As it was told last."""

    id: str
    units: int
    first: date
    last: date
    status: str
    days_per_week: int | None
    level_of_care: str | None

    def allows(self, day: date, level: str) -> bool:
        """An active one of that time and level; a level that is not named is no bar."""
        return self.status == "active" and self.first <= day <= self.last and self.level_of_care in (None, level)


def units(case: Case) -> Finding:
    """Each time the billable days leave as few units of an authorization as the packs warn at, or none, it is told once
    that it runs low, or is exhausted; and not otherwise."""
    finding = Finding("authorization units", "authorizations")
    for episode_id, events in _by_episode(case).items():
        episode = case.episodes.get(episode_id)
        if episode is None:
            continue
        history = _History(case, episode)
        for event in events:
            history.take(event)
        for authorization_id, told in history.told.items():
            finding.judged += 1
            subject = f"authorization {authorization_id}"
            for what, type_ in (("running low", WARNED), ("exhausted", EXHAUSTED)):
                expected = history.reached[authorization_id][type_]
                finding.compare(f"{what}: {subject}", expected, told[type_], history.of(authorization_id))
    return finding


class _History:
    """Replays what an episode's authorizations and billable days came to, in the order in which they were written: days
    are told by another service, and when enrollment heard of one is not."""

    def __init__(self, case: Case, episode: Episode) -> None:
        self.case, self.episode = case, episode
        self.authorizations: dict[str, Authorization] = {}
        self.days: dict[date, tuple[int, bool]] = {}
        self.state: dict[str, str | None] = {}
        self.reached: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.told: dict[str, dict[str, int]] = {}
        self.events: list[Event] = []

    def of(self, authorization_id: str) -> list[Event]:
        """What its units are derived from."""
        return [one for one in self.events if one.data.get("authorization_id") in (None, authorization_id)]

    def take(self, event: Event) -> None:
        data: Any = event.data
        self.events.append(event)
        if event.type in (WARNED, EXHAUSTED):
            self.told[data["authorization_id"]][event.type] += 1
            return
        if "revision" in data:
            day = date.fromisoformat(data["date"])
            if data["revision"] > self.days.get(day, (0, False))[0]:
                self.days[day] = data["revision"], data["billable"]
        else:
            self.told.setdefault(data["authorization_id"], defaultdict(int))
            self.authorizations[data["authorization_id"]] = Authorization(
                data["authorization_id"],
                data["units"],
                date.fromisoformat(data["from_date"]),
                date.fromisoformat(data["through_date"]),
                data["status"],
                data.get("days_per_week"),
                data.get("level_of_care"),
            )
        self._weigh(event)

    def _weigh(self, event: Event) -> None:
        rules = self.episode.rules_at(event.happened_at, self.case.packs)
        warn, left = rules.value("authorization.warn_units", -1), self._left()
        for authorization in self.authorizations.values():
            now = None
            if authorization.status == "active":
                few = left[authorization.id] <= warn
                now = EXHAUSTED if left[authorization.id] <= 0 else WARNED if few else None
            if now is not None and now != self.state.get(authorization.id):
                self.reached[authorization.id][now] += 1
            self.state[authorization.id] = now

    def _left(self) -> dict[str, int]:
        left = {one.id: one.units for one in self.authorizations.values()}
        weeks: dict[tuple[str, date], int] = defaultdict(int)
        for day in sorted(day for day, (_, billable) in self.days.items() if billable):
            level = self.episode.stay_on(day).event.data["level_of_care"]
            fitting = [one for one in self.authorizations.values() if one.allows(day, level) and left[one.id] > 0]
            for one in sorted(fitting, key=lambda one: (one.last, one.first, one.id)):
                if one.days_per_week is None or weeks[one.id, monday_of(day)] < one.days_per_week:
                    left[one.id] -= 1
                    weeks[one.id, monday_of(day)] += 1
                    break
        return left


def _by_episode(case: Case) -> dict[str, list[Event]]:
    told: dict[str, list[Event]] = defaultdict(list)
    for event in case.told.of(
        "enrollment.authorization_recorded",
        "attendance.billable_day_determined",
        "enrollment.authorization_running_low",
        "enrollment.authorization_exhausted",
    ):
        told[event.data["episode_id"]].append(event)
    return told
