"""What people state about when participants, facilitators and rooms can be had."""

from dataclasses import dataclass
from uuid import UUID

from services.scheduling.domain.available_times import Window


@dataclass(frozen=True)
class StateAvailability:
    """All of it anew; with nothing in it whoever it is about can always be had. ``reasons``: a code or none for each
    window, personal."""

    kind: str
    resource_id: UUID
    time_zone: str
    windows: tuple[Window, ...]
    reasons: tuple[str | None, ...]


@dataclass(frozen=True)
class SettleConflict:
    """What lies outside stays, or was seen to otherwise; ``outcome`` is a code."""

    kind: str
    resource_id: UUID
    claim_id: UUID
    outcome: str
