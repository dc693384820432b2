"""When somebody cannot come, or a room cannot be used: work, school, children; leave; repairs. Times are local."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from services.cli.simulator.model import parameters as p
from services.cli.simulator.model.drawing import chosen, draw


@dataclass(frozen=True)
class Weekly:
    """Each week on ``day`` they are not available from ``starts_at`` until ``ends_at``."""

    day: str
    starts_at: time
    ends_at: time
    reason: str

    def body(self) -> dict[str, Any]:
        """As it is stated."""
        return {
            "available": False,
            "days": [self.day],
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "reason": self.reason,
        }

    def bars(self, day: str, starts_at: time, minutes: int) -> bool:
        """Whether it lies in the way of so many minutes on a weekday."""
        begins = starts_at.hour * 60 + starts_at.minute
        of, until = (one.hour * 60 + one.minute for one in (self.starts_at, self.ends_at))
        return self.day == day and begins < until and of < begins + minutes


@dataclass(frozen=True)
class OneOff:
    """From day ``first`` through ``last``; it is said ``ahead`` days before."""

    first: date
    last: date
    ahead: int
    reason: str

    @property
    def told(self) -> date:
        """The day in whose evening it is said."""
        return self.first - timedelta(days=self.ahead)

    def body(self) -> dict[str, Any]:
        """As it is stated."""
        through = {"from": self.first.isoformat(), "through": self.last.isoformat()}
        return {"available": False, **through, "reason": self.reason}


def duties(seed: int, number: int, begins: time) -> tuple[Weekly, ...]:
    """What participant ``number`` has to do each week, on one of the days between the groups; ``begins``: when their
    track's day does."""
    random = draw(seed, "duties", number)
    if random.random() >= p.HAS_DUTIES:
        return ()
    hour = min(begins.hour + random.choice((0, 1, 2, 3)), 21)
    reason = chosen(random, p.DUTIES)
    return (Weekly(random.choice(("TU", "TH")), time(hour), time(hour + 2), reason),)


def away(seed: int, number: int, day: date) -> OneOff | None:
    """What participant ``number`` says in the evening of ``day`` of days on which they will be away."""
    random = draw(seed, "away", number, day)
    if random.random() >= p.AWAY / 5:  # on five evenings a week
        return None
    return _from(random.randint(3, 10), random.choice((1, 1, 1, 2, 4)), day, chosen(random, p.AWAY_FOR))


def leave(seed: int, group: str, leader: str, day: date) -> OneOff | None:
    """The days on which a member of staff will be on leave, as they say in the evening of ``day``."""
    random = draw(seed, "leave", group, leader, day)
    if random.random() >= p.LEAVE / 5:
        return None
    return _from(random.randint(4, 14), random.choice((1, 1, 2, 5)), day, chosen(random, p.LEAVE_FOR))


def repair(seed: int, room: str, day: date) -> OneOff | None:
    """The day on which a room cannot be used, as it is known in the evening of ``day``."""
    random = draw(seed, "repair", room, day)
    return _from(random.randint(1, 6), 1, day, "repair") if random.random() < p.ROOM_REPAIRED / 5 else None


def _from(ahead: int, days: int, day: date, reason: str) -> OneOff:
    first = day + timedelta(days=ahead)
    return OneOff(first, first + timedelta(days=days - 1), ahead, reason)
