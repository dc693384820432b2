"""What attendance keeps of an episode of care: plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Suspension:
    """From ``since`` until ``until``, which is None while it lasts. ``cancelled``: it never was."""

    since: datetime
    until: datetime | None = None
    cancelled: bool = False

    def covers(self, instant: datetime) -> bool:
        return not self.cancelled and self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class JudgedBy:
    """Which rule packs judge an episode, and as whose."""

    packs: tuple[str, ...] = ()
    age_group: str = "adult"

    def together_with(self, other: "JudgedBy") -> "JudgedBy":
        """Both sets of packs, so that the strictest of all decides; the age group is the later one's."""
        return JudgedBy(tuple(dict.fromkeys((*self.packs, *other.packs))), other.age_group)


@dataclass(frozen=True)
class Absence:
    """A session missed; ``unexcused`` where it is a no-show."""

    starts_at: datetime
    unexcused: bool


@dataclass(frozen=True)
class Placement:
    """The track in which an episode goes on from a local day, and what judges it there."""

    since: date
    time_zone: str
    judged_by: JudgedBy
    track_id: UUID | None = None
    components: tuple[str, ...] = ()
    """Those in the plan of care."""


@dataclass(frozen=True)
class AttendedSession:
    """A session attended. ``serves``: with minutes that make its day a day of service."""

    starts_at: datetime
    local_date: date
    late: bool
    serves: bool
