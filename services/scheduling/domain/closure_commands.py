"""What can be asked about days on which the program is closed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class CloseDays:
    """Local days, both included; of one track, or of the whole program. ``reason``: a code such as public_holiday."""

    closure_id: UUID | None
    track_id: UUID | None
    from_date: date
    through: date
    reason: str


@dataclass(frozen=True)
class ReopenDays:
    closure_id: UUID


@dataclass(frozen=True)
class CancelClosedSession:
    """By scheduling itself, for each session that a closure found."""

    session_id: UUID
    closure_id: UUID
