"""Comings and goings: every way in which somebody is present, and the minutes that they make together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Way = Literal["staff", "kiosk", "telehealth"]
"""Who says so: staff at the roster, the participant's own code, or the call's join and leave."""

Modality = Literal["in_person", "telehealth"]


@dataclass(frozen=True)
class Visit:
    """One stay in the room or the call; ``until`` is None while they are in."""

    since: datetime
    until: datetime | None
    way: Way = "staff"
    modality: Modality = "in_person"
    connection: str | None = None
    """Which device is in the call; None for who came through the door."""

    @property
    def open(self) -> bool:
        return self.until is None


@dataclass(frozen=True)
class Stay:
    """One coming and going as staff correct it; ``modality`` None: as the correction says of all, or the session is
    held."""

    checked_in_at: datetime
    checked_out_at: datetime
    modality: Modality | None = None


@dataclass(frozen=True)
class Presence:
    """Whole minutes within a session's time, and how many of them were in the call only."""

    minutes: int
    telehealth_minutes: int


def presence(
    visits: Iterable[Visit], starts_at: datetime, ends_at: datetime, *, open_until: datetime | None
) -> Presence:
    """The minutes of all visits together, over all ways, overlaps counted once, rounded down once. Who was in the room
    and in the call at once was in the room. ``open_until``: when a visit without an end is taken to end; None: it is
    worth nothing."""
    visits = tuple(visits)
    total = _union(visits, starts_at, ends_at, open_until)
    in_room = _union((one for one in visits if one.modality == "in_person"), starts_at, ends_at, open_until)
    return Presence(total, total - in_room)


def _union(visits: Iterable[Visit], starts_at: datetime, ends_at: datetime, open_until: datetime | None) -> int:
    total = timedelta()
    counted_until = starts_at
    for visit in sorted(visits, key=lambda visit: visit.since):
        until = visit.until or open_until
        if until is None:
            continue
        since = max(visit.since, counted_until)
        until = min(until, ends_at)
        if until > since:
            total += until - since
            counted_until = until
    return total // timedelta(minutes=1)


def came_at(visits: Iterable[Visit]) -> datetime:
    """When they came first, whichever way. Raises ``ValueError`` where nobody came."""
    return min(visit.since for visit in visits)


def left_at(visits: Iterable[Visit]) -> datetime | None:
    """When they left last; None while any visit is open."""
    ends = [visit.until for visit in visits]
    return None if None in ends else max(end for end in ends if end is not None)


def modality_attended(held: str, minutes: int, telehealth_minutes: int) -> str:
    """How a session that is ``held`` in some modality was attended: in the call only, or not."""
    if minutes == 0:
        return held
    return "telehealth" if telehealth_minutes == minutes else "in_person"


def in_the_call(modality: str, minutes: int, telehealth_minutes: int | None) -> int:
    """Minutes in the call only; None, as it was recorded once: all or none, by the session's modality."""
    if telehealth_minutes is not None:
        return telehealth_minutes
    return minutes if modality == "telehealth" else 0


def attended(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Minutes and modality of a stored outcome, as they are shown and told."""
    minutes, held = outcome["minutes"], outcome["seat"]["modality"]
    in_call = in_the_call(held, minutes, outcome.get("telehealth_minutes"))
    how = modality_attended(held, minutes, in_call)
    return {"minutes": minutes, "telehealth_minutes": in_call, "modality": how}
