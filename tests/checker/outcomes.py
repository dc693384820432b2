"""What came of each booking, as attendance told it last; and what of it counts, by the packs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tests.checker.episodes import monday_of
from tests.checker.packs import InForce
from tests.checker.reading import Event, Told, instant

TOLD = ("attendance.attendance_recorded", "attendance.attendance_corrected")

ATTENDED = frozenset(("present", "late", "left_early"))
"""Statuses whose minutes count: who comes too late is a no-show whose minutes are kept and do not count."""


@dataclass(frozen=True)
class Outcome:
    """``first``: where it was told first; ``event``: where it was told last."""

    booking_id: str
    episode_id: str
    component: str
    day: date
    starts_at: datetime
    status: str
    minutes: int
    telehealth_minutes: int
    first: Event
    event: Event

    @property
    def attended(self) -> bool:
        return self.status in ATTENDED

    @property
    def is_service(self) -> bool:
        """Attended for a minute at least."""
        return self.attended and self.minutes > 0

    def counts(self, rules: InForce, key: str) -> int:
        """Minutes that count: of the components that ``key`` names, in the room where telehealth counts for nothing."""
        if not self.attended or self.component not in rules.value(key, frozenset((self.component,))):
            return 0
        return self.minutes if rules.value("telehealth.counts", True) else self.minutes - self.telehealth_minutes


def outcomes(told: Told) -> dict[str, Outcome]:
    """By booking."""
    return standing(told.of(*TOLD))


def told_of_week(told: Told) -> dict[tuple[str, date], list[Event]]:
    """(Episode, Monday) → what was told of its bookings, in order."""
    grouped: dict[tuple[str, date], list[Event]] = defaultdict(list)
    for event in told.of(*TOLD):
        monday = monday_of(date.fromisoformat(event.data["local_date"]))
        grouped[event.data["episode_id"], monday].append(event)
    return grouped


def standing(events: Iterable[Event]) -> dict[str, Outcome]:
    """What came of each booking after these."""
    found: dict[str, Outcome] = {}
    for event in events:
        data = event.data
        telehealth = data.get("telehealth_minutes")
        if telehealth is None:  # as it was told once: all or none, by the modality
            telehealth = data["minutes"] if data["modality"] == "telehealth" else 0
        known = found.get(data["booking_id"])
        found[data["booking_id"]] = Outcome(
            data["booking_id"],
            data["episode_id"],
            data["component"],
            date.fromisoformat(data["local_date"]),
            instant(data["starts_at"]),
            data["status"],
            data["minutes"],
            telehealth,
            known.first if known else event,
            event,
        )
    return found


def by_day(found: Iterable[Outcome]) -> dict[tuple[str, date], list[Outcome]]:
    """(Episode, local day) → what came of its bookings."""
    grouped: dict[tuple[str, date], list[Outcome]] = defaultdict(list)
    for outcome in found:
        grouped[outcome.episode_id, outcome.day].append(outcome)
    return grouped
