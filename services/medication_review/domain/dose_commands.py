"""What is told of observed doses, and that a day of theirs is over."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class OrderDoses:
    """Observed on these weekdays, taken at home on those. ``starts_on`` None: today, in the program's local time."""

    episode_id: UUID
    medication: str
    days: tuple[str, ...]
    take_home_days: tuple[str, ...] = ()
    dose: str | None = None
    starts_on: date | None = None


@dataclass(frozen=True)
class EndDoseOrder:
    """From ``ended_on`` on, None for today, it holds no more."""

    episode_id: UUID
    order_id: UUID
    ended_on: date | None = None


@dataclass(frozen=True)
class RecordDose:
    """What came of a day's dose; ``on`` None: today's."""

    episode_id: UUID
    outcome: str
    on: date | None = None
    reason: str | None = None
    override_reason: str | None = None


@dataclass(frozen=True)
class CloseDoseDay:
    episode_id: UUID
