"""Which authorization covers which billable day: worked out from all authorizations and all days together.

Payer practice: an authorization has dates, units or days, and a frequency; each billable day consumes a unit. Days are
served in order of date, each by the authorization that ends first; so the same facts give the same cover, whichever
came first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

PENDING, ACTIVE, DENIED, CANCELLED = "pending", "active", "denied", "cancelled"
STATUSES = (PENDING, ACTIVE, DENIED, CANCELLED)
"""What the payer says of an authorization; only an active one covers days."""
RUNNING_LOW, EXHAUSTED, EXPIRED = "running_low", "exhausted", "expired"


@dataclass(frozen=True)
class Authorized:
    """``units``: billable days that it pays for, at most ``days_per_week`` of them from Monday to Sunday.
    ``warn_units``: units left at which to warn."""

    authorization_id: UUID
    from_date: date
    through_date: date
    units: int
    status: str
    days_per_week: int | None = None
    warn_units: int | None = None
    level_of_care: str | None = None

    def allows(self, day: date, level_of_care: str | None) -> bool:
        """Whether the day falls into it; a level that is not named, or not known, is no bar."""
        level = None in (self.level_of_care, level_of_care) or self.level_of_care == level_of_care
        return level and self.from_date <= day <= self.through_date


def level_on(levels: Mapping[date, str], day: date) -> str | None:
    """The level of care on a day: ``levels`` says from which day on which one holds."""
    since = max((one for one in levels if one <= day), default=None)
    return None if since is None else levels[since]


def cover(
    authorized: Iterable[Authorized], days: Iterable[date], levels: Mapping[date, str] | None = None
) -> dict[date, UUID | None]:
    """Each billable day → the authorization that pays for it, or None where none does."""
    by_end = sorted(
        (one for one in authorized if one.status == ACTIVE),
        key=lambda one: (one.through_date, one.from_date, one.authorization_id),
    )
    used: Counter[UUID] = Counter()
    in_week: Counter[tuple[UUID, date]] = Counter()
    found: dict[date, UUID | None] = {}
    for day in sorted(set(days)):
        monday = day - timedelta(days=day.weekday())
        found[day] = None
        level = level_on(levels or {}, day)
        for one in by_end:
            id_ = one.authorization_id
            if not one.allows(day, level) or used[id_] >= one.units:
                continue
            if one.days_per_week is None or in_week[id_, monday] < one.days_per_week:
                used[id_] += 1
                in_week[id_, monday] += 1
                found[day] = id_
                break
    return found


def units_left(authorized: Iterable[Authorized], covered: Mapping[date, UUID | None]) -> dict[UUID, int]:
    """Authorization → units that no day has consumed."""
    used = Counter(covered.values())
    return {one.authorization_id: one.units - used[one.authorization_id] for one in authorized}


def state(one: Authorized, left: int, *, expired: bool) -> str:
    """Where an authorization stands: what the payer says of it, or what its units and its end make of it."""
    if one.status != ACTIVE:
        return one.status
    if left <= 0:
        return EXHAUSTED
    if expired:
        return EXPIRED
    return RUNNING_LOW if one.warn_units is not None and left <= one.warn_units else ACTIVE
